#pragma once
// The figures of an experiment as JSON: those that a decision is based on, and all that there is to show.

#include "experiment/experiment.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage::experiment {

using Json = nlohmann::ordered_json;

/// What a decision at `clock_ms` is based on; the member `clock_ms` among it.
Json figures_of(const Experiment& experiment, std::int64_t clock_ms);

/// All that `triage experiment show` and the admin API show. `clock_ms` as of now. `configured`: whether the version
/// that it is at is the configured one.
Json shown(const Experiment& experiment, std::int64_t clock_ms, bool configured);
/// The line of a list.
Json listed(const Experiment& experiment, std::int64_t clock_ms, bool configured);

std::string text_of(const Json& json);

/// "4.2 %".
std::string percent(double share);

/// The members `plan` and `cause` of a decision's figures.
std::optional<Plan> plan_in_figures(std::string_view figures);
Cause cause_in_figures(std::string_view figures);

}  // namespace triage::experiment
