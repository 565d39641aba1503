#include "pipeline/context.hpp"

#include "pipeline/request_log.hpp"
#include "triage/price.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {
namespace {

using Clock = RequestRecord::Clock;

std::int64_t images_of(const RequestRecord& record) noexcept {
  return record.features != nullptr ? record.features->images : 0;
}

double seconds(Clock::duration duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

// Ours is the time before the first attempt, and from the provider's answer to its first byte to the client.
Clock::duration overhead(const RequestRecord& record) noexcept {
  if (record.attempts.empty()) return Clock::duration::zero();
  auto ours = record.sent - record.body_read;
  if (record.first_byte > record.answered && record.answered != Clock::time_point())
    ours += record.first_byte - record.answered;
  return ours;
}

void count(const Context& context, Clock::time_point now) {
  const RequestRecord& record = context.record;
  const RouteMetrics& route = record.metrics != nullptr ? *record.metrics : context.snapshot.none;
  route.requests[static_cast<std::size_t>(record.outcome)]->add();
  route.latency->observe(seconds(now - context.exchange.started()));
  if (record.first_byte != Clock::time_point())
    route.first_byte->observe(seconds(record.first_byte - context.exchange.started()));
  if (record.error) context.snapshot.errors[static_cast<std::size_t>(*record.error)]->add();
  if (!record.attempts.empty()) route.overhead->observe(seconds(overhead(record)));
}

const AttemptRecord* answer_of(const RequestRecord& record) noexcept {
  for (std::size_t i = record.attempts.size(); i-- > 0;)
    if (record.attempts[i].end == AttemptEnd::completed && record.attempts[i].purpose == Purpose::answer)
      return &record.attempts[i];
  return nullptr;
}

// What the answer's tokens would have cost at the route's strongest deployment; nothing if there is no answer.
std::optional<std::int64_t> frontier_cost(const RequestRecord& record) {
  const AttemptRecord* answer = answer_of(record);
  if (answer == nullptr) return 0;
  if (record.route == nullptr) return answer->cost_nano_usd;
  const LiveDeployment* strongest = record.route->strongest;
  if (strongest == nullptr) return answer->cost_nano_usd;
  Usage tokens = answer->tokens;  // of one call for the whole
  tokens.input = std::max<std::int64_t>(0, tokens.input - record.continued);
  tokens.output += record.continued;
  return cost_nano_usd(strongest->spec->price, tokens, images_of(record));
}

std::string_view router_reason(const RequestRecord& record, const ChainStep& step, std::string& storage) {
  if (step.opinion.tier.empty() || (record.note.empty() && record.decision.reason == step.opinion.reason))
    return step.opinion.reason;
  storage = record.decision.reason;  // as floor and ceiling have changed it
  if (!record.note.empty()) storage += "; " + record.note;
  return storage;
}

void keep(Context& context, Clock::time_point now) {
  RequestRecord& record = context.record;
  const auto since = [&](Clock::time_point time) { return elapsed_ms(context.exchange.started(), time); };
  const auto wall = std::chrono::system_clock::now() - (now - context.exchange.started());
  std::string reason;
  LedgerRecord out;
  out.id = context.exchange.id();
  out.time_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count();
  if (context.key != nullptr) out.key = context.key->name;
  if (record.route != nullptr) out.route = record.route->spec->name;
  out.config_version = context.snapshot.version;
  out.price_version = context.snapshot.spec.price_version.id;
  out.model_requested = record.model;
  out.path = context.exchange.head().path.substr(0, 1000);
  for (const ChainStep& step : record.decision.chain)
    out.chain.push_back({step.router, step.opinion.tier, step.opinion.score, router_reason(record, step, reason)});
  out.tier = record.asked.deployment == nullptr ? record.decision.tier : record.asked.tier;
  out.task_class = record.decision.task_class;
  out.outcome = record.outcome;
  if (record.error) out.error = traits(*record.error).name;
  out.status = record.status;
  out.finish_reason = record.finish_reason;
  out.streamed = record.streamed;
  out.cancelled = record.outcome == Outcome::cancelled;
  out.latency_ms = since(now);
  if (record.first_byte != Clock::time_point()) out.ttft_ms = since(record.first_byte);
  out.overhead_us = std::chrono::duration_cast<std::chrono::microseconds>(overhead(record)).count();
  out.cost_nano_usd = total_cost(record);
  out.frontier_cost_nano_usd = frontier_cost(record);
  ContentPolicy::Texts texts;
  const bool shadow = !record.shadow_of.empty();
  if (record.request != nullptr && (context.seen || shadow)) {
    const Completion nothing;
    const Completion& answer = context.seen ? context.seen->completion() : nothing;
    if (context.seen && !record.finish_reason.empty() && record.request->api != Api::embeddings)
      out.signals = context.snapshot.read_signals(*record.request, *record.features, answer);
    if (record.route != nullptr && record.route->content) texts = record.route->content->texts(*record.request, answer);
    out.content = texts.content;
    out.prompt = texts.prompt;
    out.answer = texts.answer;
  }
  out.pair = record.pair ? &*record.pair : nullptr;
  out.shadow_of = record.shadow_of;
  out.attempts = std::move(record.attempts);
  context.ledger->keep(out);
  record.attempts = std::move(out.attempts);
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

double elapsed_ms(Clock::time_point from, Clock::time_point to) noexcept {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

std::size_t begin_row(Context& context, const Target& target, AttemptCause cause, Purpose purpose) {
  RequestRecord& record = context.record;
  const auto now = Clock::now();
  if (record.attempts.empty()) record.sent = now;
  AttemptRecord& row = record.attempts.emplace_back();
  row.purpose = purpose;
  row.cause = cause;
  row.deployment = target.deployment->spec->name;
  row.provider = target.deployment->provider->name;
  row.model = target.deployment->spec->model;
  row.tier = target.tier;
  row.start_ms = elapsed_ms(context.exchange.started(), now);
  if (purpose == Purpose::answer) record.asked = target;
  return record.attempts.size() - 1;
}

void end_row(Context& context, std::size_t row, const LiveDeployment& deployment, const RowEnd& end) {
  RequestRecord& record = context.record;
  AttemptRecord& out = record.attempts[row];
  const DeploymentMetrics& metrics = deployment.metrics;
  out.end = end.end;
  out.error = end.error;
  out.latency_ms = elapsed_ms(context.exchange.started(), Clock::now()) - out.start_ms;
  if (end.reported) {
    out.tokens = *end.reported;
    out.usage_source = UsageSource::reported;
  } else if (end.written) {
    out.tokens.input = end.asked ? *end.asked : record.features != nullptr ? record.features->tokens_all() : 0;
    out.tokens.output = *end.written;
    out.usage_source = UsageSource::estimated;
  } else {
    out.cost_nano_usd = 0;
    return;
  }
  metrics.count(out.tokens);
  out.cost_nano_usd = cost_nano_usd(deployment.spec->price, out.tokens, images_of(record));
  if (out.cost_nano_usd)
    metrics.cost_nano_usd->add(*out.cost_nano_usd);
  else
    metrics.unknown_prices->add();
}

std::optional<std::int64_t> total_cost(const RequestRecord& record) noexcept {
  return total_cost(record.attempts);
}

std::optional<std::int64_t> total_cost(std::span<const AttemptRecord> attempts) noexcept {
  std::int64_t sum = 0;
  for (const AttemptRecord& attempt : attempts) {
    if (!attempt.cost_nano_usd) return std::nullopt;
    sum += *attempt.cost_nano_usd;
  }
  return sum;
}

std::string cost_so_far(const RequestRecord& record) {
  const auto nano_usd = total_cost(record);
  if (!nano_usd) return "";
  constexpr std::size_t places = 9;
  std::string text = std::to_string(*nano_usd);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  return text.insert(text.size() - places, ".");
}

Async<void> conclude(Context& context) {
  if (context.record.kept) co_return;
  context.record.kept = true;
  const auto now = Clock::now();
  if (context.record.shadow_of.empty()) {
    count(context, now);
    log_request(context, now);
  }
  if (context.ledger == nullptr) co_return;
  keep(context, now);
  if (context.ledger->syncs_each()) co_await context.ledger->synced();
}

}  // namespace triage
