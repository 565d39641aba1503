#include "app/replay_run.hpp"

#include "app/replay_policies.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "triage/price.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>

namespace triage {
namespace {

using ledger::LoggedAttempt;
using ledger::LoggedQuality;
using ledger::LoggedRequest;
using offline::ActionShares;
using offline::QualitySource;
using offline::ReplayChoice;
using offline::ReplayRow;

constexpr double usd_per_nano = 1e-9;
constexpr std::size_t old_policy = ReplayPolicies::old_one;
constexpr std::size_t new_policy = ReplayPolicies::new_one;
constexpr std::size_t score_bins = 5;

class Replaying {
 public:
  Replaying(const Loaded& before, const Loaded& after, const ReplayOptions& options);
  Replay run();

 private:
  void add(const LoggedRequest& logged);
  void add_shadow(const LoggedRequest& logged);
  void learn(const LoggedQuality& said);
  void add_pair(const LoggedRequest& logged, std::uint64_t unit, const ReplayChoice& choice);
  std::optional<std::size_t> maker(const LoggedRequest& logged, const RoutingInput* input);
  ActionShares decide(std::size_t policy, const LoggedRequest& logged, const RoutingInput* input,
                      std::optional<std::size_t> made_by, std::string& tier);
  ActionShares as_it_went(const LoggedRequest& logged);
  void set_logged(ReplayChoice& choice, ReplayRow& row, const LoggedRequest& logged, const RoutingInput* input,
                  std::optional<std::size_t> made_by);
  void set_costs(ReplayRow& row, const LoggedRequest& logged) const;
  std::uint32_t action(const std::string& name);
  std::uint32_t action(std::size_t policy, std::string_view tier, bool top, const LiveDeployment& deployment);
  void note_all();
  void note(std::size_t count, const std::string& text) {
    if (count > 0) out_.notes.push_back(std::to_string(count) + " of " + std::to_string(out_.requests) + " " + text);
  }

