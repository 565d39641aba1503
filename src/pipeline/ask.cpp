#include "pipeline/ask.hpp"

#include "openai/completion.hpp"
#include "openai/request_body.hpp"
#include "pipeline/attempt.hpp"

namespace triage {
namespace {

// Reads the answer. Questions never ask for a stream.
class ReadOut final : public AnswerOut {
 public:
  [[nodiscard]] bool direct() const noexcept override { return false; }
  Async<Result<void>> whole(ResponseHead /*head*/, std::string_view body) override {
    completion = read_completion(body);
    co_return Result<void>();
  }
  Async<Result<void>> begin(ResponseHead /*head*/, std::string_view /*events*/) override { return unexpected(); }
  Async<Result<void>> write(std::string_view /*events*/) override { return unexpected(); }
  Async<Result<void>> finish(std::string_view /*events*/) override { return unexpected(); }

  std::optional<Completion> completion;  // absent: none came

 private:
  static Async<Result<void>> unexpected() {
    co_return Error{ErrorCode::upstream_bad_response, "a stream came where none was asked for"};
  }
};

}  // namespace

Async<std::optional<Completion>> ask(Context& context, const Question& question, Purpose purpose,
                                     std::chrono::milliseconds left) {
  const Snapshot& snapshot = context.snapshot;
  const auto found = snapshot.deployments.find(question.deployment);
  const auto time = std::min(question.timeout, left);
  if (found == snapshot.deployments.end() || time <= std::chrono::milliseconds(0)) co_return std::nullopt;
  Buffer body;
  body.append(question.body);
  const auto request = parse_request_body(Api::chat, body.view(), snapshot.spec.limits.body_depth);
  if (!request) co_return std::nullopt;
  const auto now = RequestRecord::Clock::now();
  const bool admitted = found->second.breaker->with([now](const Breaker& breaker) { return breaker.admits(now); });
  if (!admitted) co_return std::nullopt;
  Target target;
  target.deployment = &found->second;
  ReadOut out;
  Attempt attempt(context, *request, out, target, AttemptCause::first, purpose);
  const CancellationHook when_gone(context.exchange.gone(), [&attempt] { attempt.cancel(); });
  const TimeoutsSpec standard;
  co_await attempt.open(timeouts_within(standard, time), false, false);
  if (!attempt.failure()) co_await attempt.deliver();
  co_return std::move(out.completion);
}

}  // namespace triage
