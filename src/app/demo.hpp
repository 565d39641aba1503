#pragma once
// `serve --demo`: the same gateway in front of simulated providers.

#include "simulate/spec.hpp"
#include "triage/spec.hpp"

#include <string>
#include <string_view>

namespace triage {

/// The configuration that --demo has without --config.
std::string_view demo_config();

/// Simulated models for all of the config's deployments: those of a low tier are fast and err, those of a high tier are
/// slow and do not.
SimulateSpec simulation_for(const ConfigSpec& spec);

/// Every provider answers at `endpoint` (host:port) from now on.
void point_providers_at(ConfigSpec& spec, const std::string& endpoint);

/// A curl line and an SDK snippet that work as printed.
std::string demo_hints(const std::string& endpoint);

/// Why the gateway must not listen as configured: a non-loopback address, no keys, and no word that this is wanted.
/// Empty if it may. (The config is checked for the same; the address may come from the command line.)
std::string exposure_refusal(const ConfigSpec& spec);

}  // namespace triage
