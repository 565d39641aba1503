#pragma once
// A running gateway: its loops, its listeners and what they serve. Everything is wired here.

#include "admin/admin.hpp"
#include "app/loop_thread.hpp"
#include "base/metrics.hpp"
#include "http/server.hpp"
#include "pipeline/gateway.hpp"
#include "pipeline/health.hpp"
#include "pipeline/snapshot.hpp"
#include "triage/spec.hpp"
#include "upstream/client.hpp"

#include <memory>
#include <string>
#include <vector>

namespace triage {

class Service {
 public:
  /// Opens the listeners; throws std::runtime_error if one cannot be opened. Serves after start().
  Service(ConfigSpec spec, std::string version);
  ~Service();
  void start();

  [[nodiscard]] std::string endpoint() const { return front_.endpoint(); }
  [[nodiscard]] std::string admin_endpoint() const { return back_.endpoint(); }

  /// Once in a while: takes up a changed certificate.
  void tend();

  /// Stops accepting; true once no request and no connection is left.
  void stop_accepting() { front_.stop(); }
  [[nodiscard]] bool idle() const { return front_.connections() == 0; }

  /// Cuts what is left and ends the threads. False if something did not end in time; then only the process can.
  bool stop();

 private:
  /// What one loop serves with.
  struct PerLoop {
    PerLoop(std::size_t index, const std::shared_ptr<const Snapshot>& snapshot, Metrics& metrics);
    LoopThread thread;
    std::unique_ptr<Client> client;
    std::unique_ptr<Gateway> gateway;
  };

  Metrics metrics_;
  Health health_;
  std::shared_ptr<const Snapshot> snapshot_;
  admin::Admin admin_;
  std::vector<std::unique_ptr<PerLoop>> loops_;
  LoopThread admin_thread_;
  http::Server front_;
  http::Server back_;
};

/// Waits for SIGINT or SIGTERM, tends the service meanwhile, then lets requests in flight end for at most `grace`; a
/// second signal ends it at once. Signals must be blocked in all threads (block_signals). Returns the exit code.
int run_until_signal(Service& service, std::chrono::milliseconds grace);

/// Before any thread is started.
void block_signals();

/// As many descriptors as the system lets us have.
void raise_descriptor_limit();

}  // namespace triage
