#include "drift/route_watch.hpp"

#include "statistics/distributions.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

namespace triage::drift {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t grades_of_reference = 200;
constexpr std::size_t compared_window = 1'000;
constexpr double constant_share = 0.98;  // of one tier: less is no constant router
constexpr double lift_min = 0.01;        // in quality, over a draw: less is none
constexpr std::size_t tiers_most = 16;

// A bound on the probability that so large a share of n draws comes from a true share of `limit` (Chernoff).
double tail(double share, double limit, double n) {
  if (share <= limit) return 1;
  const double rest = share < 1 ? (1 - share) * std::log((1 - share) / (1 - limit)) : 0;
  return std::exp(-n * (share * std::log(share / limit) + rest));
}

// As many requests tell it, if all of them went to one tier.
double enough_for_constant(double false_alarm) {
  return std::log(false_alarm) / std::log(constant_share);
}

double entropy_of(const std::vector<double>& counts) {
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  double out = 0;
  for (const double count : counts)
    if (count > 0) out -= count / all * std::log(count / all);
  return counts.size() > 1 ? out / std::log(static_cast<double>(counts.size())) : 0;
}

std::string text_of(DriftOf what, const Seen& seen) {
  char text[160];
  switch (what) {
    case DriftOf::score:
    case DriftOf::length:
    case DriftOf::tiers: {
      const char* const of = what == DriftOf::score    ? "the classifier's scores are"
                             : what == DriftOf::length ? "the lengths of prompts are"
                                                       : "the shares of the tiers are";
      std::snprintf(text, sizeof text, "%s distributed otherwise: stability index %.3f, above %.3f", of, seen.now,
                    seen.limit);
      break;
    }
    case DriftOf::judge:
    case DriftOf::refusal:
    case DriftOf::escalation: {
      const char* const of = what == DriftOf::judge     ? "the judge's grades have fallen"
                             : what == DriftOf::refusal ? "refusals have become more frequent"
                                                        : "escalations have become more frequent";
      std::snprintf(text, sizeof text, "%s: about %.3f lately, %.3f before", of, seen.now, seen.before);
      break;
    }
    case DriftOf::constant:
      std::snprintf(text, sizeof text, "the router sends %.1f %% of the requests to one tier", 100 * seen.now);
      break;
    case DriftOf::chance:
      std::snprintf(text, sizeof text,
                    "the router chooses no better than a draw with its shares: %.4f in quality, surely below %.4f",
                    seen.now, seen.limit);
      break;
  }
  return text;
}

}  // namespace

Pace RouteWatch::pace() const noexcept {
  return {wanted_.false_alarm_every_ms * static_cast<std::int64_t>(words<DriftOf>.size()), wanted_.window_ms};
}

std::int64_t RouteWatch::at(std::int64_t time_ms) noexcept {
  return now_ms_ = std::max(now_ms_, time_ms);
}

void RouteWatch::tell(std::vector<Alarm>& out, DriftOf what, std::int64_t time_ms, const std::optional<Seen>& seen) {
  if (seen) out.push_back({what, time_ms, *seen, text_of(what, *seen)});
}

std::vector<Alarm> RouteWatch::fold(const Request& request) {
  std::vector<Alarm> out;
  const std::int64_t now = at(request.time_unix_ms);
  const ReferenceSize size{wanted_.reference};
  if (request.score) {
    if (request.model != model_) score_.restart();
    model_ = request.model;
    tell(out, DriftOf::score, now, score_.add(*request.score, now, pace(), size));
  }
  if (request.tokens) tell(out, DriftOf::length, now, length_.add(*request.tokens, now, pace(), size));
  if (!request.tier.empty()) {
    tell(out, DriftOf::tiers, now, tiers_.add(request.tier, now, pace(), size));
    const auto found = std::ranges::find(tier_names_, request.tier);
    const auto index = static_cast<std::size_t>(found - tier_names_.begin());
    if (found == tier_names_.end() && tier_names_.size() < tiers_most) {
      tier_names_.push_back(request.tier);
      tier_counts_.push_back(0);
    }
    if (tiers_begun_ms_ == 0) tiers_begun_ms_ = now;
    if (index < tier_counts_.size()) ++tier_counts_[index];
    look_at_mix(now, out);
  }
  if (request.refusal) tell(out, DriftOf::refusal, now, refusal_.add(*request.refusal ? 1 : 0, now, pace(), size));
  if (request.escalated)
    tell(out, DriftOf::escalation, now, escalation_.add(*request.escalated ? 1 : 0, now, pace(), size));
  return out;
}

// Is one tier nearly all?
void RouteWatch::look_at_mix(std::int64_t time_ms, std::vector<Alarm>& out) {
  const double all = std::accumulate(tier_counts_.begin(), tier_counts_.end(), 0.0);
  if (all < CategoryWatch::count_min || all < enough_for_constant(pace().per_window()) ||
      time_ms - tiers_begun_ms_ < wanted_.window_ms)
    return;
  const double share = *std::ranges::max_element(tier_counts_) / all;
  entropy_ = entropy_of(tier_counts_);
  const bool constant = wanted_.may_vary && tail(share, constant_share, all) <= pace().per_window();
  if (constant && constant_ != State::drifted) tell(out, DriftOf::constant, time_ms, Seen{0, share, constant_share});
  constant_ = constant ? State::drifted : State::steady;
  std::ranges::fill(tier_counts_, 0);
  tiers_begun_ms_ = time_ms;
}

