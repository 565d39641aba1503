#pragma once
// `triage ledger export`: lines as they are in the journal, or as a table.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace triage::ledger {

struct ExportOptions {
  std::string folder;
  std::int64_t since_unix_ms = 0;  ///< what is from before is left out
  bool csv = false;                ///< else JSON lines
  std::string kind = {};           ///< "": all, or for CSV, whose columns are one kind's, requests
};

struct Exported {
  std::uint64_t lines = 0;
  std::uint64_t unknown = 0;  ///< of `lines`: of kinds that this version does not know
  std::uint64_t from_spool = 0;
  std::uint64_t damaged = 0;  ///< lines that were passed over
  bool beside_gateway = false;
  bool written = true;  ///< false: `write` returned false, and nothing more was written
};

/// "request, feedback, ...".
std::string kind_names();
bool is_kind(std::string_view kind);

/// Every line once, oldest first. `write` takes whole lines.
Exported export_records(const ExportOptions& options, const std::function<bool(std::string_view)>& write);

}  // namespace triage::ledger
