#pragma once
// What an experiment was started with. It stands in the journal, in the event that started it, so that everything that
// follows is decided by the journal alone, whatever the configuration says meanwhile.

#include "triage/experiment_spec.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::experiment {

struct Plan {
  std::string route;
  double alpha = 0.05;
  OnBreach on_breach = OnBreach::rollback;
  std::int64_t window_ms = 600'000;
  std::vector<StageSpec> stages;
  std::vector<GuardrailSpec> guardrails;
  double escalation_share = 0.3;        ///< of the treatment's requests; above it, the experiment warns
  std::uint32_t units_max = 1'000'000;  ///< units beyond these are not counted
  bool operator==(const Plan&) const = default;
};

/// The stages of an experiment that names none.
std::vector<StageSpec> default_stages();

/// `spec` is the experiment of `route`.
Plan plan_of(const RouteSpec& route, const ExperimentSpec& spec);

/// A JSON object.
std::string plan_json(const Plan& plan);
/// nullopt: that is no plan.
std::optional<Plan> read_plan(std::string_view json);

}  // namespace triage::experiment
