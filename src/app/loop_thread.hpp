#pragma once
// A loop and the thread that runs it. The thread ends by itself when the loop has nothing left to wait for.

#include "base/loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <thread>

namespace triage {

class LoopThread {
 public:
  explicit LoopThread(std::size_t index) : loop_(index), work_(loop_.io.get_executor()) {}
  ~LoopThread() { join(); }

  [[nodiscard]] Loop& loop() noexcept { return loop_; }
  void start() {
    thread_ = std::thread([this] { loop_.io.run(); });
  }

  /// Thread-safe. Says that no more work is coming; pending deadlines are dropped.
  void release();
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  Loop loop_;
  asio::executor_work_guard<Executor> work_;
  std::thread thread_;
};

}  // namespace triage
