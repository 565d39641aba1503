#pragma once
// The thread that makes the database follow the journal. Failures are retried every second; a damaged or missing
// database is recreated from the journal.

#include "base/metrics.hpp"
#include "ledger/projection.hpp"
#include "triage/spec.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace triage::ledger {

class Projector {
 public:
  using Clock = std::chrono::steady_clock;

  /// `may_write`: whether the directory is ours now.
  Projector(const LedgerSpec& spec, Metrics& metrics, ProjectionTarget target, std::size_t batch_lines,
            std::function<bool()> may_write);
  ~Projector();
  void start();
  /// Takes in what the journal has, for at most `patience`, and ends. The journal must not be written any more.
  void stop(std::chrono::milliseconds patience);

  /// What is wrong; empty: nothing.
  [[nodiscard]] std::string problem() const;

 private:
  void run();
  bool ended(std::chrono::milliseconds pause);
  std::size_t turn(bool last);
  void open();
  void retire_if_due();
  void count_skipped(std::size_t unknown);
  void failed(const std::string& problem);
  void works();
  void look(bool last);
  void update_lag();

  const LedgerSpec spec_;
  const ProjectionTarget target_;
  const std::size_t batch_lines_;
  const std::function<bool()> may_write_;
  Counter& rows_;
  Counter& failures_;
  Counter& damaged_;
  Counter& repeated_;
  Counter& missing_;
  Counter& unknown_;
  Counter& lag_bytes_;
  Counter& working_;

  std::unique_ptr<Projection> projection_;
  std::unique_ptr<JournalReader> journal_;
  Entry entry_;
  Skipped counted_;
  std::uint64_t counted_missing_ = 0;
  Clock::time_point last_look_{};
  Clock::time_point last_lag_{};
  Clock::time_point last_retire_{};
  std::uint64_t first_segment_ = 0;
  bool failing_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  Clock::time_point until_{};
  std::string problem_;
  std::thread thread_;
};

}  // namespace triage::ledger
