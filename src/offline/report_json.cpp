#include "offline/report.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace triage::offline {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}

void put(Json& out, const std::string& name, const Estimate& estimate) {
  out[name] = number(estimate.value);
  out[name + "_interval"] =
      std::isfinite(estimate.interval.low) ? Json::array({estimate.interval.low, estimate.interval.high}) : Json();
}

constexpr std::array<const char*, 3> cpt_names{"cpt20", "cpt50", "cpt80"};

void put_measures(Json& out, const ScoredResult& scored) {
  put(out, "apgr", scored.apgr);
  for (std::size_t i = 0; i < cpt_names.size(); ++i) put(out, cpt_names[i], scored.cpt[i]);
  put(out, "apgr_exact", scored.apgr_exact);
  for (std::size_t i = 0; i < cpt_names.size(); ++i)
    put(out, std::string(cpt_names[i]) + "_exact", scored.cpt_exact[i]);
  put(out, "apgr_equal_cost", scored.apgr_cost);
}

const char* word_of(Scored::Role role) {
  switch (role) {
    case Scored::Role::router: return "router";
    case Scored::Role::cascade: return "cascade";
    case Scored::Role::given: return "rows";
    case Scored::Role::length: return "length";
    case Scored::Role::group: return "group";
    case Scored::Role::oracle: break;
  }
  return "oracle";
}

Json route_json(const RouteResult& route) {
  Json out;
  put(out, "strong_share", route.share);
  put(out, "quality", route.quality);
  put(out, "cost_usd", route.cost_usd);
  put(out, "routing_accuracy", route.accuracy);
  const auto rate = [](std::size_t some, std::size_t all) {
    return all > 0 ? Json(static_cast<double>(some) / static_cast<double>(all)) : Json();
  };
  out["cost_inflation"] = {{"easy", route.easy},
                           {"easy_up", route.easy_up},
                           {"rate", rate(route.easy_up, route.easy)},
                           {"usd", number(route.inflation_usd)}};
  out["quality_loss"] = {{"hard", route.hard},
                         {"hard_down", route.hard_down},
                         {"rate", rate(route.hard_down, route.hard)},
                         {"quality", route.lost_quality}};
  put(out, "over_random_same_share", route.over_random);
  put(out, "over_random_same_cost", route.over_random_cost);
  put(out, "over_best_constant_same_cost", route.over_constant);
  out["best_constant_same_cost"] = route.constant_is_strong ? "strong" : "weak";
  return out;
}

Json model_json(const Estimate& quality, const Estimate& cost) {
  Json out;
  put(out, "quality", quality);
  put(out, "cost_usd", cost);
  return out;
}

}  // namespace

Json evaluation_json(const Subject& subject, const Evaluation& found) {
  Json out{{"route", subject.route},
           {"data", subject.data},
           {"rows", found.rows},
           {"questions", found.questions},
           {"seed", found.resampling.seed},
           {"resamples", found.resampling.resamples},
           {"tiers", {{"weak", subject.weak_tier}, {"strong", subject.strong_tiers}}},
           {"weak", model_json(found.weak, found.cost_weak_usd)},
           {"strong", model_json(found.strong, found.cost_strong_usd)},
           {"oracle", {{"quality", found.oracle_quality}}},
           {"decisions", route_json(found.route)}};
  if (subject.main != Subject::no_main) {
    out["score"] = title_of(found.scored[subject.main]);
    put_measures(out, found.scored[subject.main]);
  }
  Json scores = Json::array();
  for (const ScoredResult& each : found.scored) {
    Json one{{"of", word_of(each.role)}, {"name", each.name}, {"constant", each.constant}};
    put_measures(one, each);
    one["quality_at_route_share"] = number(each.quality_at_share);
    one["quality_at_route_cost"] = number(each.quality_at_cost);
    scores.push_back(std::move(one));
  }
  out["scores"] = std::move(scores);
  out["better_than_random"] = surely_better(found.route.over_random);
  out["better_than_best_constant"] = surely_better(found.route.over_constant);
  out["worth_having"] = worth_having(found);
  out["verdict"] = verdict_words(subject, found);
  out["notes"] = subject.notes;
  return out;
}

}  // namespace triage::offline
