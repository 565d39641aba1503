#pragma once
// "did you mean": finds the known name closest to a mistyped one.

#include <string>
#include <string_view>
#include <vector>

namespace triage::options {

/// The known name at the smallest edit distance (insert, drop, change, swap neighbours), if that is small for its
/// length; else one that starts with `text`; else "".
std::string nearest(std::string_view text, const std::vector<std::string>& known);

/// "did you mean 'x'?", else "LABEL: a, b, c" (at most 12), else `otherwise`.
std::string suggest(std::string_view text, const std::vector<std::string>& known, std::string_view label,
                    std::string_view otherwise);

}  // namespace triage::options
