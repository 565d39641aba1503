#pragma once
// How deployments have been doing, what routes have spent on retries and comparisons, where conversations went, what
// was logged lately. It is kept by name, so that a new configuration finds it unchanged. Outlives all snapshots.
// Thread-safe.

#include "base/metrics.hpp"
#include "pipeline/live/askers.hpp"
#include "pipeline/live/breaker.hpp"
#include "pipeline/live/daily_budget.hpp"
#include "pipeline/live/escalations.hpp"
#include "pipeline/live/first_byte_times.hpp"
#include "pipeline/live/held_bytes.hpp"
#include "pipeline/live/key_ring.hpp"
#include "pipeline/live/line_bound.hpp"
#include "pipeline/live/recent_requests.hpp"
#include "pipeline/live/rollout.hpp"
#include "pipeline/live/sessions.hpp"
#include "pipeline/live/signatures.hpp"
#include "pipeline/live/writing_speed.hpp"
#include "triage/exchange.hpp"
#include "triage/record.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace triage {

/// What the state of a policy is kept by: the route's name, for a treatment with its arm behind a space.
std::string state_name(const RouteSpec& policy);

/// The ensemble or shadow whose daily budget holds for the route, whatever the arm: of its experiment's arms the one
/// with the larger budget. Null: there is none.
const PairSpec* budgeted_pair(const RouteSpec& route, PairKind kind);
/// The same of the judge.
const JudgeSpec* budgeted_judge(const RouteSpec& route);

class LiveState {
 public:
  /// The same name gives the same object. Its limits are those of the first call, until use() changes them.
  GuardedBreaker& breaker(const std::string& deployment, const BreakerSpec& spec);
  /// Of a host that deployments share: it counts failures to reach it and to be answered at all. Only failures in a row
  /// eject it, for other models there may answer.
  GuardedBreaker& origin_breaker(const std::string& origin, const BreakerSpec& spec);
  RetryBudget& budget(const std::string& route, const RetrySpec& spec);
  RetryBudget& hedge_budget(const std::string& route, const HedgeSpec& spec);
  FirstByteTimes& first_byte_times(const std::string& deployment);
  WritingSpeed& writing_speed(const std::string& deployment);
  /// The Additions that a model at a provider has refused.
  std::atomic<Additions>& refused(const std::string& model_at_provider);
  /// Whether a provider, by its base URL, turned out to have no Responses API.
  std::atomic<bool>& no_responses(const std::string& base_url);
  /// How long a provider's key rests.
  KeyRing::Rest& key_rest(const std::string& provider, const ProviderKey& key);
  /// Whether the key has metrics of its own: the first `most` that ask have.
  bool has_key_metrics(const std::string& key, std::uint32_t most);
  /// Updates the gauges: triage_breaker_state of every deployment ever asked for, as of `now`, how much cascades hold,
  /// and how often they escalate. To be called by one thread only.
  void measure(Metrics& metrics, Breaker::Time now);
  Sessions& sessions() noexcept { return sessions_; }
  Signatures& signatures() noexcept { return signatures_; }
  Askers& askers() noexcept { return askers_; }
  RecentRequests& recent() noexcept { return recent_; }
  Escalations& escalations(const std::string& route, const CascadeSpec& spec);
  HeldBytes& held() noexcept { return held_; }
  /// The number of shadows under way.
  std::atomic<std::int64_t>& shadows() noexcept { return shadows_; }
  /// The number of open WebSockets.
  std::atomic<std::int64_t>& web_sockets() noexcept { return web_sockets_; }
  /// The budget of a route's ensemble or shadow.
  DailyBudget& pair_budget(PairKind kind, const std::string& route, const PairSpec& spec);
  /// The budget of a route's judge.
  DailyBudget& judge_budget(const std::string& route, const JudgeSpec& spec);
  KeyShare& key_share(const std::string& key);
  /// Of an experiment. A new one starts with a share of 0.
  Rollout& rollout(const std::string& experiment);
  LineBounds& line_bounds() noexcept { return line_bounds_; }

  /// Applies the limits that `config` sets for the deployments and routes it names; their state stays.
  void use(const ConfigSpec& config);

 private:
  void use(const RouteSpec& policy);

  Sessions sessions_;
  Signatures signatures_;
  Askers askers_;
  RecentRequests recent_;
  HeldBytes held_;
  LineBounds line_bounds_;
  std::atomic<std::int64_t> shadows_{0};
  std::atomic<std::int64_t> web_sockets_{0};
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<GuardedBreaker>> breakers_;
  std::map<std::string, std::unique_ptr<GuardedBreaker>> origin_breakers_;
  std::map<std::string, std::unique_ptr<RetryBudget>> budgets_;
  std::map<std::string, std::unique_ptr<RetryBudget>> hedge_budgets_;
  std::map<std::string, std::unique_ptr<FirstByteTimes>> first_byte_times_;
  std::map<std::string, std::unique_ptr<WritingSpeed>> writing_speeds_;
  std::map<std::string, std::unique_ptr<std::atomic<Additions>>> refused_;
  std::map<std::string, std::unique_ptr<std::atomic<bool>>> no_responses_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<KeyRing::Rest>> key_rests_;  // by provider and hash
  std::set<std::string> measured_keys_;
  std::map<std::string, std::unique_ptr<Escalations>> escalations_;
  std::map<std::string, std::unique_ptr<KeyShare>> key_shares_;
  std::map<std::pair<PairKind, std::string>, std::unique_ptr<DailyBudget>> pair_budgets_;
  std::map<std::string, std::unique_ptr<Rollout>> rollouts_;
  std::map<std::string, std::unique_ptr<DailyBudget>> judge_budgets_;
};

}  // namespace triage
