#pragma once
// The path of a request, one instance per loop. gateway.cpp is the page to read first.

#include "base/loop.hpp"
#include "pipeline/snapshot.hpp"
#include "triage/exchange.hpp"
#include "triage/upstream.hpp"

#include <memory>

namespace triage {

class Gateway final : public Handler {
 public:
  Gateway(Loop& loop, Upstream& upstream, std::shared_ptr<const Snapshot> snapshot)
      : loop_(loop), upstream_(upstream), snapshot_(std::move(snapshot)) {}

  Async<void> handle(Exchange& exchange) override;

  /// On this loop's thread. Requests under way keep the snapshot that they began with.
  void use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

 private:
  Loop& loop_;
  Upstream& upstream_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::uint64_t requests_ = 0;
};

}  // namespace triage
