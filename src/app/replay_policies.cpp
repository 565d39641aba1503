#include "app/replay_policies.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace triage {
namespace {

using ledger::LoggedQuality;
using ledger::LoggedRequest;

constexpr double nearly_all = 0.99;

// The configuration with the route as an arm has it.
ConfigSpec with_arm(const ConfigSpec& spec, const std::string& route, bool treatment) {
  ConfigSpec out = spec;
  for (RouteSpec& each : out.routes) {
    if (each.name != route || !each.experiment) continue;
    const Boxed<ArmSpec>& arm = treatment ? each.experiment->treatment : each.experiment->control;
    if (!arm) {
      each.experiment.reset();
      continue;
    }
    RouteSpec whole = *arm;
    whole.name = each.name;
    whole.match = each.match;
    whole.experiment.reset();
    each = std::move(whole);
  }
  return out;
}

const ExperimentSpec* experiment_of(const ConfigSpec& spec, const std::string& route) {
  const auto found = std::ranges::find(spec.routes, route, &RouteSpec::name);
  return found != spec.routes.end() && found->experiment ? &*found->experiment : nullptr;
}

}  // namespace

ReplayPolicies::ReplayPolicies(const Loaded& before, const Loaded& after, const ReplayOptions& options) {
  for (const Loaded* loaded : {&before, &after})
    policies_.push_back(std::make_unique<ReplayPolicy>(loaded == &before ? "OLD" : "NEW",
                                                       with_arm(loaded->spec, options.route, false), loaded->version,
                                                       options.route));
  add_arms(before, options.route);
  add_arms(after, options.route);
  guess_arms(options);
  compare();
}

void ReplayPolicies::add_arms(const Loaded& loaded, const std::string& route) {
  const ExperimentSpec* const experiment = experiment_of(loaded.spec, route);
  if (experiment == nullptr || arms_.contains({experiment->name, experiment->version})) return;
  Arms arms;
  for (const bool treatment : {false, true}) {
    (treatment ? arms.treatment : arms.control) = policies_.size();
    policies_.push_back(std::make_unique<ReplayPolicy>(treatment ? "treatment" : "control",
                                                       with_arm(loaded.spec, route, treatment), "", route));
  }
  arms_.emplace(Key(experiment->name, experiment->version), arms);
}

void ReplayPolicies::compare() {
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    std::vector<Likenesses> row;
    std::array<std::size_t, 2> parts{i, i};
    for (std::size_t j = 0; j < policies_.size(); ++j) {
      row.push_back(policies_[i]->likenesses(*policies_[j]));
      if (j < parts[0] && policies_[i]->same_part(*policies_[j], "cascade")) parts[0] = j;
      if (j < parts[1] && policies_[i]->same_part(*policies_[j], "ensemble")) parts[1] = j;
    }
    like_.push_back(std::move(row));
    parts_.push_back(parts);
  }
}

// Whose decisions the arms of experiments took that neither configuration has.
void ReplayPolicies::guess_arms(const ReplayOptions& options) {
  struct Seen {
    std::size_t all = 0;
    std::array<std::size_t, 2> may_be{};
  };
  std::map<Key, std::array<Seen, 2>> seen;
  const auto look = [&](const LoggedRequest& logged) {
    if (!logged.experiment || logged.first_answer() == nullptr ||
        arms_.contains({logged.experiment->name, logged.experiment->version}))
      return;
    Seen& arm =
        seen[{logged.experiment->name, logged.experiment->version}][logged.experiment->arm == "treatment" ? 1 : 0];
    const LoggedText text(logged, policies_[old_one]->snapshot().spec.limits.body_depth);
    ++arm.all;
    for (const std::size_t policy : {old_one, new_one})
      if (policies_[policy]->may_have_made(logged, text.input())) ++arm.may_be[policy];
  };
  ledger::read_logged(options.folder, options.route, options.since_unix_ms, look, [](const LoggedQuality&) {});
  for (const auto& [key, arms] : seen) {
    const auto is = [](const Seen& arm, std::size_t policy) {
      return arm.all > 0 && static_cast<double>(arm.may_be[policy]) >= nearly_all * static_cast<double>(arm.all);
    };
    const auto pick = [&](const Seen& arm, std::size_t first, std::size_t second) -> std::optional<std::size_t> {
      return is(arm, first) ? std::optional(first) : is(arm, second) ? std::optional(second) : std::nullopt;
    };
    const auto control = pick(arms[0], old_one, new_one);
    const auto treatment = pick(arms[1], new_one, old_one);
    if (!control || !treatment) continue;
    arms_.emplace(key, Arms{*control, *treatment});
    guessed_.push_back(key);
  }
}

std::optional<ReplayPolicies::Arms> ReplayPolicies::arms_of(const LoggedRequest& logged) const {
  if (!logged.experiment) return std::nullopt;
  const auto found = arms_.find({logged.experiment->name, logged.experiment->version});
  return found != arms_.end() ? std::optional(found->second) : std::nullopt;
}

ReplayPolicies::Maker ReplayPolicies::maker(const LoggedRequest& logged, const RoutingInput* input) const {
  if (const auto arms = arms_of(logged))
    return {Known::by_experiment, logged.experiment->arm == "treatment" ? arms->treatment : arms->control};
  if (logged.experiment) return {};
  for (const std::size_t policy : {old_one, new_one})
    if (logged.config_version == policies_[policy]->version()) return {Known::by_version, policy};
  if (policies_[old_one]->may_have_made(logged, input)) return {Known::assumed, old_one};
  return {};
}

std::vector<std::string> ReplayPolicies::notes() const {
  std::vector<std::string> out;
  for (const Key& key : guessed_)
    out.push_back("experiment " + quoted_name(key.first) + ", version " + quoted_name(key.second) +
                  ", is in neither configuration: its control decided as " + policies_[arms_.at(key).control]->title() +
                  " would, its treatment as " + policies_[arms_.at(key).treatment]->title() + " would");
  return out;
}

}  // namespace triage