  const ReplayOptions& options_;
  const ReplayPolicies policies_;
  bool prices_differ_ = false;
  std::map<std::string, std::uint32_t> action_index_;
  std::map<ReplayChoice, std::uint32_t> choice_index_;
  std::unordered_map<std::string, std::size_t> row_of_;
  std::size_t assumed_old_ = 0, foreign_ = 0, with_text_ = 0, redacted_ = 0, unknown_cost_ = 0, unknown_arms_ = 0;
  Replay out_;
};

Replaying::Replaying(const Loaded& before, const Loaded& after, const ReplayOptions& options)
    : options_(options), policies_(before, after, options) {
  for (const Deployment& deployment : before.spec.deployments) {
    const auto found = std::ranges::find(after.spec.deployments, deployment.name, &Deployment::name);
    prices_differ_ = prices_differ_ || (found != after.spec.deployments.end() && !(found->price == deployment.price));
  }
}

// Who made the record; nullopt: not known.
std::optional<std::size_t> Replaying::maker(const LoggedRequest& logged, const RoutingInput* input) {
  const auto found = policies_.maker(logged, input);
  if (found.how == ReplayPolicies::Known::assumed) ++assumed_old_;
  if (found.how == ReplayPolicies::Known::not_at_all) ++(logged.experiment ? unknown_arms_ : foreign_);
  return found.policy;
}

std::uint32_t Replaying::action(const std::string& name) {
  const auto [found, added] = action_index_.try_emplace(name, static_cast<std::uint32_t>(out_.rows.actions.size()));
  if (added) out_.rows.actions.push_back(name);
  return found->second;
}

std::uint32_t Replaying::action(std::size_t policy, std::string_view tier, bool top, const LiveDeployment& deployment) {
  std::string name(tier);
  name += ": " + deployment.spec->provider + "/" + deployment.spec->model;
  if (!top && policies_.cascade_of(policy) != old_policy)
    name += " (cascade " + std::to_string(policies_.cascade_of(policy)) + ")";
  return action(name);
}

ActionShares Replaying::decide(std::size_t policy, const LoggedRequest& logged, const RoutingInput* input,
                               std::optional<std::size_t> made_by, std::string& tier) {
  const auto first = policies_[policy].decide(logged, input, made_by ? &policies_.like(policy, *made_by) : nullptr);
  if (!first) return {};
  tier = first->tier;
  if (logged.pair && logged.pair->kind == "ensemble")
    return {{action("ensemble " + std::to_string(policies_.ensemble_of(policy))), 1.0}};
  ActionShares out;
  for (const auto& [member, share] : first->members)
    out.emplace_back(action(policy, first->tier, first->top, *member), share);
  std::ranges::sort(out);
  return out;
}

// For a record of an unknown policy: what was done is all that is known of it.
ActionShares Replaying::as_it_went(const LoggedRequest& logged) {
  const LoggedAttempt* const first = logged.first_answer();
  const ReplayPolicy& old = policies_[old_policy];
  const auto found = old.snapshot().deployments.find(first->deployment);
  if (found == old.snapshot().deployments.end()) return {{action(first->tier + ": " + first->deployment), 1.0}};
  const auto& order = old.snapshot().spec.tiers;
  std::string_view top;
  for (const std::string& name : order)
    if (std::ranges::find(old.spec().tiers, name, &decltype(old.spec().tiers)::value_type::first) !=
        old.spec().tiers.end())
      top = name;
  return {{action(old_policy, first->tier, first->tier == top, found->second), 1.0}};
}

// What the logging policy does with the request, and what it did.
void Replaying::set_logged(ReplayChoice& choice, ReplayRow& row, const LoggedRequest& logged, const RoutingInput* input,
                           std::optional<std::size_t> made_by) {
  std::string tier;
  ActionShares own = made_by ? decide(*made_by, logged, input, made_by, tier) : ActionShares();
  if (own.empty()) own = as_it_went(logged);
  choice.logged = own;
  const LoggedAttempt& first = *logged.first_answer();
  if (own.size() == 1 && own.front().second == 1 && (first.tier == tier || tier.empty() || logged.pair)) {
    row.action = own.front().first;
  } else if (first.tier == tier && made_by) {
    const auto& deployments = policies_[*made_by].snapshot().deployments;
    if (const auto found = deployments.find(first.deployment); found != deployments.end())
      for (const bool top : {false, true})
        for (const auto& [each, share] : own)
          if (each == action(*made_by, tier, top, found->second)) row.action = each;
  }
  const auto arms = policies_.arms_of(logged);
  if (!arms) return;
  ++out_.experimental;
  const double share = logged.experiment->share;
  std::map<std::uint32_t, double> mixed;
  for (const bool treatment : {false, true}) {
    const std::size_t policy = treatment ? arms->treatment : arms->control;
    const ActionShares one = decide(policy, logged, input, made_by, tier);
    if (one.empty()) return;  // without the other arm's decision, this one is taken for the only one
    for (const auto& [each, part] : one) mixed[each] += part * (treatment ? share : 1 - share);
  }
  choice.logged.clear();
  for (const auto& [each, part] : mixed)
    if (part > 0) choice.logged.emplace_back(each, part > 1 - 1e-12 ? 1.0 : part);
}

void Replaying::set_costs(ReplayRow& row, const LoggedRequest& logged) const {
  if (!logged.cost_nano_usd) return;
  row.cost_usd = row.cost_usd_after = static_cast<double>(*logged.cost_nano_usd) * usd_per_nano;
  if (!prices_differ_) return;
  for (const LoggedAttempt& attempt : logged.attempts) {
    std::array<std::optional<std::int64_t>, 2> costs;
    for (const std::size_t policy : {old_policy, new_policy}) {
      const auto& deployments = policies_[policy].snapshot().deployments;
      if (const auto found = deployments.find(attempt.deployment); found != deployments.end())
        costs[policy] = cost_nano_usd(found->second.spec->price, attempt.tokens);
    }
    if (attempt.own_price && costs[0] && costs[1])
      row.cost_usd_after += static_cast<double>(*costs[1] - *costs[0]) * usd_per_nano;
  }
}

// Similar requests: of a similar score, if a router gave one, else of a similar length.
std::uint32_t stratum_of(const LoggedRequest& logged) {
  for (const auto& said : logged.chain)
    if (said.score && *said.score >= 0 && *said.score <= 1)
      return static_cast<std::uint32_t>(std::min(*said.score * score_bins, score_bins - 1.0));
  const auto tokens = static_cast<double>(std::max<std::int64_t>(logged.first_answer()->tokens.input, 1));
  return static_cast<std::uint32_t>(score_bins) + static_cast<std::uint32_t>(std::min(std::log2(tokens) / 2, 8.0));
}

std::optional<double> quality_by_signals(const LoggedRequest& logged) {
  if (logged.outcome == "upstream_error") return 0.0;
  if (logged.outcome != "ok") return std::nullopt;
  const bool bad =
      logged.refusal.value_or(false) || logged.truncated.value_or(false) || logged.schema_failure.value_or(false);
  return bad ? 0.0 : 1.0;
}

void Replaying::add_pair(const LoggedRequest& logged, std::uint64_t unit, const ReplayChoice& choice) {
  const auto score_of = [&](const std::string& tier) {
    const auto& pair = *logged.pair;
    const std::optional<double> score = tier == pair.cheap.tier    ? pair.cheap.score
                                        : tier == pair.strong.tier ? pair.strong.score
                                                                   : std::nullopt;
    return score.value_or(offline::not_known);
  };
  if (!logged.pair->cheap.score || !logged.pair->strong.score) return;
  out_.rows.pairs.push_back({unit, score_of(choice.tier_before), score_of(choice.tier_after)});
}

// A shadow comes after the request that it is compared with.
void Replaying::add_shadow(const LoggedRequest& logged) {
  const auto found = row_of_.find(logged.shadow_of);
  if (found == row_of_.end() || !logged.pair) return;
  const ReplayRow& row = out_.rows.rows[found->second];
  add_pair(logged, row.unit, out_.rows.choices[row.choice]);
}

void Replaying::add(const LoggedRequest& logged) {
  if (logged.outcome == "client_error" || logged.outcome == "gateway_error") return;
  if (!logged.shadow_of.empty()) return add_shadow(logged);
  if (logged.first_answer() == nullptr) return;
  const LoggedText text(logged, policies_[old_policy].snapshot().spec.limits.body_depth);
  const RoutingInput* const input = text.input();
  const auto made_by = maker(logged, input);
  ReplayChoice choice;
  choice.before = decide(old_policy, logged, input, made_by, choice.tier_before);
  choice.after = decide(new_policy, logged, input, made_by, choice.tier_after);
  const std::uint64_t unit = stable_hash64(logged.experiment ? logged.experiment->unit : logged.id);
  if (logged.pair) add_pair(logged, unit, choice);
  ReplayRow row;
  row.unit = unit;
  row.stratum = stratum_of(logged);
  set_logged(choice, row, logged, input, made_by);
  set_costs(row, logged);
  if (const auto quality = quality_by_signals(logged))
    row.quality[static_cast<std::size_t>(QualitySource::signals)] = *quality;
  ++out_.requests;
  if (input != nullptr) ++with_text_;
  if (input != nullptr && logged.redacted) ++redacted_;
  if (!logged.cost_nano_usd) ++unknown_cost_;
  if (choice.before.empty() || choice.after.empty())
    ++out_.undecided;
  else if (choice.before == choice.after)
    ++out_.same;
  else
    ++out_.moves[{choice.tier_before, choice.tier_after}];
  if (out_.requests == 1) out_.first_unix_ms = logged.time_unix_ms;
  out_.first_unix_ms = std::min(out_.first_unix_ms, logged.time_unix_ms);
  out_.last_unix_ms = std::max(out_.last_unix_ms, logged.time_unix_ms);
  const auto [found, added] =
      choice_index_.try_emplace(std::move(choice), static_cast<std::uint32_t>(out_.rows.choices.size()));
  if (added) out_.rows.choices.push_back(found->first);
  row.choice = found->second;
  row_of_[logged.id] = out_.rows.rows.size();
  out_.rows.rows.push_back(row);
  if (options_.progress) options_.progress(out_.requests);
}

void Replaying::learn(const LoggedQuality& said) {
  const auto found = row_of_.find(said.id);
  if (found == row_of_.end() || !(said.value >= 0 && said.value <= 1)) return;
  const bool graded = said.source == LoggedQuality::Source::grade;
  auto& known = out_.rows.rows[found->second]
                    .quality[static_cast<std::size_t>(graded ? QualitySource::grades : QualitySource::feedback)];
  if (said.source != LoggedQuality::Source::task || !std::isfinite(known)) known = said.value;
}

void Replaying::note_all() {
  note(out_.experimental, "requests were assigned to an arm of an experiment: their shares are the propensities");
  for (std::string& each : policies_.notes()) out_.notes.push_back(std::move(each));
  note(unknown_arms_, "requests belong to an experiment that is in neither configuration, and decided otherwise");
  note(assumed_old_, "requests were made under another configuration than these, whose routers said what OLD's would");
  note(foreign_, "requests were made under another configuration, whose routers decided otherwise");
  note(out_.undecided,
       "requests cannot be decided anew: a router asks a deployment, or reads the text, which was not recorded (set "
       "'record: {content: redacted}' or 'full' on the route)");
  note(redacted_, "texts were redacted, which a router may read otherwise");
  note(with_text_, "requests have their text in the ledger; their tools, headers and metadata are not in it");
  note(unknown_cost_, "requests have no known cost and are left out of it: a price was missing");
  if (policies_.cascade_of(new_policy) != old_policy)
    out_.notes.emplace_back(
        "the cascade differs: what NEW's would do below the top tier is known from an arm that has it");
  if (prices_differ_) out_.notes.emplace_back("prices differ: NEW's costs are of the same tokens at NEW's prices");
}

Replay Replaying::run() {
  const auto read = ledger::read_logged(
      options_.folder, options_.route, options_.since_unix_ms, [this](const LoggedRequest& logged) { add(logged); },
      [this](const LoggedQuality& said) { learn(said); });
  if (read.damaged > 0)
    out_.notes.push_back(std::to_string(read.damaged) +
                         " damaged lines were passed over; `triage ledger verify` tells where");
  note_all();
  return std::move(out_);
}

}  // namespace

Replay replay(const Loaded& before, const Loaded& after, const ReplayOptions& options) {
  return Replaying(before, after, options).run();
}

}  // namespace triage
