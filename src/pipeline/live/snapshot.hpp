#pragma once
// The live configuration: the spec, with every name resolved. It is built as a whole, immutable, shared by all loops,
// and dies with the last request that uses it. Metrics live longer, keyed by name.

#include "base/glob.hpp"
#include "base/metrics.hpp"
#include "pipeline/live/askers.hpp"
#include "pipeline/live/breaker.hpp"
#include "pipeline/live/daily_budget.hpp"
#include "pipeline/live/escalations.hpp"
#include "pipeline/live/first_byte_times.hpp"
#include "pipeline/live/held_bytes.hpp"
#include "pipeline/live/key_ring.hpp"
#include "pipeline/live/key_table.hpp"
#include "pipeline/live/line_bound.hpp"
#include "pipeline/live/live_experiment.hpp"
#include "pipeline/live/recent_requests.hpp"
#include "pipeline/live/route_index.hpp"
#include "pipeline/live/sessions.hpp"
#include "pipeline/live/signatures.hpp"
#include "pipeline/live/writing_speed.hpp"
#include "pipeline/outcome/content.hpp"
#include "routing/chain.hpp"
#include "triage/dialect.hpp"
#include "triage/exchange.hpp"
#include "triage/picker.hpp"
#include "triage/record.hpp"
#include "triage/spec.hpp"
#include "triage/verifier.hpp"

#include <array>
#include <atomic>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace triage {

/// The metrics of one route.
struct RouteMetrics {
  std::array<Counter*, outcome_names.size()> requests{};
  Counter* retries = nullptr;
  Counter* fallbacks = nullptr;
  Counter* hedges_won = nullptr;   ///< the second call answered
  Counter* hedges_lost = nullptr;  ///< the first call answered after all
  Counter* rescued = nullptr;      ///< streams that were cut off and continued
  Counter* rescues_failed = nullptr;
  Counter* fell = nullptr;  ///< requests for which cheaper tiers were asked in the end
  Counter* cascades_accepted = nullptr;
  Counter* cascades_escalated = nullptr;
  Counter* cost_nano_usd = nullptr;           ///< of requests, where both costs are known
  Counter* frontier_cost_nano_usd = nullptr;  ///< of the same answers, from the strongest deployment
  Histogram* latency = nullptr;
  Histogram* first_byte = nullptr;
  Histogram* overhead = nullptr;
};

/// How a call of POST /v1/feedback ended.
enum class FeedbackEnd : std::uint8_t { recorded, repeated, not_found, closed, invalid, failed };
template <>
inline constexpr std::array<std::string_view, 6> words<FeedbackEnd>{"recorded", "repeated", "not_found",
                                                                    "closed",   "invalid",  "failed"};

/// Adds to counters that are by token_kinds.
void add_tokens(const std::array<Counter*, 5>& tokens, const Usage& usage) noexcept;

/// The metrics of one deployment. `attempts` is by how they ended.
struct DeploymentMetrics {
  std::array<Counter*, outcome_names.size()> attempts{};
  std::array<Counter*, 5> tokens{};  ///< by token_kinds
  Counter* cost_nano_usd = nullptr;
  Counter* unknown_prices = nullptr;

  void count(const Usage& usage) const noexcept;
};
inline constexpr std::array<std::string_view, 5> token_kinds{"input", "input_cached", "cache_write", "output",
                                                             "reasoning"};

/// The metrics of one gateway key, or of all that share theirs.
struct KeyMetrics {
  Counter* requests = nullptr;
  std::array<Counter*, 5> tokens{};  ///< by token_kinds
  Counter* cost_nano_usd = nullptr;
};

