#pragma once
// A FileLedger on a temporary directory, and what is found there.

#include "base/metrics.hpp"
#include "integration/ledger/ledger_folder.hpp"
#include "ledger/database.hpp"
#include "ledger/file_ledger.hpp"
#include "ledger/journal.hpp"
#include "ledger/source.hpp"
#include "ledger/sqlite_projection.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace triage::ledger {

/// Polls until it holds, for at most ten seconds.
inline bool eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

using Ids = std::vector<std::string>;

inline std::string id_of(int number) {
  return "req_" + std::to_string(number);
}

/// id_of(begin) .. id_of(end - 1).
inline Ids ids(int begin, int end) {
  Ids all;
  for (int i = begin; i < end; ++i) all.push_back(id_of(i));
  return all;
}

/// Of all records that a reader finds, in their order.
inline Ids ids_of(const std::string& folder) {
  Ids found;
  Source source(folder);
  RecordReader reader;
  StoredRecord record;
  for (Line line; source.next(line);)
    if (reader.read(line.json, record)) found.emplace_back(record.get<&LedgerRecord::id>().value_or("?"));
  return found;
}

inline Ids rows_of(const std::string& folder) {
  Ids found;
  try {
    Database database(database_path(folder), Database::Mode::read);
    for (Statement row = database.prepare("SELECT id FROM requests ORDER BY seq"); row.step();)
      found.emplace_back(row.text(0));
  } catch (const DatabaseError&) {
  }
  return found;
}

/// One process' ledger.
struct Running {
  explicit Running(const LedgerSpec& spec, bool start = true) : ledger(spec, metrics, {100}) {
    if (start) ledger.start();
  }
  void keep(int begin, int end) {
    for (int i = begin; i < end; ++i) {
      const std::string id = id_of(i);
      ledger.keep(record_now(id, static_cast<std::uint64_t>(i)));
    }
  }
  std::int64_t counter(const std::string& name, const Labels& labels = {}) {
    return metrics.counter(name, "", labels).value();
  }
  std::int64_t gauge(const std::string& name) { return metrics.gauge(name, "").value(); }
  std::int64_t dropped() { return counter("triage_ledger_dropped_total", {{"reason", "full"}}); }

  Metrics metrics;
  FileLedger ledger;
};

class LedgerTest : public testing::Test {
 protected:
  [[nodiscard]] const std::string& path() const { return folder.path(); }
  [[nodiscard]] std::string newest_segment() const { return segment_path(path(), segments_of(path()).back().number); }

  /// As if the file had been changed so long ago.
  void age(std::uint64_t segment, std::chrono::seconds by) const {
    std::filesystem::last_write_time(segment_path(path(), segment), std::filesystem::file_time_type::clock::now() - by);
  }

  TemporaryFolder folder;
  LedgerSpec spec = small_ledger(folder.path());
};

/// Runs `test` in a child process, which may change what this one may not. Exit code of the child, 77: skip.
inline int in_child(const std::function<void()>& test) {
  std::fflush(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    test();
    std::fflush(nullptr);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace triage::ledger
