#pragma once
// An OpenAI-compatible provider that makes up its answers. One object serves all loops: what requests share is
// immutable or atomic, except for a small locked table of `x-simulate: first=N`. docs/simulate.md says what it does.
//
// Given (seed, model, messages) the answer is always the same, plain or streamed. Only failures, latencies and ids
// depend on how many requests the model has had.

#include "simulate/spec.hpp"

#include "triage/exchange.hpp"

#include <cstdint>
#include <memory>

namespace triage {

class SimulatedProvider final : public Handler {
 public:
  SimulatedProvider(SimulateSpec spec, std::uint64_t seed);
  ~SimulatedProvider() override;
  SimulatedProvider(const SimulatedProvider&) = delete;
  SimulatedProvider& operator=(const SimulatedProvider&) = delete;

  /// Thread-safe. Uses a timer only when something must wait.
  Async<void> handle(Exchange& exchange) override;

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace triage
