#include "pipeline/attempt/score_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace triage {
namespace {

// Gives each task of one model its scores, or all of them the error.
void run_batch(std::vector<ScoreTask>& batch) {
  std::erase_if(batch, [](const ScoreTask& task) { return task.given_up->load(); });
  if (batch.empty()) return;
  std::vector<const ModelInput*> inputs;
  for (const ScoreTask& task : batch) inputs.push_back(&task.input);
  auto scores = batch.front().model->run(inputs);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (scores)
      batch[i].done(std::move((*scores)[i]));
    else
      batch[i].done(scores.error());
  }
}

}  // namespace

ScorePool::ScorePool(std::uint32_t threads) {
  threads_.reserve(threads);
  for (std::uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

ScorePool::~ScorePool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool ScorePool::post(ScoreTask task, std::size_t waiting_max) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= waiting_max) return false;
    waiting_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

std::size_t ScorePool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

// The task that waits longest, and others of its model. The caller holds the lock.
std::vector<ScoreTask> ScorePool::take() {
  const LocalModel* const model = waiting_.front().model.get();
  const std::size_t most = std::max<std::size_t>(1, model->batch_max());
  std::vector<ScoreTask> out;
  for (auto at = waiting_.begin(); at != waiting_.end() && out.size() < most;) {
    if (at->model.get() != model) {
      ++at;
      continue;
    }
    out.push_back(std::move(*at));
    at = waiting_.erase(at);
  }
  return out;
}

void ScorePool::run() {
  pthread_setname_np(pthread_self(), "scores");
  for (;;) {
    std::vector<ScoreTask> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      batch = take();
    }
    run_batch(batch);
  }
}

}  // namespace triage
