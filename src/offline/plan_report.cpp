#include "offline/plan_report.hpp"

#include "offline/table.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace triage::offline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<double, 9> accuracies{0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95};

struct PatternWords {
  const char* signals;
  const char* thresholds;
};
constexpr std::array<PatternWords, 3> pattern_words{{
    {"the request alone, before any call: routers `classifier`, `similarity`, `heuristic`",
     "the router's threshold such that this share of requests goes up; `triage sweep` finds it on labelled rows"},
    {"the weak answer: the cascade's verifiers, `checks` first, then `model`",
     "the verifier's `accept_at` such that this share of answers is rejected; `triage sweep` finds it"},
    {"both answers, side by side: `ensemble` with a picker",
     "none: both models are always asked; `share` says for how many requests"},
}};

std::string daily(const Workload& work, double cost) {
  return usd(cost * work.requests_a_day);
}

std::string saved(const Workload& work, double cost) {
  return work.cost_strong_usd > 0 ? percent(1 - cost / work.cost_strong_usd) : "-";
}

// Costs when it is settled how many requests the weak model keeps.
std::string mix_text(const Workload& work, double share) {
  const double routed = blended_cost_usd(work, share) + work.cost_router_usd;
  const double cascade = work.cost_weak_usd + work.cost_verifier_usd + (1 - share) * work.cost_strong_usd;
  Table table;
  table.row({"with " + percent(share) + " kept by the weak model", "cost a day", "saved"});
  table.row({"  pre-routed", daily(work, routed), saved(work, routed)});
  table.row({"  as a cascade, which asks it for all", daily(work, cascade), saved(work, cascade)});
  return table.text() + "\n";
}

std::string patterns_text(const Workload& work, const Plan& plan) {
  Table table;
  table.row({"cheapest within the budget", "accuracy", "strong answers", "quality", "lost", "cost a day", "saved"});
  for (const PatternPlan& each : plan.patterns) {
    const std::string name(plan_pattern_names[static_cast<std::size_t>(each.pattern)]);
    if (!each.within) {
      table.row({name, fixed(each.accuracy, 2), "not within the budget"});
      continue;
    }
    const PlanPoint& point = *each.within;
    table.row({name, fixed(each.accuracy, 2), percent(point.up), fixed(point.quality, 3),
               fixed(work.quality_strong - point.quality, 3), daily(work, point.cost_usd),
               saved(work, point.cost_usd)});
  }
  return table.text();
}

std::string why(const Workload& work, const Plan& plan) {
  if (plan.weak_is_enough)
    return "recommended: always-weak. It loses " + fixed(work.quality_strong - work.quality_weak, 3) +
           ", which is within the budget: nothing needs to be decided.\n";
  if (!plan.best)
    return "recommended: always-strong. No pattern keeps the budget for less: better routers or verifiers, or a larger "
           "budget, would change that.\n";
  const auto at = static_cast<std::size_t>(*plan.best);
  const PlanPoint& point = *plan.patterns[at].within;
  std::string out = "recommended: " + std::string(plan_pattern_names[at]) + ", " + daily(work, point.cost_usd) +
                    " a day, " + saved(work, point.cost_usd) + " saved\n  why: ";
  switch (*plan.best) {
    case PlanPattern::pre_route:
      out += "one call a request; a cascade pays " + daily(work, work.cost_weak_usd + work.cost_verifier_usd) +
             " a day for weak calls and verifying before it knows anything";
      break;
    case PlanPattern::cascade:
      out += "the verifier has seen the answer, which saves more strong calls than the weak calls cost (" +
             daily(work, work.cost_weak_usd + work.cost_verifier_usd) + " a day)";
      break;
    case PlanPattern::ensemble: out += "only comparing both answers keeps the quality"; break;
  }
  return out + "\n  signals: " + pattern_words[at].signals + "\n  threshold: " + percent(point.up) + " go up; " +
         pattern_words[at].thresholds + "\n";
}

std::string break_even_text(const Plan& plan) {
  if (!plan.patterns[0].within)
    return "at which accuracy does a cascade beat pre-routing? Pre-routing cannot keep the budget at all.\n";
  const std::string question = "at which accuracy does a cascade beat pre-routing? ";
  if (!plan.break_even) return question + "At none: even a perfect verifier does not pay for the weak calls.\n";
  if (*plan.break_even <= 0.5) return question + "At any: it is cheaper even with a verifier that knows nothing.\n";
  return question + "From " + fixed(*plan.break_even, 3) + " of its verifier on, against " +
         fixed(plan.patterns[0].accuracy, 2) + " of the router (here: " + fixed(plan.patterns[1].accuracy, 2) + ").\n";
}

