// routes.<name>.quality: deployments that exist, promises that can be kept or broken.
#include "config/check.hpp"
#include "judge/graders.hpp"

#include <set>

namespace triage::config {

void Checker::check_quality(const RouteSpec& route) {
  const Path path = path_of(route) / "quality";
  if (!route.quality || !origins_.intact(path)) return;
  if (!spec_.ledger && !origins_.find({"ledger"}))
    warning(path, to_string(path) + " has no effect: without a ledger there is nothing to measure",
            "add 'ledger: {dir: /var/lib/triage}'");
  if (route.quality->judge) check_judge(*route.quality->judge, path / "judge");
  check_graders(route.quality->graders, path / "graders");
  for (std::size_t i = 0; i < route.quality->slo.size(); ++i) check_slo(route.quality->slo[i], path / "slo" / i);
}

void Checker::check_judge(const JudgeSpec& judge, const Path& path) {
  if (origins_.find(path / "deployment")) unknown_deployment(path / "deployment", judge.deployment);
  if (!judge.baseline.empty()) unknown_deployment(path / "baseline", judge.baseline);
  if (!judge.baseline.empty() && judge.mode != JudgeMode::pairwise)
    warning(path / "baseline", to_string(path / "baseline") + " has no effect: the judge sees one answer at a time",
            "say 'mode: pairwise', or leave it out");
  if (judge.share > 0 && judge.daily_budget_usd <= 0 && origins_.find(path / "daily_budget_usd") &&
      origins_.intact(path / "daily_budget_usd"))
    warning(path / "daily_budget_usd", to_string(path) + " has no money: nothing is judged", "raise it");
}

void Checker::check_graders(const std::vector<GraderSpec>& graders, const Path& path) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < graders.size(); ++i) {
    judge::check_grader(*this, graders[i], path / i);
    if (judge::find_grader(graders[i].kind) != nullptr && !names.insert(judge::name_of(graders[i])).second)
      error(path / i, to_string(path / i) + ": another grader is called '" + judge::name_of(graders[i]) + "', too",
            "give one of them a 'name'");
  }
}

void Checker::check_slo(const SloSpec& slo, const Path& path) {
  if (!origins_.intact(path) || !origins_.intact_inside(path)) return;
  const std::string signal(word(slo.signal));
  if (slo.value_min && slo.value_max)
    error(path, to_string(path) + " has two bounds",
          "keep 'value_min' or 'value_max'; a second promise is a second item");
  if (!slo.value_min && !slo.value_max)
    error(path, to_string(path) + " has no bound: it promises nothing",
          larger_is_better(slo.signal) ? "add 'value_min: 0.8'" : "add 'value_max: 0.05'");
  if (slo.confidence <= 0 || slo.confidence >= 1)
    error(path / "confidence", to_string(path / "confidence") + " must be more than 0 and less than 1",
          "write 'confidence: 0.95'");
  if (slo.signal == QualitySignal::latency || slo.signal == QualitySignal::cost)
    error(path / "signal",
          to_string(path) + ": '" + signal +
              "' is a number between 0 and 1 only in comparison with an experiment's control",
          "make it a guardrail, or promise something of another signal");
}

}  // namespace triage::config
