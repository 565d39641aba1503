#pragma once
// Changes one value in a configuration's file and leaves every other byte as it is.

#include "config/load.hpp"
#include "options/origins.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// `yaml` with `value` in place of the scalar at `origin`. nullopt: it is not written there as the origin says, for
/// example because it is quoted or comes from an alias.
std::optional<std::string> with_scalar(std::string_view yaml, const options::Origin& origin, std::string_view value);

/// `yaml` with `key: value` before the key of `neighbour`, in the neighbour's own style. nullopt: the neighbour is not
/// the first on its line, and not in {...} either.
std::optional<std::string> with_key_before(std::string_view yaml, const options::Origin& neighbour,
                                           std::string_view key, std::string_view value);

/// Sets `key` of the section at `section` to `value`: where it is written, else before the section's key `neighbour`.
/// The file is replaced at once, and only if the configuration in `main_file` is as good as before with it. Throws
/// std::runtime_error that says what to write by hand.
void write_value(const std::string& main_file, const Loaded& loaded, const options::Path& section,
                 const std::string& key, const std::string& value, const std::string& neighbour);

}  // namespace triage
