#pragma once
// Where records go. src/ledger keeps them in files; unit tests fake it. A failing ledger never fails a request: what
// cannot be kept is counted.

#include "triage/async.hpp"
#include "triage/event.hpp"
#include "triage/record.hpp"

namespace triage {

class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Takes the record. Once this returns, the record survives the end of the process. Never blocks; thread-safe.
  virtual void keep(const LedgerRecord& record) = 0;

  /// Takes an event, with the same promise. False: it was not kept, and has been counted.
  virtual bool keep(const LedgerEvent& event) = 0;

  /// Whether `sync: each` is set: then the end of an answer must wait for synced().
  [[nodiscard]] virtual bool syncs_each() const noexcept = 0;

  /// Returns, on the caller's loop, once everything kept before is on disk, or is known never to get there.
  virtual Async<void> synced() = 0;
};

}  // namespace triage