struct LiveDeployment {
  const Deployment* spec = nullptr;
  const Provider* provider = nullptr;
  KeyRing* keys = nullptr;  ///< of its provider; null: it has one key, or none
  const Dialect* dialect = nullptr;
  const Dialect* responses = nullptr;  ///< for clients of the Responses API, if `spec->responses`
  DeploymentMetrics metrics;
  Additions refuses = 0;              ///< as the configuration says
  GuardedBreaker* breaker = nullptr;  ///< kept by name; outlives the snapshot
  GuardedBreaker* origin = nullptr;   ///< of the provider's host, shared by all deployments there; kept likewise
  FirstByteTimes* first_byte_times = nullptr;  ///< kept likewise, as the next two
  WritingSpeed* speed = nullptr;
  std::atomic<Additions>* refused = nullptr;  ///< as it turned out
  std::atomic<bool>* no_responses = nullptr;  ///< likewise; null: it is known

  /// What must not be added to its requests.
  [[nodiscard]] Additions without() const noexcept { return refuses | refused->load(std::memory_order_relaxed); }

  /// The dialect in which it is asked for a client that speaks `form`.
  [[nodiscard]] const Dialect& dialect_for(WireForm form) const noexcept {
    return form != spec->form && speaks(*spec, form) ? *responses : *dialect;
  }
};

struct LiveGrading;

struct LiveTier {
  std::string_view name;
  std::vector<const LiveDeployment*> members;
  std::vector<std::uint32_t> weights;  ///< of members
  std::uint64_t weight_sum = 0;
  bool listed = false;         ///< all go to the first that can answer
  Counter* answers = nullptr;  ///< requests of the route that it answered
};

/// The metrics of one route and kind of pair.
struct PairMetrics {
  Counter* cheap = nullptr;   ///< picked
  Counter* strong = nullptr;  ///< picked
  Counter* none = nullptr;    ///< an answer was missing, or there is no picker
  Counter* over_budget = nullptr;
  Counter* cost_nano_usd = nullptr;
};

/// A route's `ensemble` or `shadow`.
struct LivePair {
  PairKind kind = PairKind::ensemble;
  const PairSpec* spec = nullptr;             ///< names two tiers of the order, the strong one above the cheap one
  std::unique_ptr<Picker> picker;             ///< null: answers are only recorded
  const LiveDeployment* comparing = nullptr;  ///< the one that the picker asks, if it asks one
  DailyBudget* budget = nullptr;              ///< kept by name; outlives the snapshot
  PairMetrics metrics;
};

/// How requests are served: everything about a route except which requests it takes. A route has one policy; an
/// experiment compares two.
struct Policy {
  const RouteSpec* spec = nullptr;
  std::string_view route;  ///< the route's name; empty: for requests that name a deployment
  std::string_view arm;    ///< of the route's experiment; empty: there is none
  std::vector<LiveTier> tiers;
  std::vector<std::unique_ptr<Router>> routers;  ///< empty only without a route
  Chain chain;                                   ///< made of these routers
  RouteMetrics metrics;
  const LiveDeployment* strongest = nullptr;     ///< the heaviest of the highest tier; null: there are only specialists
  bool translates = false;                       ///< a deployment of it does not speak chat completions
  std::optional<std::int64_t> window_least;      ///< smallest known context window of its deployments
  RetryBudget* budget = nullptr;                 ///< kept by name; outlives the snapshot
  RetryBudget* hedge_budget = nullptr;           ///< kept likewise; null: no hedging
  std::unique_ptr<VerifierTree> verifiers;       ///< null: no cascade
  Escalations* escalations = nullptr;            ///< of the cascade, kept by name
  std::unique_ptr<const ContentPolicy> content;  ///< null: no texts are recorded
  std::unique_ptr<const LivePair> ensemble;      ///< null: none
  std::unique_ptr<const LivePair> shadow;        ///< null: none
  std::shared_ptr<const LiveGrading> grading;    ///< null: answers are not graded

  [[nodiscard]] const LiveTier* tier(std::string_view name) const noexcept;
};

