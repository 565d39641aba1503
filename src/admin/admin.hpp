#pragma once
// The admin address: health and metrics. It answers without asking a provider, on a loop of its own, so that a busy
// gateway still answers its probes.

#include "base/metrics.hpp"
#include "triage/exchange.hpp"

#include <functional>

namespace triage::admin {

class Admin final : public Handler {
 public:
  /// `ready`: whether new requests are served; called from the admin loop.
  Admin(const Metrics& metrics, std::function<bool()> ready) : metrics_(metrics), ready_(std::move(ready)) {}

  /// GET /health/live, /health/ready, /metrics.
  Async<void> handle(Exchange& exchange) override;

 private:
  const Metrics& metrics_;
  std::function<bool()> ready_;
};

}  // namespace triage::admin
