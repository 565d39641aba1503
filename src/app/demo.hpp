#pragma once
// `serve --demo`: the same gateway in front of simulated providers.

#include "simulate/spec.hpp"
#include "triage/spec.hpp"

#include <string>
#include <string_view>

namespace triage {

/// The configuration of --demo without --config. `ledger` is the folder of its ledger. Where there is no ONNX Runtime,
/// it has no classifier.
std::string demo_config(const std::string& ledger);

/// Simulated models for all of the config's deployments: those of a low tier are fast and make mistakes, those of a
/// high tier are slow and make none.
SimulateSpec simulation_for(const ConfigSpec& spec);

/// The same for the demo's own configuration, where the small model also refuses some prompts, and the large one fails
/// now and then.
SimulateSpec demo_simulation_for(const ConfigSpec& spec);

/// Makes all providers point at `endpoint` (host:port).
void point_providers_at(ConfigSpec& spec, const std::string& endpoint);

/// Where the dashboard is, a curl command and an SDK snippet that work as printed. The addresses are host:port.
std::string demo_hints(const std::string& endpoint, const std::string& admin);

/// Why the gateway must not listen as configured: on a non-loopback address, without keys, and without permission for
/// that. Empty if it may. (Checking the config checks the same, but the address may come from the command line.)
std::string exposure_refusal(const ConfigSpec& spec);

}  // namespace triage
