#pragma once
// Changes single values of a configuration file and nothing else: comments, order and layout stay.

#include "options/report.hpp"

#include <string>
#include <string_view>

namespace triage {

/// Replaces the plain or quoted scalar `before` that begins at `place` of a YAML text by `after`, unquoted. False, and
/// nothing is changed, if another text is there.
bool replace_scalar(std::string& yaml, const options::Place& place, std::string_view before, std::string_view after);

/// The same in a file, whose permissions stay. The new file takes the place of the old one at once, or not at all.
/// Throws std::runtime_error if the file cannot be read or written, or has another text there.
void edit_config(const std::string& file, const options::Place& place, std::string_view before, std::string_view after);

}  // namespace triage