std::string by_accuracy_text(const Workload& work) {
  Table table;
  table.row({"accuracy", "pre-route a day", "cascade a day"});
  for (const double accuracy : accuracies) {
    std::vector<std::string> cells{fixed(accuracy, 2)};
    for (const PlanPattern pattern : {PlanPattern::pre_route, PlanPattern::cascade}) {
      const auto point = cheapest(work, pattern, accuracy);
      cells.push_back(point ? daily(work, point->cost_usd) : "-");
    }
    table.row(std::move(cells));
  }
  return table.text();
}

Json point_json(const Workload& work, const PlanPoint& point) {
  return {{"strong_share", point.up},
          {"quality", point.quality},
          {"quality_loss", work.quality_strong - point.quality},
          {"cost_usd", point.cost_usd},
          {"cost_a_day_usd", point.cost_usd * work.requests_a_day},
          {"sensitivity", point.sensitivity},
          {"specificity", point.specificity}};
}

}  // namespace

std::string plan_text(const PlanSubject& subject, const Workload& work) {
  std::string out = grouped(static_cast<std::size_t>(std::llround(work.requests_a_day))) +
                    " requests a day; a call costs " + usd(work.cost_weak_usd) + " (weak) or " +
                    usd(work.cost_strong_usd) + " (strong)\n";
  for (const std::string& note : subject.notes) out += "  note: " + note + "\n";
  Table table;
  table.row({"always strong", daily(work, work.cost_strong_usd) + " a day",
             subject.has_quality ? "quality " + fixed(work.quality_strong, 3) : ""});
  table.row({"always weak", daily(work, work.cost_weak_usd) + " a day",
             subject.has_quality ? "quality " + fixed(work.quality_weak, 3) : ""});
  out += "\n" + table.text() + "\n";
  if (subject.share_weak) out += mix_text(work, *subject.share_weak);
  if (!subject.has_quality)
    return out + "Give --quality-weak and --quality-strong for what each pattern loses, and which one to take.\n";
  const Plan plan = make_plan(work);
  out += "quality budget: at most " + fixed(work.loss_max, 3) + " is lost against always-strong\n\n";
  return out + patterns_text(work, plan) + "\n" + why(work, plan) + "\n" + break_even_text(plan) + "\n" +
         by_accuracy_text(work);
}

Json plan_json(const PlanSubject& subject, const Workload& work) {
  Json out{{"requests_a_day", work.requests_a_day},
           {"cost_weak_usd", work.cost_weak_usd},
           {"cost_strong_usd", work.cost_strong_usd},
           {"always_strong_a_day_usd", work.cost_strong_usd * work.requests_a_day},
           {"always_weak_a_day_usd", work.cost_weak_usd * work.requests_a_day}};
  if (subject.share_weak) {
    const double routed = blended_cost_usd(work, *subject.share_weak) + work.cost_router_usd;
    const double cascade =
        work.cost_weak_usd + work.cost_verifier_usd + (1 - *subject.share_weak) * work.cost_strong_usd;
    const auto mix = [&](double cost) {
      return Json{{"cost_a_day_usd", cost * work.requests_a_day},
                  {"saved", work.cost_strong_usd > 0 ? Json(1 - cost / work.cost_strong_usd) : Json()}};
    };
    out["share_weak"] = *subject.share_weak;
    out["mix"] = {{"pre-route", mix(routed)}, {"cascade", mix(cascade)}};
  }
  if (subject.has_quality) {
    const Plan plan = make_plan(work);
    out["quality"] = {{"weak", work.quality_weak}, {"strong", work.quality_strong}, {"both_right", work.both_right}};
    out["loss_max"] = work.loss_max;
    Json patterns = Json::object();
    for (const PatternPlan& each : plan.patterns)
      patterns[std::string(plan_pattern_names[static_cast<std::size_t>(each.pattern)])] = {
          {"accuracy", each.accuracy},
          {"within_budget", each.within ? point_json(work, *each.within) : Json()},
          {"balanced", point_json(work, each.balanced)}};
    out["patterns"] = std::move(patterns);
    out["break_even_verifier_accuracy"] = plan.break_even ? Json(*plan.break_even) : Json();
    out["recommended"] = plan.weak_is_enough ? "always-weak"
                         : plan.best         ? std::string(plan_pattern_names[static_cast<std::size_t>(*plan.best)])
                                             : "always-strong";
  }
  out["notes"] = subject.notes;
  return out;
}

}  // namespace triage::offline
