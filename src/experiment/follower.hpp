#pragma once
// Follows the journal: folds its lines into the state of the experiments as they come.

#include "experiment/checkpoint.hpp"
#include "experiment/read_line.hpp"
#include "ledger/journal_reader.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace triage::experiment {

class Follower {
 public:
  /// Begins at the checkpoint in `folder`, if there is one.
  explicit Follower(const std::string& folder);

  /// Folds up to `lines_max` lines. Returns how many there were. `decided` is called with each decision, folded.
  std::size_t read(std::size_t lines_max, const std::function<void(const Decision&)>& decided);

  [[nodiscard]] Engine& engine() noexcept { return state_.engine; }
  [[nodiscard]] const Engine& engine() const noexcept { return state_.engine; }
  /// The state, with the position that it belongs to.
  [[nodiscard]] const Checkpoint& checkpoint();

 private:
  Checkpoint state_;
  ledger::JournalReader journal_;
  LineReader reader_;
};

/// The experiments in the ledger of `folder`, for readers only, also beside a gateway.
Engine read_experiments(const std::string& folder);

}  // namespace triage::experiment
