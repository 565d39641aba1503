#pragma once
// Threads for work that would hold up an event loop, fed by a queue of bounded length.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace triage {

class WorkerPool {
 public:
  using Job = std::function<void()>;

  explicit WorkerPool(std::uint32_t threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Waits for the running jobs, and drops those not yet begun.
  ~WorkerPool();

  /// Thread-safe. False: `waiting_max` jobs are waiting already. A job must not throw.
  [[nodiscard]] bool post(Job job, std::size_t waiting_max);

  /// The number of jobs that no thread has begun.
  [[nodiscard]] std::size_t waiting() const;

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace triage
