#include "app/ledger_door.hpp"

#include "app/ledger_folder.hpp"
#include "config/load.hpp"
#include "ledger/folder.hpp"

#include <limits>
#include <stdexcept>

namespace triage {
namespace {

// Of the configuration, as far as there is one. Otherwise nothing is ever removed: how long to keep what is known only
// to the gateway.
LedgerSpec spec_of(const Arguments& arguments) {
  LedgerSpec out;
  out.dir = ledger_folder(arguments);
  out.retain = std::chrono::hours(24 * 3650);
  out.retain_bytes = {std::numeric_limits<std::int64_t>::max()};
  if (arguments.has("config")) out = *load_file(arguments.value("config")).spec.ledger;
  return out;
}

}  // namespace

LedgerDoor::LedgerDoor(const Arguments& arguments) {
  const LedgerSpec spec = spec_of(arguments);
  beside_gateway_ = ledger::FolderLock::is_taken(spec.dir);
  ledger_ = std::make_unique<ledger::FileLedger>(spec, metrics_);
  const ledger::Status status = ledger_->status();
  if (!beside_gateway_ && !status.journal.empty()) throw std::runtime_error(status.journal);
  ledger_->start();
}

LedgerDoor::~LedgerDoor() {
  ledger_->stop();
}

void LedgerDoor::keep(const LedgerEvent& event) {
  if (!ledger_->keep(event)) throw std::runtime_error("the ledger does not take any more");
}

}  // namespace triage
