#pragma once
// "did you mean": finds the known name closest to a mistyped one.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage::options {

/// The smallest number of edits between two names: a character inserted, dropped or changed, two neighbours swapped
/// (optimal string alignment). Case is ignored, and '-' equals '_'.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name at the smallest edit distance, if that is small for its length; else one that starts with `text`;
/// else "".
std::string nearest(std::string_view text, const std::vector<std::string>& known);

/// "did you mean 'x'?", else "LABEL: a, b, c" (at most 12), else `otherwise`.
std::string suggest(std::string_view text, const std::vector<std::string>& known, std::string_view label,
                    std::string_view otherwise);

}  // namespace triage::options
