#include "experiment/sync_wait.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace triage::experiment {
namespace {

Async<void> synced(Ledger& ledger, std::shared_ptr<bool> done, std::shared_ptr<int> waiting) {
  ++*waiting;
  co_await ledger.synced();
  *done = true;
  --*waiting;
}

}  // namespace

bool SyncWait::wait(std::chrono::milliseconds patience) {
  const auto done = std::make_shared<bool>(false);
  asio::co_spawn(io_->get_executor(), synced(ledger_, done, waiting_), asio::detached);
  io_->restart();
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!*done && io_->run_one_until(until) > 0) {
  }
  return *done;
}

// The ledger still has what resumes a coroutine here, if one waits for a disk that hangs.
SyncWait::~SyncWait() {
  if (*waiting_ > 0) static_cast<void>(io_.release());
}

}  // namespace triage::experiment
