#include "experiment/follower.hpp"

#include "ledger/source.hpp"

namespace triage::experiment {

Follower::Follower(const std::string& folder)
    : state_(experiment::read_checkpoint(folder)), journal_(folder, state_.at, state_.seq) {}

std::size_t Follower::read(std::size_t lines_max, const std::function<void(const Decision&)>& decided) {
  std::size_t lines = 0;
  ledger::Line line;
  while (lines < lines_max && journal_.next(line, false)) {
    ++lines;
    const JournalLine read = reader_.read(line);
    state_.engine.fold(read);
    if (const auto* decision = std::get_if<Decision>(&read); decision != nullptr && decided) decided(*decision);
  }
  return lines;
}

const Checkpoint& Follower::checkpoint() {
  state_.at = journal_.position();
  state_.seq = journal_.last_seq();
  return state_;
}

Engine read_experiments(const std::string& folder) {
  Checkpoint from = read_checkpoint(folder);
  ledger::Source source(folder, from.at, from.seq);
  LineReader reader;
  for (ledger::Line line; source.next(line);) from.engine.fold(reader.read(line));
  return std::move(from.engine);
}

}  // namespace triage::experiment
