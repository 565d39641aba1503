#pragma once
// Whether an answer goes round in circles, as models do that have lost the thread.

#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

/// It ends with the same piece of at least 4 bytes, letters among them, five times over and in 240 bytes or more; or
/// more than half of its runs of eight words stood in it before. Linear; of a long text the first and the last 32 KiB
/// are looked at.
std::optional<std::string> find_repetition(std::string_view text);

}  // namespace triage::verify
