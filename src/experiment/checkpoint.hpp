#pragma once
// The state of all experiments at a position of the journal, in DIR/experiments.checkpoint, so that a start need not
// read the whole journal. What is not as it was written is ignored: then the journal is read from its beginning. Its
// first line is JSON, and says which versions were rolled back: that is read even where the rest cannot be, because
// the journal forgets (`ledger.retain`) and a rollback must not be forgotten.

#include "experiment/engine.hpp"
#include "ledger/projection.hpp"

#include <string>

namespace triage::experiment {

struct Checkpoint {
  Engine engine;
  ledger::Checkpoint reached;
};

std::string checkpoint_path(const std::string& folder);

/// Replaces the file in one step. False: `problem` says why.
bool write_checkpoint(const std::string& folder, const Engine& engine, const ledger::Checkpoint& reached,
                      std::string& problem);

/// What can be used of the file; all at the beginning if that is nothing.
Checkpoint read_checkpoint(const std::string& folder);

}  // namespace triage::experiment
