#pragma once
// Waits, on a thread that has no event loop, until the ledger is on disk.

#include "triage/async.hpp"
#include "triage/ledger.hpp"

#include <chrono>
#include <memory>

namespace triage::experiment {

class SyncWait {
 public:
  explicit SyncWait(Ledger& ledger) : ledger_(ledger) {}
  ~SyncWait();

  /// False: not within `patience`.
  bool wait(std::chrono::milliseconds patience);

 private:
  Ledger& ledger_;
  std::unique_ptr<asio::io_context> io_ = std::make_unique<asio::io_context>(1);
  std::shared_ptr<int> waiting_ = std::make_shared<int>(0);
};

}  // namespace triage::experiment
