#pragma once
// Threads that run the models of this process, fed by a queue of bounded length. Inputs that wait for the same model
// are run together, as many as the model takes at once.

#include "triage/question.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace triage {

struct ScoreTask {
  std::shared_ptr<const LocalModel> model;
  ModelInput input;
  std::shared_ptr<const std::atomic<bool>> given_up;       ///< true: nobody waits for it, so it is not run
  std::function<void(Result<std::vector<float>>)> done{};  ///< called on one of the threads; must not throw
};

class ScorePool {
 public:
  explicit ScorePool(std::uint32_t threads);
  ScorePool(const ScorePool&) = delete;
  ScorePool& operator=(const ScorePool&) = delete;
  /// Waits for the models that are running, and drops the tasks not yet begun.
  ~ScorePool();

  /// Thread-safe. False: `waiting_max` tasks are waiting already.
  [[nodiscard]] bool post(ScoreTask task, std::size_t waiting_max);

  /// The number of tasks that no thread has begun.
  [[nodiscard]] std::size_t waiting() const;

 private:
  void run();
  [[nodiscard]] std::vector<ScoreTask> take();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<ScoreTask> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace triage
