#pragma once
// The path of a request, one instance per loop. gateway.cpp and handle_api.cpp are the pages to read first.

#include "base/loop.hpp"
#include "pipeline/attempt/scope.hpp"
#include "pipeline/strategy/shadow.hpp"
#include "triage/exchange.hpp"

#include <memory>

namespace triage {

class Gateway final : public Handler {
 public:
  /// Without `ledger`, nothing is recorded; without `scores`, no local model is asked; without `graders`, no program is
  /// run; without `feedback`, none is taken. All must outlive this object; the last three must end before the loop
  /// does.
  Gateway(Loop& loop, Upstream& upstream, std::shared_ptr<const Snapshot> snapshot, Ledger* ledger = nullptr,
          ScorePool* scores = nullptr, ScorePool* graders = nullptr, FeedbackStore* feedback = nullptr)
      : services_{upstream, loop.deadlines, loop.io.get_executor(), ledger, &shadows_, scores, graders, feedback},
        snapshot_(std::move(snapshot)) {}

  Async<void> handle(Exchange& exchange) override;

  /// Ends the work that no client waits for. To be called on this loop's thread.
  void cancel_shadows() { shadows_.cancel(); }

  /// Serves new requests with `snapshot`; running ones keep theirs. To be called on this loop's thread.
  void use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

 private:
  Shadows shadows_;
  const Services services_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::uint64_t requests_ = 0;
};

}  // namespace triage
