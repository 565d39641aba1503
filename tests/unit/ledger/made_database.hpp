#pragma once
// A ledger's directory with a database of rows that a test makes, and nothing else.

#include "ledger/rollup.hpp"
#include "ledger/schema.hpp"
#include "ledger/sqlite_projection.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace triage::ledger {

/// Removed in the end.
class MadeDatabase {
 public:
  MadeDatabase() : database_(database_path(folder_.path), Database::Mode::write) { migrate(database_, migrations()); }

  [[nodiscard]] const std::string& folder() const { return folder_.path; }
  void execute(const std::string& sql) { database_.execute(sql); }

  void sums(std::int64_t period_s, std::int64_t start, const RollupNames& names, const Sums& sums) {
    Statement row = database_.prepare(
        "INSERT INTO rollups (period_s, start_unix_s, route, tier, deployment, key, model, outcome, " + sums_columns() +
        ") VALUES (?,?,?,?,?,?,?,?" +
        [] {
          std::string marks;
          for (std::size_t i = 0; i < Sums::count_size + 3; ++i) marks += ",?";
          return marks;
        }() +
        ")");
    int at = 0;
    row.bind(++at, period_s);
    row.bind(++at, start);
    for (const std::string_view name :
         {names.route, names.tier, names.deployment, names.key, names.model, names.outcome})
      row.bind(++at, name);
    for (const std::int64_t count : sums.counts) row.bind(++at, count);
    const std::string histograms[] = {sums.latency.encode(), sums.ttft.encode(), sums.overhead.encode()};
    for (const std::string& histogram : histograms) row.bind_blob(++at, histogram);
    row.run();
  }

 private:
  struct Folder {
    std::string path = (std::filesystem::temp_directory_path() / "triage-made-XXXXXX").string();
    Folder() {
      if (!mkdtemp(path.data())) std::abort();
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  };
  Folder folder_;
  Database database_;
};

}  // namespace triage::ledger
