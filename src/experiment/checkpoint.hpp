#pragma once
// The state of all experiments at a position of the journal, in DIR/experiments.checkpoint, so that a start need not
// read the whole journal. If it is not as it was written, or another version of Triage wrote it, the journal is read
// from its beginning. But the journal forgets (`ledger.retain`). So the file's first line is JSON that any version can
// read: which versions were rolled back, and the state of each experiment without what was observed.

#include "experiment/engine.hpp"
#include "ledger/projection.hpp"

#include <string>
#include <string_view>

namespace triage::experiment {

struct Checkpoint {
  Engine engine;
  ledger::Checkpoint reached;
};

std::string checkpoint_path(const std::string& folder);

std::string checkpoint_text(const Engine& engine, const ledger::Checkpoint& reached);

/// Replaces the file in one step. False: `problem` says why.
bool write_checkpoint(const std::string& folder, std::string_view text, std::string& problem);

/// What can be used of the file; all at the beginning if that is nothing.
Checkpoint read_checkpoint(const std::string& folder);

}  // namespace triage::experiment
