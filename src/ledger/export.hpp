#pragma once
// `triage ledger export`: records as they are in the journal, or as a table.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace triage::ledger {

struct ExportOptions {
  std::string folder;
  std::int64_t since_unix_ms = 0;  ///< records that began earlier are left out
  bool csv = false;                ///< else JSON lines
};

struct Exported {
  std::uint64_t records = 0;
  std::uint64_t from_spool = 0;
  std::uint64_t damaged = 0;  ///< lines that were passed over
  bool beside_gateway = false;
  bool written = true;  ///< false: `write` returned false, and nothing more was written
};

/// Every record once, oldest first. `write` takes whole lines.
Exported export_records(const ExportOptions& options, const std::function<bool(std::string_view)>& write);

}  // namespace triage::ledger
