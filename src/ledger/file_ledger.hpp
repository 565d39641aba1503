#pragma once
// The ledger in files: spool, journal, database. docs/ledger.md says what each promises.
//
//   keep() -> DIR/spool (mapped) -writer-> DIR/journal/*.jsonl -projector-> DIR/ledger.db

#include "base/buffer.hpp"
#include "base/metrics.hpp"
#include "ledger/projector.hpp"
#include "ledger/writer.hpp"
#include "triage/ledger.hpp"
#include "triage/spec.hpp"

#include <array>
#include <chrono>
#include <string>
#include <variant>

namespace triage::ledger {

struct Status {
  std::string journal;   ///< what is wrong with the journal; empty: nothing
  std::string database;  ///< what is wrong with the database; empty: nothing
  [[nodiscard]] bool ok() const noexcept { return journal.empty() && database.empty(); }
};

class FileLedger final : public Ledger {
 public:
  struct Options {
    std::size_t batch_lines = 4000;  ///< per transaction of the database
  };

  /// Opens the directory. If that fails, logs it and tries again every second. `metrics` must outlive this object.
  FileLedger(const LedgerSpec& spec, Metrics& metrics) : FileLedger(spec, metrics, Options()) {}
  FileLedger(const LedgerSpec& spec, Metrics& metrics, Options options);
  ~FileLedger() override;

  /// Starts the two threads. Records may be kept before that.
  void start();
  /// Hands the directory over to another process: writes everything kept so far to the journal and gives the directory
  /// up. Records kept later wait beside it, and the process that has the directory takes them when this one has ended.
  void hand_over();
  /// To be called when nobody calls keep() any more. Writes everything to the journal and, for at most `patience`, to
  /// the database, which otherwise catches up at the next start.
  void stop(std::chrono::milliseconds patience = std::chrono::milliseconds(5000));

  /// Takes about 1 us. When this returns, the record is in the page cache or, if no directory can be used, in memory.
  void keep(const LedgerRecord& record) override;
  bool keep(const LedgerEvent& event) override;
  [[nodiscard]] bool syncs_each() const noexcept override { return syncs_each_; }
  Async<void> synced() override;

  /// Whether this process has the directory. Thread-safe.
  [[nodiscard]] bool holds_folder() const noexcept { return writer_.holds_folder(); }

  /// For health checks. Thread-safe.
  [[nodiscard]] Status status() const { return {writer_.problem(), projector_.problem()}; }

 private:
  bool take(Buffer& body, Counter& kept);

  const bool syncs_each_;
  Counter& kept_;
  std::array<Counter*, std::variant_size_v<LedgerEvent>> kept_events_;
  Counter& dropped_full_;
  Counter& dropped_long_;
  Counter& omitted_;
  Writer writer_;
  Projector projector_;
};

}  // namespace triage::ledger
