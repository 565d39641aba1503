#pragma once
// The configurations of other gateways as one of Triage's.

#include "triage/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace triage::imports {

struct Imported {
  std::string yaml;
  std::map<std::string, std::string> variables;  ///< that it needs -> something of the right form
  std::vector<std::string> files;                ///< those of them that name a file
};

std::vector<std::string_view> format_names();

/// `name` is the file's, for messages and the first comment. Error: invalid_value, what is wrong with the file; the
/// format must be one of format_names().
Result<Imported> import_config(std::string_view format, std::string_view text, const std::string& name);

}  // namespace triage::imports
