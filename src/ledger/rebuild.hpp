#pragma once
// `triage ledger rebuild`.

#include <cstdint>
#include <string>

namespace triage::ledger {

struct Rebuilt {
  std::uint64_t lines = 0;    ///< of the journal, in the new database
  std::uint64_t damaged = 0;  ///< lines that were passed over
  std::uint64_t unknown = 0;  ///< lines of kinds that this version does not know

  // What the database before had and the new one has not, because the journal has not:
  std::uint64_t dropped_rows = 0;      ///< records and events
  std::uint64_t dropped_requests = 0;  ///< that were left only in sums
  std::string kept_as;                 ///< the file before, if anything was dropped or it could not be read
  std::string before_problem;          ///< why it could not be; empty: it could, or there was none
};

/// Makes the database anew from the journal, aside, and puts it in the other one's place when it is whole. Throws
/// std::runtime_error: a gateway writes there, or it cannot be written.
Rebuilt rebuild(const std::string& folder);

}  // namespace triage::ledger
