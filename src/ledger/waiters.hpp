#pragma once
// Coroutines of event loops that wait for another thread.

#include "triage/async.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

namespace triage::ledger {

/// Resumes a coroutine that waits for nothing else.
using Resume = asio::async_result<asio::use_awaitable_t<Executor>, void()>::handler_type;

/// Not thread-safe. Each coroutine is resumed on its own loop, which stays alive for it.
class Waiters {
 public:
  void add(Resume resume) {
    auto executor = asio::get_associated_executor(resume);
    waiting_.emplace_back(std::move(resume), asio::make_work_guard(executor));
  }
  void resume_all() {
    for (auto& [resume, work] : waiting_) asio::post(work.get_executor(), std::move(resume));
    waiting_.clear();
  }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

 private:
  std::vector<std::pair<Resume, asio::executor_work_guard<Executor>>> waiting_;
};

}  // namespace triage::ledger
