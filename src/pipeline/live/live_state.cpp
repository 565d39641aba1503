#include "pipeline/live/live_state.hpp"

#include "base/sha256.hpp"

#include <cmath>

namespace triage {
namespace {

BreakerSpec in_a_row_only(BreakerSpec spec) {
  spec.rate = 2;  // of calls: never
  return spec;
}

template <class T>
T& kept(std::map<std::string, std::unique_ptr<T>>& known, const std::string& name) {
  auto& slot = known[name];
  if (!slot) slot = std::make_unique<T>();
  return *slot;
}

std::int64_t state_number(GuardedBreaker& breaker, Breaker::Time now) {
  const auto state = breaker.with([now](const Breaker& seen) { return seen.state(now); });
  return state == Breaker::State::closed ? 0 : state == Breaker::State::half_open ? 1 : 2;
}

}  // namespace

std::string state_name(const RouteSpec& policy) {
  return policy.name + (policy.arm == Arm::treatment ? " " + std::string(word(Arm::treatment)) : "");
}

const PairSpec* budgeted_pair(const RouteSpec& route, PairKind kind) {
  const PairSpec* out = nullptr;
  const auto look_at = [&](const RouteSpec& policy) {
    const auto& pair = kind == PairKind::ensemble ? policy.ensemble : policy.shadow;
    if (pair && (out == nullptr || pair->daily_budget_usd > out->daily_budget_usd)) out = &*pair;
  };
  const bool has_control = route.experiment && route.experiment->control;
  look_at(has_control ? *route.experiment->control : route);
  if (route.experiment && route.experiment->treatment) look_at(*route.experiment->treatment);
  return out;
}

const JudgeSpec* budgeted_judge(const RouteSpec& route) {
  const JudgeSpec* out = nullptr;
  const auto look_at = [&out](const RouteSpec& policy) {
    if (!policy.quality || !policy.quality->judge) return;
    const JudgeSpec& judge = *policy.quality->judge;
    if (out == nullptr || judge.daily_budget_usd > out->daily_budget_usd) out = &judge;
  };
  const bool has_control = route.experiment && route.experiment->control;
  look_at(has_control ? *route.experiment->control : route);
  if (route.experiment && route.experiment->treatment) look_at(*route.experiment->treatment);
  return out;
}

GuardedBreaker& LiveState::breaker(const std::string& deployment, const BreakerSpec& spec) {
  const std::lock_guard lock(mutex_);
  auto& slot = breakers_[deployment];
  if (!slot) slot = std::make_unique<GuardedBreaker>(spec);
  return *slot;
}

GuardedBreaker& LiveState::origin_breaker(const std::string& origin, const BreakerSpec& spec) {
  const std::lock_guard lock(mutex_);
  auto& slot = origin_breakers_[origin];
  if (!slot) slot = std::make_unique<GuardedBreaker>(in_a_row_only(spec));
  return *slot;
}

RetryBudget& LiveState::budget(const std::string& route, const RetrySpec& spec) {
  const std::lock_guard lock(mutex_);
  auto& slot = budgets_[route];
  if (!slot) slot = std::make_unique<RetryBudget>(spec.budget, spec.budget_min);
  return *slot;
}

RetryBudget& LiveState::hedge_budget(const std::string& route, const HedgeSpec& spec) {
  const std::lock_guard lock(mutex_);
  auto& slot = hedge_budgets_[route];
  if (!slot) slot = std::make_unique<RetryBudget>(spec.budget, 1);
  return *slot;
}

FirstByteTimes& LiveState::first_byte_times(const std::string& deployment) {
  const std::lock_guard lock(mutex_);
  return kept(first_byte_times_, deployment);
}

WritingSpeed& LiveState::writing_speed(const std::string& deployment) {
  const std::lock_guard lock(mutex_);
  return kept(writing_speeds_, deployment);
}

std::atomic<Additions>& LiveState::refused(const std::string& model_at_provider) {
  const std::lock_guard lock(mutex_);
  return kept(refused_, model_at_provider);
}

std::atomic<bool>& LiveState::no_responses(const std::string& base_url) {
  const std::lock_guard lock(mutex_);
  return kept(no_responses_, base_url);
}

// By the key's hash, so that another key of the same name does not rest for it.
KeyRing::Rest& LiveState::key_rest(const std::string& provider, const ProviderKey& key) {
  const std::lock_guard lock(mutex_);
  auto& slot = key_rests_[{provider, hex(sha256(key.key.reveal()))}];
  if (!slot) slot = std::make_unique<KeyRing::Rest>(0);
  return *slot;
}

bool LiveState::has_key_metrics(const std::string& key, std::uint32_t most) {
  if (key == "other") return false;
  const std::lock_guard lock(mutex_);
  if (measured_keys_.contains(key)) return true;
  return measured_keys_.size() < most && measured_keys_.insert(key).second;
}

Escalations& LiveState::escalations(const std::string& route, const CascadeSpec& spec) {
  const std::lock_guard lock(mutex_);
  auto& slot = escalations_[route];
  if (!slot) {
    slot = std::make_unique<Escalations>();
    slot->use(spec.escalation_window, spec.escalation_share);
  }
  return *slot;
}

DailyBudget& LiveState::pair_budget(PairKind kind, const std::string& route, const PairSpec& spec) {
  const std::lock_guard lock(mutex_);
  auto& slot = pair_budgets_[{kind, route}];
  if (!slot) slot = std::make_unique<DailyBudget>();
  slot->use(std::llround(spec.daily_budget_usd * 1e9));
  return *slot;
}

DailyBudget& LiveState::judge_budget(const std::string& route, const JudgeSpec& spec) {
  const std::lock_guard lock(mutex_);
  auto& slot = judge_budgets_[route];
  if (!slot) slot = std::make_unique<DailyBudget>();
  slot->use(std::llround(spec.daily_budget_usd * 1e9));
  return *slot;
}

KeyShare& LiveState::key_share(const std::string& key) {
  const std::lock_guard lock(mutex_);
  auto& slot = key_shares_[key];
  if (!slot) slot = std::make_unique<KeyShare>();
  return *slot;
}

Rollout& LiveState::rollout(const std::string& experiment) {
  const std::lock_guard lock(mutex_);
  return kept(rollouts_, experiment);
}

void LiveState::use(const ConfigSpec& config) {
  for (const Deployment& deployment : config.deployments)
    breaker(deployment.name, config.breaker).with([&](Breaker& known) { known.use(config.breaker); });
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [origin, breaker] : origin_breakers_)
      breaker->with([&](Breaker& known) { known.use(in_a_row_only(config.breaker)); });
  }
  for (const RouteSpec& route : config.routes) {
    for (const PairKind kind : {PairKind::ensemble, PairKind::shadow})
      if (const PairSpec* const pair = budgeted_pair(route, kind)) pair_budget(kind, route.name, *pair);
    if (const JudgeSpec* const judge = budgeted_judge(route)) judge_budget(route.name, *judge);
    if (!route.experiment || !route.experiment->control) use(route);
    if (!route.experiment) continue;
    if (route.experiment->control) use(*route.experiment->control);
    if (route.experiment->treatment) use(*route.experiment->treatment);
  }
}

