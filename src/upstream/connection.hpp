#pragma once
// One connection to a provider: in use by one call, or idle in its origin's pool.

#include "upstream/stream.hpp"
#include "upstream/waiter.hpp"

#include <chrono>

namespace triage {
class Counter;
}

namespace triage::upstream {

class Origin;

class Connection final : private Socket::Listener {
 public:
  /// `origin` must outlive the connection.
  Connection(Origin& origin, Socket::Tcp connected);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] Stream& stream() noexcept { return stream_; }

  /// Sets whom to wake when blocked I/O can go on; null while idle.
  void wakes(Waiter* waiter) noexcept { waiter_ = waiter; }

  const std::chrono::steady_clock::time_point opened = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point idle_since{};

 private:
  void on_ready() override;

  Origin& origin_;
  Waiter* waiter_ = nullptr;
  Stream stream_;
};

}  // namespace triage::upstream
