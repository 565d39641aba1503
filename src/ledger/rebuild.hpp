#pragma once
// What `triage ledger rebuild` did.

#include <cstdint>
#include <string>

namespace triage::ledger {

struct Rebuilt {
  std::uint64_t lines = 0;    ///< of the journal, in the new database
  std::uint64_t damaged = 0;  ///< lines that were skipped
  std::uint64_t unknown = 0;  ///< lines of kinds unknown to this version

  // What the old database had and the new one lacks, because the journal lacks it:
  std::uint64_t dropped_rows = 0;      ///< records and events
  std::uint64_t dropped_requests = 0;  ///< of which only sums were left
  std::string kept_as;                 ///< name of the old file, if anything was dropped or it could not be read
  std::string before_problem;          ///< why it could not be read; empty: it could, or there was none
};

/// Makes a new database from the journal, and replaces the old one when it is complete. Throws std::runtime_error if a
/// gateway writes there, or the database cannot be written.
Rebuilt rebuild(const std::string& folder);

}  // namespace triage::ledger
