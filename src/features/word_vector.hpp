#pragma once
// A text as a vector of its words, for telling near-copies of a text from others. It knows nothing of meaning.

#include <cstddef>
#include <string_view>
#include <vector>

namespace triage::features {

inline constexpr std::size_t word_vector_size = 384;

/// Counts words, numbers by their shape, and pairs of these within a line, each hashed to one place with a sign
/// (Weinberger et al. 2009, "Feature hashing for large scale multitask learning"). All zeros if there are none. The
/// first and last 4 KiB of a longer text count.
std::vector<float> word_vector(std::string_view text);

}  // namespace triage::features