void LiveState::use(const RouteSpec& policy) {
  const std::string name = state_name(policy);
  budget(name, policy.retry).use(policy.retry.budget, policy.retry.budget_min);
  if (policy.hedge) hedge_budget(name, *policy.hedge).use(policy.hedge->budget, 1);
  if (policy.cascade)
    escalations(name, *policy.cascade).use(policy.cascade->escalation_window, policy.cascade->escalation_share);
}

void LiveState::measure(Metrics& metrics, Breaker::Time now) {
  const std::lock_guard lock(mutex_);
  for (const auto& [deployment, breaker] : breakers_)
    metrics
        .gauge("triage_breaker_state", "0: calls go there; 1: one at a time, as a probe; 2: ejected.",
               {{"deployment", deployment}})
        .set(state_number(*breaker, now));
  for (const auto& [origin, breaker] : origin_breakers_)
    metrics
        .gauge("triage_origin_breaker_state", "The same of a host of providers that cannot be reached or is silent.",
               {{"origin", origin}})
        .set(state_number(*breaker, now));
  for (const auto& [name, escalations] : escalations_) {
    const std::size_t space = name.find(' ');
    Labels labels{{"route", name.substr(0, space)}};
    if (space != std::string::npos) labels.push_back({"arm", name.substr(space + 1)});
    metrics.ratio("triage_escalation_ratio", "Of a cascade's last requests, those that escalated.", labels)
        .set(escalations->share());
  }
  metrics.gauge("triage_shadows", "Answers for comparison and grades that are awaited.").set(shadows_.load());
  metrics.gauge("triage_signatures_bytes", "Of thoughts and signatures that clients may not send back.")
      .set(static_cast<std::int64_t>(signatures_.bytes()));
  metrics.gauge("triage_held_bytes", "Of answers that are held back until they are verified.").set(held_.held());
}

}  // namespace triage
