#pragma once
// What `triage ledger verify` finds.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace triage::ledger {

struct Audit {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::map<std::string, std::uint64_t> kinds;    ///< of `lines`, by kind
  std::map<std::string, std::uint64_t> unknown;  ///< of `lines`: of kinds unknown to this version
  std::uint64_t first_seq = 0;
  std::uint64_t last_seq = 0;
  std::uint64_t in_spool = 0;       ///< of `lines`: not in the journal yet
  std::uint64_t torn = 0;           ///< segments that end inside a line, which is not a loss
  std::uint64_t damaged = 0;        ///< lines
  std::uint64_t repeated = 0;       ///< lines, which count once
  std::uint64_t missing = 0;        ///< sequence numbers without a line: damaged, dropped, or in files that are gone
  std::uint64_t missing_files = 0;  ///< of the journal, not removed by the ledger itself
  std::string missing_names;        ///< which ones, as in MissingFiles
  bool beside_gateway = false;
  std::vector<std::string> places;  ///< the first damaged lines: "00000003.jsonl, behind byte 1204: 2 lines"

  std::string database_problem;    ///< empty: none
  std::uint64_t database_seq = 0;  ///< how far the database has come
  std::uint64_t rows_missing = 0;  ///< lines up to there that the database lacks
  std::uint64_t rows_unknown = 0;  ///< rows that are neither in the journal nor removed from it by the ledger

  /// True if nothing is wrong except what a kill leaves behind.
  [[nodiscard]] bool ok() const {
    return damaged + repeated + missing + missing_files + rows_missing + rows_unknown == 0 && unknown.empty() &&
           database_problem.empty();
  }
};

/// Reads all of the ledger in `folder` and changes nothing.
Audit audit(const std::string& folder);

}  // namespace triage::ledger
