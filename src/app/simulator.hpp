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
  [[nodiscard]] std::string endpoint() const { return server_.endpoint(); }

 private:
  Metrics metrics_;
  SimulatedProvider provider_;
  std::vector<std::unique_ptr<LoopThread>> loops_;
  http::Server server_;
};

}  // namespace triage
