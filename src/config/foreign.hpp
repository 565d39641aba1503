#pragma once
// Configurations of other gateways, told by what only they have.

#include "config/yaml.hpp"

#include <string>
#include <string_view>

namespace triage::config {

struct ForeignFormat {
  std::string_view name;    ///< as people call it; empty: none that is known
  std::string_view import;  ///< the word of `triage import`
};
/// Whose a configuration with these keys at its top is.
ForeignFormat foreign_format(const Node& root);
/// The same for a text that is no YAML.
ForeignFormat foreign_format(std::string_view text);

/// What to do about it.
std::string import_hint(const ForeignFormat& format);

}  // namespace triage::config
