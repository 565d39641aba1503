#pragma once
// Where records go. src/ledger keeps them in files; unit tests fake it. A ledger that fails never fails a request: what
// cannot be kept is counted.

#include "triage/async.hpp"
#include "triage/event.hpp"
#include "triage/record.hpp"

namespace triage {

class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Takes the record: when this returns, the end of the process does not lose it any more. Never blocks, thread safe.
  virtual void keep(const LedgerRecord& record) = 0;

  /// Takes an event, with the same promise. False: it was not kept, which is counted too.
  virtual bool keep(const LedgerEvent& event) = 0;

  /// `sync: each`: whether the end of an answer has to wait for synced().
  [[nodiscard]] virtual bool syncs_each() const noexcept = 0;

  /// Returns on the caller's loop once everything that was kept before is on the disk, or is known not to get there.
  virtual Async<void> synced() = 0;
};

}  // namespace triage
