#pragma once
// "did you mean": the known name that a mistyped one is closest to.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage::options {

/// The least number of edits between two names: a character inserted, dropped or changed, two neighbours swapped
/// (optimal string alignment). Case and '-' against '_' count nothing.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name at the least distance, if that is small for its length;
/// else one that starts with `text`; else "".
std::string nearest(std::string_view text, const std::vector<std::string>& known);

/// "did you mean 'x'?", else "LABEL: a, b, c" (cut after 12), else `otherwise`.
std::string suggest(std::string_view text, const std::vector<std::string>& known, std::string_view label,
                    std::string_view otherwise);

}  // namespace triage::options
