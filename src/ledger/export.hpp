#pragma once
// `triage ledger export`: lines as in the journal, or as a table.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace triage::ledger {

struct ExportOptions {
  std::string folder;
  std::int64_t since_unix_ms = 0;  ///< older lines are left out
  bool csv = false;                ///< false: JSON lines
  std::string kind = {};           ///< "": all kinds, or for CSV, whose columns belong to one kind, requests
};

struct Exported {
  std::uint64_t lines = 0;
  std::uint64_t unknown = 0;  ///< of `lines`: of kinds unknown to this version
  std::uint64_t from_spool = 0;
  std::uint64_t damaged = 0;  ///< lines that were skipped
  bool beside_gateway = false;
  bool written = true;  ///< false: `write` returned false, which stopped the export
};

/// "request, feedback, ...".
std::string kind_names();
bool is_kind(std::string_view kind);

/// Exports every line once, oldest first. `write` gets whole lines.
Exported export_records(const ExportOptions& options, const std::function<bool(std::string_view)>& write);

}  // namespace triage::ledger
