#pragma once
// A ledger's directory in a temporary place, and records to put there.

#include "support/sample_record.hpp"
#include "triage/spec.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace triage::ledger {

/// Removed in the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "triage-ledger-XXXXXX").string();
    if (!mkdtemp(name.data())) std::abort();
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Small files, so that rotation and wrapping around happen often.
inline LedgerSpec small_ledger(const std::string& folder) {
  LedgerSpec spec;
  spec.dir = folder;
  spec.sync = LedgerSync::os;
  spec.spool = {1 << 20};
  spec.segment = {64 << 10};
  return spec;
}

/// A record of this moment, nearly.
inline LedgerRecord record_now(std::string_view id, std::uint64_t number = 0) {
  static const std::int64_t now_ms =
      std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  return sample_record(id, number, now_ms);
}

}  // namespace triage::ledger
