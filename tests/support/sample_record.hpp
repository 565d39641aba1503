#pragma once
// A ledger record with a bit of everything.

#include "ledger/record_json.hpp"

#include <string>

namespace triage::ledger {

/// Two attempts; `number` varies its length, times and costs. Views `id`.
inline LedgerRecord sample_record(std::string_view id, std::uint64_t number = 0,
                                  std::int64_t time_unix_ms = 1'795'000'000'000) {
  static const std::string reason(200, 'r');
  LedgerRecord record;
  record.id = id;
  record.time_unix_ms = time_unix_ms + static_cast<std::int64_t>(number);
  record.key = "checkout";
  record.route = "chat";
  record.config_version = "0123456789ab";
  record.price_version = "2026-11-01";
  record.model_requested = "auto";
  record.path = "/v1/chat/completions";
  record.chain = {{"heuristic", "large", std::nullopt, std::string_view(reason).substr(0, number % 150)}};
  record.tier = "large";
  AttemptRecord attempt;
  attempt.deployment = "frontier";
  attempt.provider = "openai";
  attempt.model = "gpt-4o";
  attempt.tier = "large";
  attempt.status = 503;
  attempt.error = "upstream_error";
  attempt.end = AttemptEnd::failed;
  attempt.cost_nano_usd = 0;
  record.attempts.push_back(attempt);
  attempt.cause = AttemptCause::retry;
  attempt.status = 200;
  attempt.error = {};
  attempt.end = AttemptEnd::completed;
  attempt.start_ms = 30.5;
  attempt.ttft_ms = 210;
  attempt.latency_ms = 900.125;
  attempt.tokens = {812, 100, 0, 120, 7};
  attempt.usage_source = UsageSource::reported;
  attempt.cost_nano_usd = 3'230'000 + static_cast<std::int64_t>(number);
  record.attempts.push_back(attempt);
  record.status = 200;
  record.finish_reason = "stop";
  record.streamed = true;
  record.latency_ms = 931 + static_cast<double>(number % 1000) / 1000;
  record.ttft_ms = 241;
  record.overhead_us = 140;
  record.cost_nano_usd = attempt.cost_nano_usd;
  record.frontier_cost_nano_usd = attempt.cost_nano_usd;
  record.signals.refusal = false;
  record.signals.truncated = false;
  return record;
}

/// As append_record() writes it, with its closing brace.
inline std::string json_of(const LedgerRecord& record, bool content = true) {
  Buffer out;
  append_record(out, record, content);
  return std::string(out.view()) + "}";
}

inline std::string json_of(const LedgerEvent& event) {
  Buffer out;
  append_event(out, event);
  return std::string(out.view()) + "}";
}

/// One of each kind, of the request `id`; `number` varies which.
inline LedgerEvent sample_event(std::string_view id, std::uint64_t number = 0,
                                std::int64_t time_unix_ms = 1'795'000'000'000) {
  static constexpr ExperimentRecord experiment{"cheaper-threshold", "v2", "treatment", "5e884898", 0.1};
  if (number % 3 == 0)
    return FeedbackEvent{id,    time_unix_ms,  "checkout", Thumb::down, 0.25,
                         false, "no \"good\"", "42",       "chat",      &experiment};
  if (number % 3 == 1)
    return GradeEvent{id,         time_unix_ms, "chat",    "judge",   "0123456789ab",
                      "frontier", 0.75,         "as good", 1'200'000, &experiment};
  return ExperimentEvent{"cheaper-threshold",
                         "v2",
                         time_unix_ms,
                         "chat",
                         "rollback",
                         {},
                         1,
                         0,
                         "thumbs fell",
                         R"({"wealth":21.5,"units":[400,40]})"};
}

}  // namespace triage::ledger
