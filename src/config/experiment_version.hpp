#pragma once

#include "triage/spec.hpp"

#include <string>

namespace triage::config {

/// Everything that an arm says of the treatment of requests, as one text: its keys, and what is behind the names of
/// files and of its tiers' deployments.
std::string policy_text(const ArmSpec& arm, const ConfigSpec& spec);

/// A hash over both arms' texts, over `files` (the contents of the files that their routers read), and over the
/// experiment's own keys but `webhook`.
std::string version_of(const ExperimentSpec& experiment, const ConfigSpec& spec, const std::string& files);

}  // namespace triage::config
