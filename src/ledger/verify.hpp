#pragma once
// `triage ledger verify` and `rebuild`.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace triage::ledger {

struct Verified {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;
  std::uint64_t in_spool = 0;  ///< of `records`: not in the journal yet
  std::uint64_t torn = 0;      ///< segments that end inside a line, which is no loss
  std::uint64_t damaged = 0;   ///< lines
  std::uint64_t repeated = 0;  ///< lines, which count once
  std::uint64_t missing = 0;   ///< sequence numbers without a record: damaged lines, and what was dropped
  bool beside_gateway = false;
  std::vector<std::string> places;  ///< of the first damaged lines: "00000003.jsonl, behind byte 1204: 2 lines"

  std::string database_problem;    ///< empty: none
  std::uint64_t database_seq = 0;  ///< how far the database has come
  std::uint64_t rows_missing = 0;  ///< records up to there that it does not have
  std::uint64_t rows_unknown = 0;  ///< rows above the journal's first record that the journal does not have

  /// Nothing but what a kill leaves behind.
  [[nodiscard]] bool ok() const {
    return damaged + repeated + missing + rows_missing + rows_unknown == 0 && database_problem.empty();
  }
};

/// Reads all of it and changes nothing.
Verified verify(const std::string& folder);

struct Rebuilt {
  std::uint64_t records = 0;
  std::uint64_t damaged = 0;
};
/// Makes the database anew from the journal. Throws std::runtime_error: a gateway writes there, or it cannot be
/// written.
Rebuilt rebuild(const std::string& folder);

}  // namespace triage::ledger
