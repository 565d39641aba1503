#include "ledger/rollup.hpp"

#include "base/unix_time.hpp"
#include "triage/request.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace triage::ledger {
namespace {

using A = AttemptRecord;
using R = LedgerRecord;

constexpr char separator = '\x1f';

std::string_view or_empty(const Text& text) {
  return text.value_or(std::string_view());
}

// Whether this attempt's model refused. If a cascade's weak model refused and another answered, the record's own signal
// is about the latter's answer.
bool refused(const StoredAttempt& attempt) {
  const std::string_view verdict = or_empty(attempt.get<&A::verdict>());
  return attempt.get<&A::end>() == "rejected" &&
         (verdict.find("refusal: ") != verdict.npos || verdict.find("the model refused") != verdict.npos);
}

void add_attempt(Sums& sums, const StoredAttempt& attempt) {
  const Text& cause = attempt.get<&A::cause>();
  sums.add(Sums::attempts, 1);
  if (refused(attempt)) sums.add(Sums::refusals, 1);
  if (cause == "retry") sums.add(Sums::retries, 1);
  if (cause == "fallback") sums.add(Sums::fallbacks, 1);
  if (cause == "hedge") sums.add(Sums::hedges, 1);
  if (cause == "escalation") sums.add(Sums::escalations, 1);
  if (attempt.get<&A::usage_source>() == "estimated") sums.add(Sums::estimated, 1);
  const Stored<Usage>& tokens = attempt.get<&A::tokens>();
  sums.add(Sums::tokens_input, tokens.get<&Usage::input>().value_or(0));
  sums.add(Sums::tokens_input_cached, tokens.get<&Usage::input_cached>().value_or(0));
  sums.add(Sums::tokens_cache_write, tokens.get<&Usage::cache_write>().value_or(0));
  sums.add(Sums::tokens_output, tokens.get<&Usage::output>().value_or(0));
  sums.add(Sums::tokens_reasoning, tokens.get<&Usage::reasoning>().value_or(0));
  const Integer& cost = attempt.get<&A::cost_nano_usd>();
  sums.add(cost ? Sums::cost_nano_usd : Sums::cost_unknown, cost.value_or(1));
}

// Whether the gateway itself answered at a path of its own (feedback, models, health), or nothing is at the path.
bool is_for_no_model(const StoredRecord& record) {
  const std::string_view path = or_empty(record.get<&R::path>());
  return record.get<&R::attempts>().rows.empty() && or_empty(record.get<&R::route>()).empty() && !path.empty() &&
         !api_at(path.substr(0, path.find('?')));
}

void add_request(Sums& sums, const StoredRecord& record) {
  sums.add(Sums::requests, 1);
  if (record.get<&R::signals>().members.get<&Signals::refusal>().value_or(false)) sums.add(Sums::refusals, 1);
  if (record.get<&R::attempts>().rows.empty()) return;
  const Integer& frontier = record.get<&R::frontier_cost_nano_usd>();
  sums.add(frontier ? Sums::frontier_cost_nano_usd : Sums::frontier_unknown, frontier.value_or(1));
  if (const Real& ms = record.get<&R::latency_ms>()) sums.latency.add_ms(*ms);
  if (const Real& ms = record.get<&R::ttft_ms>()) sums.ttft.add_ms(*ms);
  if (const Integer& us = record.get<&R::overhead_us>()) sums.overhead.add_us(*us);
}

bool answered(const StoredAttempt& attempt) {
  const Text& end = attempt.get<&A::end>();
  return end == "completed" || end == "truncated";
}

}  // namespace

const StoredAttempt* answering(const std::vector<StoredAttempt>& attempts) {
  const StoredAttempt* last = nullptr;
  for (const StoredAttempt& attempt : attempts) {
    const Text& purpose = attempt.get<&A::purpose>();
    const bool for_answer = purpose == "answer" || purpose == "embed";
    if (for_answer && (answered(attempt) || !last || !answered(*last))) last = &attempt;
  }
  return last || attempts.empty() ? last : &attempts.back();
}

void Sums::add(Count count, std::int64_t amount) noexcept {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  if (__builtin_add_overflow(counts[count], amount, &counts[count])) counts[count] = amount > 0 ? most : least;
}

void Sums::add(const Sums& other) {
  for (std::size_t i = 0; i < counts.size(); ++i) add(static_cast<Count>(i), other.counts[i]);
  latency.add(other.latency);
  ttft.add(other.ttft);
  overhead.add(other.overhead);
}

void Rollups::add(const StoredRecord& record, std::int64_t period_s) {
  const std::int64_t second = record.get<&R::time_unix_ms>().value_or(0) / 1000;
  const std::int64_t start = floor_to(second, period_s);
  RollupNames names;
  names.route = or_empty(record.get<&R::route>());
  names.tier = or_empty(record.get<&R::tier>());
  names.key = or_empty(record.get<&R::key>());
  names.outcome = or_empty(record.get<&R::outcome>());
  const auto made_at = [&](const StoredAttempt& attempt) {
    names.tier = or_empty(attempt.get<&A::tier>());
    names.deployment = or_empty(attempt.get<&A::deployment>());
    names.model = or_empty(attempt.get<&A::model>());
  };
  const std::vector<StoredAttempt>& attempts = record.get<&R::attempts>().rows;
  for (const StoredAttempt& attempt : attempts) {
    made_at(attempt);
    add_attempt(at(start, names), attempt);
  }
  if (record.get<&R::shadow_of>() || is_for_no_model(record)) return;
  if (const StoredAttempt* const last = answering(attempts)) made_at(*last);
  add_request(at(start, names), record);
}

void Rollups::add(std::int64_t start_unix_s, const RollupNames& names, const Sums& sums) {
  at(start_unix_s, names).add(sums);
}

Sums& Rollups::at(std::int64_t start_unix_s, const RollupNames& names) {
  key_.assign(reinterpret_cast<const char*>(&start_unix_s), sizeof start_unix_s);
  for (const std::string_view name :
       {names.route, names.tier, names.deployment, names.key, names.model, names.outcome}) {
    key_ += name;
    key_ += separator;
  }
  return sums_[key_];
}

std::int64_t Rollups::start_of(const std::string& key) {
  std::int64_t start = 0;
  std::memcpy(&start, key.data(), sizeof start);
  return start;
}

RollupNames Rollups::names_of(const std::string& key) {
  std::string_view rest = std::string_view(key).substr(sizeof(std::int64_t));
  const auto next = [&] {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return name;
  };
  RollupNames names;
  names.route = next();
  names.tier = next();
  names.deployment = next();
  names.key = next();
  names.model = next();
  names.outcome = next();
  return names;
}

}  // namespace triage::ledger
