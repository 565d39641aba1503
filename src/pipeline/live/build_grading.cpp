#include "judge/graders.hpp"
#include "judge/judging.hpp"
#include "pipeline/live/grading.hpp"

#include <algorithm>

namespace triage {
namespace {

const RouteSpec& named_route(const Snapshot& snapshot, const std::string& name) {
  return *std::ranges::find(snapshot.spec.routes, name, &RouteSpec::name);
}

LiveJudge live_judge(const Snapshot& snapshot, const Policy& policy, const JudgeSpec& spec, Metrics& metrics,
                     LiveState& live_state) {
  LiveJudge out;
  out.spec = &spec;
  out.deployment = &snapshot.deployments.at(spec.deployment);
  if (spec.mode == JudgeMode::pairwise)
    out.baseline = spec.baseline.empty() ? policy.strongest : &snapshot.deployments.at(spec.baseline);
  const Deployment* const compared = out.baseline != nullptr ? out.baseline->spec : nullptr;
  out.version = judge::version_of(spec, out.deployment->spec->model, compared != nullptr ? compared->model : "");
  const std::string route(policy.route);
  out.budget = &live_state.judge_budget(route, *budgeted_judge(named_route(snapshot, route)));
  const Labels labels{{"route", route}, {"arm", std::string(policy.arm)}};
  static_assert(words<judge::Finding>.size() == std::tuple_size_v<decltype(out.grades)>);
  for (std::size_t i = 0; i < out.grades.size(); ++i) {
    Labels with = labels;
    with.emplace_back("result", std::string(words<judge::Finding>[i]));
    out.grades[i] = &metrics.counter("triage_judge_grades_total", "Answers drawn for the judge, by what came of it.",
                                     std::move(with));
  }
  out.over_budget = &metrics.counter("triage_judge_over_budget_total",
                                     "Answers drawn for the judge when the day's budget was used up.", labels);
  out.cost_nano_usd = &metrics.counter(
      "triage_judge_cost_nano_usd_total",
      "What the judge's calls, and those for the baseline's answers, cost, in USD / 1,000,000,000.", labels);
  return out;
}

LiveGrader live_grader(const Policy& policy, const GraderSpec& spec, const judge::GraderKind& kind, Metrics& metrics) {
  LiveGrader out;
  out.name = judge::name_of(spec);
  out.version = judge::version_of(spec);
  out.share = kind.common(spec.options).share;
  out.blocks = kind.blocks;
  if (const auto* const command = std::any_cast<CommandGraderSpec>(&spec.options)) out.timeout = command->timeout;
  out.grader = judge::make_grader(spec);
  const auto counted = [&](const char* result) {
    return &metrics.counter("triage_grader_grades_total", "Answers given to a mechanical grader, by what came of it.",
                            {{"route", std::string(policy.route)},
                             {"arm", std::string(policy.arm)},
                             {"grader", out.name},
                             {"result", result}});
  };
  out.graded = counted("graded");
  out.not_enough = counted("not_enough");
  return out;
}

}  // namespace

std::shared_ptr<const LiveGrading> live_grading(const Snapshot& snapshot, const Policy& policy, Metrics& metrics,
                                                LiveState& live_state) {
  const auto& quality = policy.spec->quality;
  if (!quality || !snapshot.spec.ledger) return nullptr;
  auto out = std::make_shared<LiveGrading>();
  if (quality->judge) out->judge = live_judge(snapshot, policy, *quality->judge, metrics, live_state);
  for (const GraderSpec& spec : quality->graders)
    if (const judge::GraderKind* const kind = judge::find_grader(spec.kind); kind != nullptr && !kind->needs_reference)
      out->graders.push_back(live_grader(policy, spec, *kind, metrics));
  if (!out->judge && out->graders.empty()) return nullptr;
  return out;
}

}  // namespace triage
