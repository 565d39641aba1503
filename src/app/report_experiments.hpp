#pragma once
// What `triage report` says of experiments: what the treatment saves.

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace triage {

/// A list with an object for each experiment of the ledger in `folder`: its name, route, version, state, the requests
/// and their cost in each arm, and what is saved, with an interval.
nlohmann::ordered_json experiments_report(const std::string& folder);

/// The same as lines of text; empty without an experiment.
std::string experiments_report_text(const nlohmann::ordered_json& experiments);

}  // namespace triage
