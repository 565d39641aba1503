#pragma once
// Events that a command adds to a ledger. Where a gateway writes to the directory, they wait in a spool beside its own
// (ledger/writer.hpp), which it takes up within a second or two of the command's end.

#include "app/arguments.hpp"
#include "base/metrics.hpp"
#include "ledger/file_ledger.hpp"
#include "triage/event.hpp"

#include <memory>

namespace triage {

class LedgerDoor {
 public:
  /// To the ledger that --config or --ledger names (ledger_folder.hpp).
  explicit LedgerDoor(const Arguments& arguments);
  ~LedgerDoor();

  /// Throws std::runtime_error if the event cannot be kept.
  void keep(const LedgerEvent& event);
  /// Whether a gateway writes there, that will take the events.
  [[nodiscard]] bool beside_gateway() const noexcept { return beside_gateway_; }

 private:
  Metrics metrics_;
  bool beside_gateway_;
  std::unique_ptr<ledger::FileLedger> ledger_;
};

}  // namespace triage
