#include "pipeline/context.hpp"

namespace triage {
namespace {

double seconds(std::chrono::steady_clock::duration duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Outcome outcome_of(const Error& error) noexcept {
  if (error.code == ErrorCode::client_gone) return Outcome::cancelled;
  switch (traits(error.code).source) {
    case ErrorSource::client: return Outcome::client_error;
    case ErrorSource::gateway: return Outcome::gateway_error;
    case ErrorSource::upstream: return Outcome::upstream_error;
  }
  return Outcome::gateway_error;
}

void count_usage(const Context& context) {
  const RequestRecord& record = context.record;
  if (!record.usage) return;
  record.deployment->metrics.input_tokens->add(record.usage->input);
  record.deployment->metrics.output_tokens->add(record.usage->output);
}

void count(const Context& context) {
  using Clock = RequestRecord::Clock;
  const RequestRecord& record = context.record;
  const RouteMetrics& route = record.route != nullptr ? *record.route : context.snapshot.none;
  const auto now = Clock::now();
  const auto outcome = static_cast<std::size_t>(record.outcome);
  route.requests[outcome]->add();
  route.latency->observe(seconds(now - context.exchange.started()));
  if (record.first_byte != Clock::time_point())
    route.first_byte->observe(seconds(record.first_byte - context.exchange.started()));
  if (record.error) context.snapshot.errors[static_cast<std::size_t>(*record.error)]->add();
  if (record.attempts == 0) return;

  // Ours is the time before the attempt and the time from the provider's answer to its first byte to the client.
  auto overhead = record.sent - record.body_read;
  if (record.first_byte > record.answered && record.answered != Clock::time_point())
    overhead += record.first_byte - record.answered;
  route.overhead->observe(seconds(overhead));
}

}  // namespace triage