/// A route's experiment.
struct LiveExperiment {
  const ExperimentSpec* spec = nullptr;
  Policy treatment;                  ///< control is the route's policy
  const Rollout* rollout = nullptr;  ///< kept by name; outlives the snapshot
  std::vector<UnitPlace> unit;
  UnitHash draw;
  UnitHash slice;                ///< of the exclusive group
  std::vector<UnitHash> rivals;  ///< the slices of the group's other experiments
  UnitDisguise recorded;
  std::vector<std::string_view> heeded_headers;  ///< in which clients name a tier, in either arm
  bool cascades = false;                         ///< either arm has one
  std::array<ArmMetrics, 2> metrics{};           ///< by Arm
};

struct LiveRoute {
  const RouteSpec* spec = nullptr;
  Policy policy;                                               ///< with an experiment, that of control
  std::unique_ptr<const LiveExperiment> experiment = nullptr;  ///< null: none
};

struct Snapshot : std::enable_shared_from_this<Snapshot> {
  ConfigSpec spec;
  std::string version;
  std::time_t made = 0;
  KeyTable keys;                                                             ///< of spec.keys
  std::unordered_map<std::string_view, std::unique_ptr<KeyRing>> key_rings;  // of providers with several keys, by name
  std::unordered_map<std::string, KeyMetrics> key_metrics;                   // by the `key` label
  std::vector<const KeyMetrics*> metrics_of_keys;                            ///< of spec.keys
  std::unordered_map<std::string_view, LiveDeployment> deployments;          // by name
  std::unordered_map<std::string_view, const LiveDeployment*> model_names;   // by the names of deployments and aliases
  std::vector<LiveRoute> routes;                                             ///< of spec.routes
  std::unordered_map<std::string_view, const LiveRoute*> route_names;
  RouteIndex matches;                ///< of `routes`, for requests that are read
  RouteIndex passages;               ///< of `routes`, for calls that pass through
  Sessions* sessions = nullptr;      ///< outlives the snapshot
  Signatures* signatures = nullptr;  ///< outlives the snapshot
  Counter* signatures_kept = nullptr;
  Counter* signatures_restored = nullptr;
  Counter* signature_hits = nullptr;  ///< a turn had to be forgotten
  HeldBytes* held = nullptr;          ///< outlives the snapshot
  std::vector<KeyShare*> key_shares;  ///< of spec.keys; they outlive the snapshot; empty: there are not several keys
  LineBounds* line_bounds = nullptr;  ///< outlives the snapshot; null: requests are not logged
  std::array<Counter*, line_kinds.size()> lines_left_out{};
  Policy direct;                     ///< for requests that name a deployment
  RouteMetrics none;                 ///< for requests that reach neither a route nor a deployment
  Askers* askers = nullptr;          ///< likewise
  RecentRequests* recent = nullptr;  ///< outlives the snapshot; null: there is no ledger
  /// How texts of feedback are kept: of the routes, in their order, and at last of requests without one.
  std::vector<std::shared_ptr<const ContentPolicy>> feedback_texts;
  std::array<Counter*, words<FeedbackEnd>.size()> feedback{};
  Counter* asker_hits = nullptr;
  Counter* recent_hits = nullptr;
  Counter* feedback_hits = nullptr;
  Counter* body_depth_hits = nullptr;  ///< hits of a limit that only the pipeline can see
  Counter* reply_hits = nullptr;
  Counter* event_hits = nullptr;
  Counter* session_hits = nullptr;
  Counter* held_hits = nullptr;
  Counter* held_total_hits = nullptr;
  std::atomic<std::int64_t>* shadows = nullptr;  ///< under way, on all loops; outlives the snapshot
  Counter* shadow_hits = nullptr;
  Counter* score_hits = nullptr;
  std::atomic<std::int64_t>* web_sockets = nullptr;  ///< open, on all loops; outlives the snapshot
  Counter* web_sockets_open = nullptr;
  Counter* web_socket_hits = nullptr;
  Counter* key_share_hits = nullptr;
  Counter* web_socket_message_hits = nullptr;
  Counter* web_socket_idle_hits = nullptr;
  Counter* unknown_prices = nullptr;  ///< of calls for a model that no deployment has
  std::vector<Counter*> errors;       ///< by ErrorCode
};

}  // namespace triage
