#pragma once
// From lines of the journal to what they say about experiments.

#include "experiment/engine.hpp"
#include "experiment/line.hpp"
#include "ledger/entry.hpp"

#include <string>

namespace triage::experiment {

JournalLine read_entry(const ledger::Entry& entry);

/// What a line says of its route's traffic, in an experiment or not. `seen.name` is empty outside of one.
struct RouteLine {
  std::string route;  ///< empty: the line is of no use here
  std::int64_t time_unix_ms = 0;
  Sighting seen;
};
RouteLine read_for_route(const ledger::Entry& entry);

/// The experiments in the ledger of `folder`, for readers only, also beside a gateway.
Engine read_experiments(const std::string& folder);

}  // namespace triage::experiment
