#pragma once
// What describe() says, in other formats: JSON Schema, documentation, a dump of the values in force.

#include "triage/spec.hpp"

#include <string>

namespace triage {

/// JSON Schema (draft 2020-12) of the config file, for editors.
std::string config_schema();

/// The tables of docs/configuration.md: every key with its type, default, meaning and metric.
std::string config_reference();

/// `spec` as JSON, by the YAML's names, with secrets as "***".
std::string config_dump(const ConfigSpec& spec);

}  // namespace triage
