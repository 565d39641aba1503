#pragma once
// The path of a request, one instance per loop. gateway.cpp is the page to read first.

#include "base/loop.hpp"
#include "pipeline/live/snapshot.hpp"
#include "pipeline/shadow.hpp"
#include "triage/exchange.hpp"
#include "triage/ledger.hpp"
#include "triage/upstream.hpp"

#include <memory>

namespace triage {

class Gateway final : public Handler {
 public:
  /// `ledger` may be null: then nothing is kept.
  Gateway(Loop& loop, Upstream& upstream, std::shared_ptr<const Snapshot> snapshot, Ledger* ledger = nullptr)
      : loop_(loop), upstream_(upstream), snapshot_(std::move(snapshot)), ledger_(ledger) {}

  Async<void> handle(Exchange& exchange) override;

  /// On this loop's thread. Ends what is under way on nobody's behalf.
  void cancel_shadows() { shadows_.cancel(); }

  /// On this loop's thread. Requests under way keep the snapshot that they began with.
  void use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

 private:
  Loop& loop_;
  Upstream& upstream_;
  std::shared_ptr<const Snapshot> snapshot_;
  Ledger* ledger_;
  std::uint64_t requests_ = 0;
  Shadows shadows_;
};

}  // namespace triage
