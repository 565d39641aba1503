#pragma once
// Everything known about a request when it ends: one record in the ledger. Members are named as in the journal's JSON
// (docs/ledger.md); an absent value is written as null. Times are milliseconds since the request's first byte, tokens
// are counted as in Usage, money is in nano-USD.

#include "triage/request.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// How a request ended.
enum class Outcome : std::uint8_t { ok, client_error, upstream_error, gateway_error, cancelled };
inline constexpr std::array<std::string_view, 5> outcome_names{"ok", "client_error", "upstream_error", "gateway_error",
                                                               "cancelled"};

/// Why a deployment was called.
enum class Purpose : std::uint8_t { answer, verify, route, ensemble, shadow, judge, embed };
inline constexpr std::array<std::string_view, 7> purpose_names{"answer", "verify", "route", "ensemble",
                                                               "shadow", "judge",  "embed"};

/// Where an attempt's token counts come from. `estimated`: at least one of them. `none`: unknown, and nothing was
/// billed, because no answer began.
enum class UsageSource : std::uint8_t { reported, estimated, none };
inline constexpr std::array<std::string_view, 3> usage_source_names{"reported", "estimated", "none"};

/// `rejected`: by a verifier, or because the answer did not fit the one it was meant to continue. `truncated`: the
/// provider cut its answer off.
enum class AttemptEnd : std::uint8_t { completed, failed, rejected, truncated, cancelled };
inline constexpr std::array<std::string_view, 5> attempt_end_names{"completed", "failed", "rejected", "truncated",
                                                                   "cancelled"};

/// Why an attempt was made.
/// `rescue`: to continue an answer that was cut off.
enum class AttemptCause : std::uint8_t { first, retry, fallback, hedge, escalation, rescue };
inline constexpr std::array<std::string_view, 6> attempt_cause_names{"first", "retry",      "fallback",
                                                                     "hedge", "escalation", "rescue"};

/// One call to one deployment. Views live as long as the snapshot.
struct AttemptRecord {
  Purpose purpose = Purpose::answer;
  AttemptCause cause = AttemptCause::first;
  std::string_view deployment;
  std::string_view provider;
  std::string_view model;  ///< the provider's id of the model
  std::string_view tier;   ///< empty (null): the client named the deployment
  int status = 0;          ///< of the provider's answer; 0 (null): none came
  std::string_view error;  ///< an error code of docs/errors.md; empty (null): none
  double start_ms = 0;
  std::optional<double> ttft_ms;  ///< from the attempt's start to its first token; absent: none came
  double latency_ms = 0;          ///< from the attempt's start to its end
  Usage tokens;
  UsageSource usage_source = UsageSource::none;
  std::optional<std::int64_t> searches;       ///< of the web, billed; absent: none
  std::string service_tier_asked;             ///< by the request; empty (null): none
  std::string service_tier;                   ///< named by the answer, otherwise by the request; empty (null): none
  std::optional<std::int64_t> cost_nano_usd;  ///< absent: price unknown
  std::optional<std::int64_t> provider_cost_nano_usd;  ///< the cost that the provider reports; absent: none
  std::string_view cost_source;  ///< "provider": cost_nano_usd is what it reports; empty: it follows from the price
  AttemptEnd end = AttemptEnd::completed;
  std::optional<double> score;    ///< a verifier's, if the answer was rejected
  std::string verdict;            ///< why it was rejected; empty (null): it was not
  std::string dropped;            ///< of the request: what the provider was not told; empty (null): nothing
  std::string_view provider_key;  ///< the name of the key that it was called with; empty (null): it has only one
};

/// What one router of the chain decided.
struct ChainRecord {
  std::string_view router;  ///< the router's kind
  std::string_view tier;    ///< empty (null): it picked none
  std::optional<double> score;
  std::string_view reason;
  std::optional<double> threshold{};  ///< that the score reached, or the lowest that it did not
  std::string_view model{};           ///< the version of the model that gave the score; empty: none did
};

/// Signs of the answer's quality that were seen on the way; absent: not looked for.
struct Signals {
  std::optional<bool> refusal;
  std::optional<bool> hedging;
  std::optional<bool> truncated;
  std::optional<bool> schema_failure;
  std::optional<bool> retry;          ///< the same unit asked nearly the same shortly before
  std::optional<std::int64_t> turns;  ///< user turns of the conversation, this one included
};

/// Two answers to one request, for comparison (docs/ensemble.md).
enum class PairKind : std::uint8_t { ensemble, shadow };
inline constexpr std::array<std::string_view, 2> pair_kind_names{"ensemble", "shadow"};

/// One of the two answers. `deployment` empty (all null): no answer came.
struct PairHalf {
  std::string_view deployment;
  std::string_view tier;
  std::optional<double> score;
  std::optional<std::int64_t> cost_nano_usd;  ///< including the attempts that failed before it
  std::string answer;                         ///< stored as the route's record.content says; empty (null): off
};

struct PairRecord {
  PairKind kind = PairKind::ensemble;
  PairHalf cheap;
  PairHalf strong;
  std::optional<double> margin;  ///< the strong answer's score minus the cheap one's
  std::string_view picked;       ///< cheap or strong; empty (null): not compared
  std::string_view given;        ///< the answer that the client got
  std::string reason;            ///< for the pick, or why there was none
};

/// What an experiment assigned to the request.
struct ExperimentRecord {
  std::string_view name;
  std::string_view version;
  std::string_view arm;   ///< control or treatment
  std::string_view unit;  ///< hashed
  double share = 0;       ///< of the treatment when this was assigned: 0..1
};

/// The record of one request. Views need to live only until Ledger::keep() returns. An empty one is written as null.
struct LedgerRecord {
  std::string_view id;
  std::string_view completion_id;  ///< the `id` in the answer's body; empty (null): none
  std::int64_t time_unix_ms = 0;   ///< of the request's first byte
  std::string_view key;            ///< the gateway key's name
  std::string_view route;
  std::string_view config_version;
  std::string_view price_version;  ///< the price table's
  std::string_view model_requested;
  std::string_view path;
  std::vector<ChainRecord> chain;
  std::string_view tier;        ///< that answered, or was asked last; without attempts, the tier that the chain picked
  std::string_view task_class;  ///< `class`
  std::vector<AttemptRecord> attempts;
  Outcome outcome = Outcome::ok;
  std::string_view error;  ///< an error code of docs/errors.md
  int status = 0;          ///< sent to the client; 0: none
  std::string_view finish_reason;
  bool streamed = false;
  bool cancelled = false;  ///< the client left before the end
  double latency_ms = 0;
  std::optional<double> ttft_ms;
  std::int64_t overhead_us = 0;                        ///< time spent in the gateway itself
  std::optional<std::int64_t> cost_nano_usd;           ///< of all attempts; absent if any of them is unknown
  std::optional<std::int64_t> frontier_cost_nano_usd;  ///< what the answer would have cost from the route's top tier
  const ExperimentRecord* experiment = nullptr;        ///< null: not in an experiment
  Signals signals;
  std::string_view content;  ///< hashed, redacted or full: the form of `prompt` and `answer`
  std::string_view prompt;
  std::string_view answer;
  const PairRecord* pair = nullptr;  ///< null: the request was not drawn
  std::string_view trace_id;         ///< of W3C's trace context, 32 hex digits; empty (null): it is in no trace
  std::string_view trace_parent;     ///< the client's span, 16 hex digits; empty (null): the trace begins here
  bool trace_sampled = false;        ///< the trace is to be kept
  std::string_view shadow_of;        ///< the request whose answer this one is compared with; no client sent it
};

}  // namespace triage
