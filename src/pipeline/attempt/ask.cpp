#include "pipeline/attempt/ask.hpp"

#include "openai/request_body.hpp"
#include "pipeline/attempt/attempt.hpp"

#include <limits>

namespace triage {

Async<std::optional<Completion>> ask(const Scope& scope, Trail& trail, const Question& question, Purpose purpose) {
  const Snapshot& snapshot = scope.snapshot;
  const auto found = snapshot.deployments.find(question.deployment);
  const auto time = std::min(question.timeout, scope.time_left());
  if (found == snapshot.deployments.end() || time <= std::chrono::milliseconds(0)) co_return std::nullopt;
  Buffer body;
  body.append(question.body);
  const auto request = parse_request_body(Api::chat, body.view(), snapshot.spec.limits.body_depth);
  if (!request) co_return std::nullopt;
  const auto now = Trail::Clock::now();
  const bool admitted = found->second.breaker->with([now](const Breaker& breaker) { return breaker.admits(now); });
  if (!admitted) co_return std::nullopt;
  Target target;
  target.deployment = &found->second;
  const AttemptCall call{*request, target, AttemptCause::first, purpose, true, std::numeric_limits<std::size_t>::max()};
  Attempt attempt(scope, trail, call);
  const CancellationHook when_gone(scope.client.gone, [&attempt] { attempt.cancel(); });
  const TimeoutsSpec standard;
  co_await attempt.open(timeouts_within(standard, time), false);
  if (!attempt.failure()) co_await attempt.begin();
  if (attempt.failure()) co_return std::nullopt;
  co_await attempt.drain();
  co_return attempt.said();
}

}  // namespace triage
