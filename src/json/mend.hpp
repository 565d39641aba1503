#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// JSON as some servers write it, made JSON: NaN and infinities, in the spellings of Python, JavaScript and C, become
/// null, and bytes that are no UTF-8 U+FFFD. nullopt: there is nothing of the kind in it. Linear in its size.
std::optional<std::string> mended_json(std::string_view text);

}  // namespace triage
