#include "ledger/rollup.hpp"

#include "base/unix_time.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace triage::ledger {
namespace {

constexpr char separator = '\x1f';

std::string_view or_empty(const Text& text) {
  return text.value_or(std::string_view());
}

// A cascade's weak model refused, and another answered: the record's own signal is about that one's answer.
bool refused(const StoredAttempt& attempt) {
  const std::string_view verdict = or_empty(attempt.verdict);
  return attempt.end == "rejected" &&
         (verdict.find("refusal: ") != verdict.npos || verdict.find("the model refused") != verdict.npos);
}

void add_attempt(Sums& sums, const StoredAttempt& attempt) {
  sums.add(Sums::attempts, 1);
  if (refused(attempt)) sums.add(Sums::refusals, 1);
  if (attempt.cause == "retry") sums.add(Sums::retries, 1);
  if (attempt.cause == "fallback") sums.add(Sums::fallbacks, 1);
  if (attempt.cause == "hedge") sums.add(Sums::hedges, 1);
  if (attempt.cause == "escalation") sums.add(Sums::escalations, 1);
  if (attempt.usage_source == "estimated") sums.add(Sums::estimated, 1);
  sums.add(Sums::tokens_input, attempt.tokens_input.value_or(0));
  sums.add(Sums::tokens_input_cached, attempt.tokens_input_cached.value_or(0));
  sums.add(Sums::tokens_cache_write, attempt.tokens_cache_write.value_or(0));
  sums.add(Sums::tokens_output, attempt.tokens_output.value_or(0));
  sums.add(Sums::tokens_reasoning, attempt.tokens_reasoning.value_or(0));
  sums.add(attempt.cost_nano_usd ? Sums::cost_nano_usd : Sums::cost_unknown, attempt.cost_nano_usd.value_or(1));
}

void add_request(Sums& sums, const StoredRecord& record) {
  sums.add(Sums::requests, 1);
  if (record.refusal.value_or(false)) sums.add(Sums::refusals, 1);
  if (record.attempts.empty()) return;
  sums.add(record.frontier_cost_nano_usd ? Sums::frontier_cost_nano_usd : Sums::frontier_unknown,
           record.frontier_cost_nano_usd.value_or(1));
  if (record.latency_ms) sums.latency.add_ms(*record.latency_ms);
  if (record.ttft_ms) sums.ttft.add_ms(*record.ttft_ms);
  if (record.overhead_us) sums.overhead.add_us(*record.overhead_us);
}

// Where the answer came from; if there was none, the last try for one.
const StoredAttempt* answering(const StoredRecord& record) {
  const StoredAttempt* last = nullptr;
  for (const StoredAttempt& attempt : record.attempts) {
    const bool for_answer = attempt.purpose == "answer" || attempt.purpose == "embed";
    const bool answered = attempt.end == "completed" || attempt.end == "truncated";
    if (for_answer && (answered || !last || (last->end != "completed" && last->end != "truncated"))) last = &attempt;
  }
  return last || record.attempts.empty() ? last : &record.attempts.back();
}

}  // namespace

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
  const std::int64_t second = record.time_unix_ms.value_or(0) / 1000;
  const std::int64_t start = floor_to(second, period_s);
  RollupNames names{or_empty(record.route),  or_empty(record.tier), {}, or_empty(record.key), {},
                    or_empty(record.outcome)};
  const auto made_at = [&](const StoredAttempt& attempt) {
    names.tier = or_empty(attempt.tier);
    names.deployment = or_empty(attempt.deployment);
    names.model = or_empty(attempt.model);
  };
  for (const StoredAttempt& attempt : record.attempts) {
    made_at(attempt);
    add_attempt(at(start, names), attempt);
  }
  if (record.shadow_of) return;
  if (const StoredAttempt* const last = answering(record)) made_at(*last);
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
