#include "pipeline/attempt.hpp"

#include "base/log.hpp"

#include <charconv>
#include <ctime>

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_after_429{1'000};      // when a provider does not say how long
constexpr milliseconds pause_asked_max{3'600'000};  // more than that is a mistake of somebody's
constexpr milliseconds head_within{100};            // a stream's head waits that long for its first event

bool is_event_stream(const ResponseHead& head) {
  const auto type = find_field(head.fields, "content-type");
  constexpr std::string_view wanted = "text/event-stream";
  return type && type->size() >= wanted.size() && iequals(type->substr(0, wanted.size()), wanted);
}

// What a client is told when it must hear something before the answer begins: of the deployment only if no other may
// answer in the end.
void promise_stream(Context& context, const Target& target, bool final_choice, milliseconds within) {
  ResponseHead head;
  if (final_choice) {
    add_triage_fields(head.fields, target);
  } else if (target.route != nullptr) {
    head.fields.push_back({"x-triage-route", target.route->spec->name});
  }
  head.fields.push_back({"content-type", "text/event-stream; charset=utf-8"});
  head.fields.push_back({"cache-control", "no-cache"});
  context.exchange.keep_alive(std::move(head), within, context.snapshot.spec.limits.silence);
}

std::optional<milliseconds> number_of(std::string_view text, std::int64_t unit_ms) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  const double asked = value * static_cast<double>(unit_ms);
  return milliseconds(asked < static_cast<double>(pause_asked_max.count()) ? static_cast<std::int64_t>(asked)
                                                                           : pause_asked_max.count());
}

Outcome outcome_of_failure(const AttemptFailure& failure) {
  if (failure.reply) return failure.what.remedy == Remedy::none ? Outcome::client_error : Outcome::upstream_error;
  return outcome_of(failure.error);
}

// Keeps the deployment's breaker and counters.
void report(const LiveDeployment& deployment, const std::optional<AttemptFailure>& failure) {
  const auto now = Breaker::Clock::now();
  const bool asked_for_time = failure && failure->what.retry_after.has_value();
  const Outcome outcome = failure ? outcome_of_failure(*failure) : Outcome::ok;
  deployment.metrics.attempts[static_cast<std::size_t>(outcome)]->add();
  deployment.breaker->with([&](Breaker& breaker) {
    if (!failure || outcome == Outcome::client_error) {
      breaker.succeeded(now);
    } else if (asked_for_time) {
      breaker.cool_until(now + *failure->what.retry_after);
      breaker.ended(now);
    } else if (outcome == Outcome::upstream_error) {
      breaker.failed(now);
    } else {
      breaker.ended(now);
    }
  });
}

Async<std::optional<AttemptFailure>> call(Context& context, const ApiRequest& request, const Target& target,
                                          const CallTimeouts& timeouts, bool final_choice) {
  const LiveDeployment& deployment = *target.deployment;
  const Provider& provider = *deployment.provider;
  const EncodedCall encoded = deployment.dialect->encode(request, context.exchange.head(), *deployment.spec, provider);
  if (request.stream) promise_stream(context, target, final_choice, context.snapshot.spec.limits.silence);
  Cancellation cancelled;
  const CancellationHook when_gone(context.exchange.gone(), [&cancelled] { cancelled.fire(); });
  const auto reply = co_await context.upstream.send(provider, encoded.call, timeouts, cancelled);
  AttemptFailure failure;
  if (!reply) {
    failure.error = reply.error();
    failure.what.remedy = remedy_for(failure.error);
    co_return failure;
  }
  context.record.answered = RequestRecord::Clock::now();
  const ResponseHead& head = (*reply)->head();
  if (head.status >= 300) {
    failure.reply = co_await read_error(target, **reply);
    failure.what.remedy = remedy_for_status(head.status, failure.reply->body);
    failure.what.retry_after = asked_pause(head.fields, std::time(nullptr));
    if (head.status == 429 && !failure.what.retry_after) failure.what.retry_after = pause_after_429;
    if (head.status != 429 && head.status != 503) failure.what.retry_after.reset();
    co_return failure;
  }
  Result<void> relayed;
  if (request.stream && is_event_stream(head)) {
    promise_stream(context, target, final_choice, head_within);
    relayed = co_await relay_stream(context, target, request, **reply, cancelled);
  } else {
    relayed = co_await relay_whole(context, target, request, **reply);
  }
  if (relayed) co_return std::nullopt;
  failure.error = relayed.error();
  failure.what.remedy = remedy_for(failure.error);
  co_return failure;
}

}  // namespace

CallTimeouts timeouts_within(const TimeoutsSpec& spec, milliseconds left) {
  CallTimeouts out;
  out.connect = std::min(spec.connect, left);
  out.first_byte = std::min(spec.first_byte, left);
  out.idle = spec.idle;
  out.total = left;
  return out;
}

Remedy remedy_for(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::upstream_unreachable:
    case ErrorCode::upstream_bad_response:
    case ErrorCode::upstream_truncated:
    case ErrorCode::upstream_error: return Remedy::anywhere;
    case ErrorCode::upstream_tls_failed:
    case ErrorCode::upstream_connect_timeout:
    case ErrorCode::upstream_first_byte_timeout:
    case ErrorCode::upstream_idle_timeout:
    case ErrorCode::upstream_total_timeout:
    case ErrorCode::upstream_too_large: return Remedy::elsewhere;
    default: return Remedy::none;
  }
}

Remedy remedy_for_status(int status, std::string_view body) noexcept {
  if (status == 408 || status == 429 || status >= 500) return status == 501 ? Remedy::elsewhere : Remedy::anywhere;
  if (status < 400 || status == 401 || status == 403 || status == 404) return Remedy::elsewhere;
  const bool too_long = body.find("context_length_exceeded") != std::string_view::npos ||
                        body.find("maximum context length") != std::string_view::npos;
  return too_long ? Remedy::larger_window : Remedy::none;
}

std::optional<milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now) {
  if (const auto field = find_field(fields, "retry-after-ms"))
    if (const auto asked = number_of(*field, 1)) return asked;
  const auto field = find_field(fields, "retry-after");
  if (!field) return std::nullopt;
  if (const auto asked = number_of(*field, 1000)) return asked;
  std::tm parts{};
  const std::string text(*field);
  const char* const end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const std::int64_t seconds = std::max<std::int64_t>(0, timegm(&parts) - now);
  return std::min<milliseconds>(std::chrono::seconds(seconds), pause_asked_max);
}

Async<std::optional<AttemptFailure>> attempt(Context& context, const ApiRequest& request, const Target& target,
                                             const CallTimeouts& timeouts, bool final_choice) {
  const LiveDeployment& deployment = *target.deployment;
  RequestRecord& record = context.record;
  record.deployment = &deployment;
  record.tier = target.tier;
  ++record.attempts;
  const auto now = RequestRecord::Clock::now();
  if (record.attempts == 1) record.sent = now;
  deployment.breaker->with([now](Breaker& breaker) { breaker.began(now); });
  auto failure = co_await call(context, request, target, timeouts, final_choice);
  report(deployment, failure);
  if (failure && failure->error.code != ErrorCode::client_gone) {
    const std::string why =
        failure->reply ? "status " + std::to_string(failure->reply->status) : failure->error.message;
    log::warn(std::string(context.exchange.id()) + " attempt " + std::to_string(record.attempts) + " at '" +
              deployment.spec->name + "' failed: " + why);
  }
  co_return failure;
}

}  // namespace triage
