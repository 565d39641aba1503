#pragma once
// Simulated providers on a loop of their own: `triage simulate`, and inside `triage serve --demo`.

#include "app/loop_thread.hpp"
#include "base/metrics.hpp"
#include "http/server.hpp"
#include "simulate/provider.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage {

class Simulator {
 public:
  /// Opens the listener; throws std::runtime_error if it cannot be opened.
  Simulator(SimulateSpec spec, std::uint64_t seed, const Address& address, std::size_t loops);
  void start();
  void stop();
  /// Thread-safe. Replaces the models; requests under way keep theirs.
  void use(SimulateSpec spec);
  [[nodiscard]] std::string endpoint() const { return server_.endpoint(); }

 private:
  /// The handler of one loop.
  class Current final : public Handler {
   public:
    explicit Current(std::shared_ptr<SimulatedProvider> provider) : provider_(std::move(provider)) {}
    Async<void> handle(Exchange& exchange) override;
    void use(std::shared_ptr<SimulatedProvider> provider) { provider_ = std::move(provider); }

   private:
    std::shared_ptr<SimulatedProvider> provider_;
  };

  const std::uint64_t seed_;
  Metrics metrics_;
  std::vector<std::unique_ptr<Current>> handlers_;
  std::vector<std::unique_ptr<LoopThread>> loops_;
  http::Server server_;
};

}  // namespace triage
