#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// `pattern` may contain '*', which matches any run of characters. Linear in the text for one star.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

/// Whether each entry of `wanted`, name -> glob, matches a value that `given` has for that name.
bool globs_match(const std::vector<std::pair<std::string, std::string>>& wanted,
                 const std::vector<std::pair<std::string, std::string>>& given) noexcept;

}  // namespace triage
