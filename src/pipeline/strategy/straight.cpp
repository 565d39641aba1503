#include "pipeline/strategy/straight.hpp"

#include "pipeline/answer/rescue.hpp"

#include <algorithm>

namespace triage {
namespace {

// As the client asked.
class StraightPath final : public AttemptPath {
 public:
  StraightPath(const Scope& scope, Response& response) : scope_(scope), response_(response) {}
  AttemptCall call(const Target& target) override {
    return {scope_.request, target, AttemptCause::first, Purpose::answer, false, said_max(scope_)};
  }
  void waiting(const Target& target, bool last, std::chrono::milliseconds within) override {
    response_.expect_stream(target, last && !scope_.others_follow, within);
  }

 private:
  const Scope& scope_;
  Response& response_;
};

}  // namespace

std::size_t said_max(const Scope& scope) noexcept {
  if (!may_rescue(scope.policy, scope.request)) return scope.said_max;
  return std::max<std::size_t>(scope.said_max, scope.snapshot.spec.limits.held.bytes);
}

Async<MaybeFailure> deliver(const Scope& scope, Response& response, Trail& trail, Attempts& attempts, Attempt& opened,
                            AnswerStream& stream, bool drop_logprobs) {
  std::unique_ptr<Rescue> rescue;
  if (opened.streamed() && may_rescue(scope.policy, scope.request))
    rescue = std::make_unique<Rescue>(scope, trail, attempts, opened, stream, drop_logprobs);
  AnswerStream& given = rescue ? static_cast<AnswerStream&>(*rescue) : stream;
  Result<void> delivered;
  {
    const CancellationHook when_gone(scope.client.gone, [&given] { given.cancel(); });
    delivered = co_await response.deliver(scope.request, opened, given);
  }
  if (!delivered && opened.failure() && opened.failure()->code() == delivered.error().code) {
    co_return std::move(*opened.failure());
  }
  if (!delivered) co_return failure_of(delivered.error());
  co_await (rescue ? rescue->last() : opened).drain();
  co_return std::nullopt;
}

Async<MaybeFailure> answer_straight(const Scope& scope, Response& response, Trail& trail,
                                    const std::vector<Target>& targets) {
  StraightPath path(scope, response);
  Attempts attempts(scope, trail, targets, path, AttemptCause::first);
  auto result = co_await attempts.next();
  if (result.failure) co_return std::move(result.failure);
  auto failed = co_await deliver(scope, response, trail, attempts, *result.answer, *result.answer, false);
  co_return failed;
}

}  // namespace triage
