#pragma once
// What a request's difficulty is judged by, before any model has been asked.

#include "features/feature.hpp"
#include "features/ngrams.hpp"
#include "triage/chat_view.hpp"

#include <array>
#include <cstddef>

namespace triage::features {

inline constexpr std::size_t difficulty_count = 57;

struct Difficulty {
  std::array<float, difficulty_count> dense{};  ///< as difficulty_table() says; always finite
  Ngrams ngrams;
};

/// Computes both from the last user turn of `request`: all of it, or the first and last 4 KiB. Linear. A request
/// without a user turn has the numbers of an empty text. `out` is overwritten.
void read_difficulty(const ChatView& request, Difficulty& out);

}  // namespace triage::features
