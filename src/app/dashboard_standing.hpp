#pragma once
// What the dashboard shows of now: promises about quality, drift.

#include "ledger/slo.hpp"

#include <string>
#include <vector>

namespace triage {

/// A JSON object: `slo`, a list, and `drift`, which is JSON.
std::string standing_json(const std::vector<ledger::SloStanding>& slo, const std::string& drift);

}  // namespace triage