// The lift over a draw at the same share is the covariance of choice and gain. It is no lift if its bound is below the
// least that counts; a window has 1,000 comparisons at least.
std::vector<Alarm> RouteWatch::fold(const Comparison& comparison) {
  std::vector<Alarm> out;
  const std::int64_t now = at(comparison.time_unix_ms);
  compared_.push_back(comparison);
  if (compared_.size() < compared_window || now - compared_.front().time_unix_ms < wanted_.window_ms) {
    if (compared_.size() > 2 * compared_window) compared_.erase(compared_.begin());
    return out;
  }
  const auto n = static_cast<double>(compared_.size());
  double chosen = 0;
  double gain = 0;
  for (const Comparison& each : compared_) {
    chosen += (each.strong ? 1 : 0) / n;
    gain += each.gain / n;
  }
  double lift = 0;
  double squares = 0;
  for (const Comparison& each : compared_) {
    const double part = ((each.strong ? 1 : 0) - chosen) * (each.gain - gain);
    lift += part / n;
    squares += part * part / n;
  }
  const double error = std::sqrt(std::max(squares - lift * lift, 0.0) / n);
  const double high = lift + statistics::student_quantile(1 - pace().per_window(), n - 1) * error;
  const bool chance = wanted_.may_vary && chosen > 0.02 && chosen < 0.98 && high < lift_min;
  if (chance && chance_ != State::drifted) tell(out, DriftOf::chance, now, Seen{0, lift, high});
  chance_ = chance ? State::drifted : State::steady;
  compared_.clear();
  return out;
}

std::vector<Alarm> RouteWatch::fold_grade(std::int64_t time_unix_ms, double grade) {
  std::vector<Alarm> out;
  const std::int64_t now = at(time_unix_ms);
  tell(out, DriftOf::judge, now, judge_.add(grade, now, pace(), {std::min(wanted_.reference, grades_of_reference)}));
  return out;
}

State RouteWatch::state(DriftOf what) const noexcept {
  switch (what) {
    case DriftOf::score: return score_.state();
    case DriftOf::length: return length_.state();
    case DriftOf::tiers: return tiers_.state();
    case DriftOf::judge: return judge_.state();
    case DriftOf::refusal: return refusal_.state();
    case DriftOf::escalation: return escalation_.state();
    case DriftOf::constant: return constant_;
    case DriftOf::chance: break;
  }
  return chance_;
}

Json RouteWatch::save() const {
  Json out{{"now_ms", now_ms_},
           {"model", model_},
           {"tier_names", tier_names_},
           {"tier_counts", tier_counts_},
           {"tiers_begun_ms", tiers_begun_ms_},
           {"entropy", entropy_ ? Json(*entropy_) : Json()},
           {"constant", static_cast<int>(constant_)},
           {"chance", static_cast<int>(chance_)}};
  score_.save(out["score"]);
  length_.save(out["length"]);
  tiers_.save(out["tiers"]);
  judge_.save(out["judge"]);
  refusal_.save(out["refusal"]);
  escalation_.save(out["escalation"]);
  Json compared = Json::array();
  for (const Comparison& each : compared_) compared.push_back({each.time_unix_ms, each.strong, each.gain});
  out["compared"] = std::move(compared);
  return out;
}

bool RouteWatch::load(const Json& in) {
  RouteWatch loaded(wanted_);
  try {
    in.at("now_ms").get_to(loaded.now_ms_);
    in.at("model").get_to(loaded.model_);
    in.at("tier_names").get_to(loaded.tier_names_);
    in.at("tier_counts").get_to(loaded.tier_counts_);
    in.at("tiers_begun_ms").get_to(loaded.tiers_begun_ms_);
    if (in.at("entropy").is_number()) loaded.entropy_ = in.at("entropy").get<double>();
    const auto state = [&](const char* name) { return static_cast<State>(std::clamp(in.at(name).get<int>(), 0, 2)); };
    loaded.constant_ = state("constant");
    loaded.chance_ = state("chance");
    for (const Json& each : in.at("compared"))
      loaded.compared_.push_back({each.at(0).get<std::int64_t>(), each.at(1).get<bool>(), each.at(2).get<double>()});
    const bool whole = loaded.score_.load(in.at("score")) && loaded.length_.load(in.at("length")) &&
                       loaded.tiers_.load(in.at("tiers")) && loaded.judge_.load(in.at("judge"), pace()) &&
                       loaded.refusal_.load(in.at("refusal"), pace()) &&
                       loaded.escalation_.load(in.at("escalation"), pace());
    if (!whole || loaded.tier_counts_.size() != loaded.tier_names_.size()) return false;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
  *this = std::move(loaded);
  return true;
}

}  // namespace triage::drift
