#pragma once
// Whether an answer repeats itself endlessly, as a model does that has lost the thread.

#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

/// The fault if the text ends with the same piece of at least 4 bytes, some of them letters, five times over and in 240
/// bytes or more; or if more than half of its runs of eight words occurred before. Linear; of a long text, the first
/// and last 32 KiB are examined.
std::optional<std::string> find_repetition(std::string_view text);

}  // namespace triage::verify
