#include "pipeline/strategy/side_call.hpp"

#include <limits>

namespace triage {
namespace {

const HoldSpec in_full;

}  // namespace

SideCall::SideCall(const Scope& scope, Trail& trail, std::vector<Target> targets)
    : scope_(scope), trail_(trail), targets_(std::move(targets)) {}

AttemptCall SideCall::call(const Target& target) {
  return {scope_.request,    target, AttemptCause::first,
          Purpose::ensemble, false,  std::numeric_limits<std::size_t>::max()};
}

Async<void> SideCall::run() {
  Attempts attempts(scope_, trail_, targets_, *this, AttemptCause::first);
  for (;;) {
    auto result = co_await attempts.next(std::move(failure_));
    failure_ = std::move(result.failure);
    if (failure_) co_return;
    attempt_ = std::move(result.answer);
    hold_ = std::make_unique<Hold>(scope_.snapshot, *attempt_, in_full, false, nullptr);
    const Held held = co_await hold_->settle(scope_.client.gone);
    if (held == Held::whole) co_return;
    failure_ = std::move(*attempt_->failure());
    hold_.reset();
    attempt_.reset();
    if (held == Held::refused) co_return;
  }
}

}  // namespace triage
