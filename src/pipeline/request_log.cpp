// request id=req_0TCz key=checkout route=chat tier=small deployment=mini status=200 outcome=ok attempts=1 cost_usd=0.01
//   latency_ms=812.402 ttft_ms=210.031 streamed=true
//
// What is not known is left out. Names are those of the configuration or from fixed lists; only `why` is made of what
// others said, and bounded.
#include "pipeline/request_log.hpp"

#include "base/log.hpp"

namespace triage {
namespace {

constexpr std::size_t why_bytes = 300;

using Clock = RequestRecord::Clock;

bool admit(const Context& context, LineKind kind, Clock::time_point now) {
  const Snapshot& snapshot = context.snapshot;
  if (snapshot.line_bounds == nullptr) return false;
  const auto place = static_cast<std::size_t>(kind);
  const LogSpec& log = snapshot.spec.log;
  const std::uint32_t most = kind == LineKind::ok ? log.requests_per_second : log.errors_per_second;
  if ((*snapshot.line_bounds)[place].take(most, now)) return true;
  if (most > 0) snapshot.lines_left_out[place]->add();
  return false;
}

void add_known(log::Fields& line, std::string_view name, std::string_view value) {
  if (!value.empty()) line.add(name, value);
}

}  // namespace

void log_request(const Context& context, Clock::time_point now) {
  const RequestRecord& record = context.record;
  if (!admit(context, record.outcome == Outcome::ok ? LineKind::ok : LineKind::error, now)) return;
  const auto since = [&](Clock::time_point time) { return elapsed_ms(context.exchange.started(), time); };
  log::Fields line("request");
  line.add("id", context.exchange.id());
  if (context.key != nullptr) line.add("key", context.key->name);
  if (record.route != nullptr) line.add("route", record.route->spec->name);
  add_known(line, "tier", record.attempts.empty() ? record.decision.tier : record.asked.tier);
  if (record.asked.deployment != nullptr) line.add("deployment", record.asked.deployment->spec->name);
  if (record.status > 0) line.add("status", std::int64_t{record.status});
  line.add("outcome", outcome_names[static_cast<std::size_t>(record.outcome)]);
  if (record.error) line.add("error", traits(*record.error).name);
  line.add("attempts", static_cast<std::int64_t>(record.attempts.size()));
  add_known(line, "cost_usd", cost_so_far(record));
  line.add("latency_ms", since(now));
  if (record.first_byte != Clock::time_point()) line.add("ttft_ms", since(record.first_byte));
  line.add("streamed", record.streamed);
  add_known(line, "why", std::string_view(record.why).substr(0, why_bytes));
  log::info(line);
}

void log_failed_attempt(const Context& context, std::size_t row, std::string_view why) {
  if (!admit(context, LineKind::attempt, Clock::now())) return;
  const AttemptRecord& attempt = context.record.attempts[row];
  log::Fields line("attempt");
  line.add("id", context.exchange.id());
  line.add("attempt", static_cast<std::int64_t>(row) + 1);
  line.add("deployment", attempt.deployment);
  add_known(line, "error", attempt.error);
  line.add("why", why.substr(0, why_bytes));
  log::warn(line);
}

}  // namespace triage
