#pragma once
// From lines of the journal to what they say about experiments.

#include "experiment/line.hpp"
#include "ledger/entry.hpp"

namespace triage::experiment {

class LineReader {
 public:
  /// As Entry::read: the line must be followed by body_padding readable bytes. Lines that say nothing about experiments
  /// are not parsed.
  JournalLine read(const ledger::Line& line);

 private:
  ledger::Entry entry_;
};

}  // namespace triage::experiment
