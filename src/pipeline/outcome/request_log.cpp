// request id=req_0TCz method=POST path=/v1/chat/completions client=10.0.0.7 key=checkout route=chat tier=small
//   deployment=mini status=200 outcome=ok attempts=1 cost_usd=0.01 latency_ms=812.402 ttft_ms=210.031 streamed=true
//
// Unknown values are left out. Names come from the configuration or from fixed lists; only `method`, `path` and `why`
// contain what others said, and are bounded.
#include "pipeline/outcome/request_log.hpp"

#include "base/log.hpp"
#include "pipeline/outcome/request_outcome.hpp"

namespace triage {
namespace {

constexpr std::size_t why_bytes = 300;
constexpr std::size_t method_bytes = 32;
constexpr std::size_t path_bytes = 200;

using Clock = Trail::Clock;

bool admit(const Snapshot& snapshot, LineKind kind, Clock::time_point now) {
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

void log_request(const Snapshot& snapshot, const RequestOutcome& outcome, Clock::time_point now) {
  if (!admit(snapshot, outcome.outcome() == Outcome::ok ? LineKind::ok : LineKind::error, now)) return;
  const RequestFacts& facts = outcome.facts;
  const TrailRow* const row = outcome.answered();
  log::Fields line("request");
  line.add("id", facts.id);
  if (facts.exchange != nullptr) {
    line.add("method", facts.exchange->head().method.substr(0, method_bytes));
    line.add("path", facts.path.substr(0, path_bytes));
    add_known(line, "client", facts.exchange->client_address());
  }
  if (facts.key != nullptr) line.add("key", facts.key->name);
  if (facts.policy != nullptr) add_known(line, "route", facts.policy->route);
  if (const LiveExperiment* const experiment = facts.assigned.experiment) {
    line.add("experiment", experiment->spec->name);
    line.add("arm", word(facts.assigned.arm));
  }
  add_known(line, "tier", row == nullptr ? facts.decision.tier : row->target.tier);
  if (row != nullptr) add_known(line, "deployment", row->record.deployment);
  if (outcome.status() > 0) line.add("status", std::int64_t{outcome.status()});
  line.add("outcome", outcome_names[static_cast<std::size_t>(outcome.outcome())]);
  if (outcome.error()) line.add("error", traits(*outcome.error()).name);
  line.add("attempts", static_cast<std::int64_t>(outcome.trail.size()));
  add_known(line, "cost_usd", outcome.trail.cost_usd());
  line.add("latency_ms", outcome.trail.ms_since_start(now));
  if (outcome.first_byte() != Clock::time_point())
    line.add("ttft_ms", outcome.trail.ms_since_start(outcome.first_byte()));
  line.add("streamed", facts.request != nullptr ? facts.request->stream : facts.streamed);
  add_known(line, "trace_id", facts.trace.trace_id);
  add_known(line, "why", std::string_view(outcome.why()).substr(0, why_bytes));
  log::info(line);
}

void log_failed_attempt(const Snapshot& snapshot, std::string_view id, const Trail& trail, std::size_t row,
                        std::string_view why) {
  if (!admit(snapshot, LineKind::attempt, Clock::now())) return;
  const AttemptRecord& attempt = trail[row].record;
  log::Fields line("attempt");
  line.add("id", id);
  line.add("attempt", static_cast<std::int64_t>(row) + 1);
  line.add("deployment", trail[row].target.deployment->spec->name);
  add_known(line, "provider_key", attempt.provider_key);
  add_known(line, "error", attempt.error);
  line.add("why", why.substr(0, why_bytes));
  log::warn(line);
}

}  // namespace triage
