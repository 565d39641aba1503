#pragma once
#include <string_view>

namespace triage {

/// `pattern` may hold '*', which stands for any run of characters. Linear in the text for one star.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace triage
