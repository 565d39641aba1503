#pragma once

#include <string_view>

namespace triage {

/// The HTTP status that an error's `code` or `status` names, in digits or in a word ("rate_limit_exceeded"); 0: none.
int error_status(std::string_view code) noexcept;

}  // namespace triage
