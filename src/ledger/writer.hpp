#pragma once
// The thread that moves records from the spool to the journal, syncs it, keeps it small, and retries failures. What it
// cannot write stays in the spool. While another process has the directory, records go to a spool aside. The process
// that has the directory moves them into its own spool once their owner has given that up.

#include "base/metrics.hpp"
#include "ledger/folder.hpp"
#include "ledger/intake.hpp"
#include "ledger/journal.hpp"
#include "ledger/retention.hpp"
#include "ledger/waiters.hpp"
#include "triage/spec.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace triage::ledger {

class Writer {
 public:
  using Clock = std::chrono::steady_clock;

  /// Opens the directory of `spec`. If that fails, there is none until a later try; this never throws for that reason.
  Writer(const LedgerSpec& spec, Metrics& metrics);
  ~Writer();

  void start();
  /// Writes what is in the spool, syncs it unless `sync` is `os`, and ends. Nothing may be taken afterwards.
  void stop();

  /// Writes what was taken to the journal, calls `last_look` on the thread, and gives the directory up for good: what
  /// is taken from now on waits aside, for the next process that has the directory. Returns when that is done.
  void hand_over(std::function<void()> last_look);

  [[nodiscard]] Intake& intake() noexcept { return intake_; }

  /// Wakes the thread. Thread-safe; costs a system call if the thread is in a long sleep.
  void hurry();
  /// Posts `resume` to its executor once everything taken before is on disk, or is known never to get there.
  void when_synced(Resume resume);

  /// Whether the directory is ours, so that nobody else writes there.
  [[nodiscard]] bool holds_folder() const noexcept { return holds_folder_.load(std::memory_order_acquire); }

  /// What is wrong; empty: nothing.
  [[nodiscard]] std::string problem() const;

 private:
  struct Mark {
    std::size_t end;         // in batch_
    std::int64_t lines;      // up to there
    std::uint64_t position;  // in the ring
    std::uint64_t seq;       // there
  };

  void run();
  void turn(bool last);
  void try_folder();
  void start_waiting();
  void collect_aside();
  void give_up();
  void open_again();
  bool drain();
  bool drain(Ring& ring, std::uint64_t add);
  bool sync_if_due(bool now);
  void sync_aside(bool now);
  void retire_if_due();
  void take_up(Folder& folder);
  void failed(Counter& count, const std::string& problem);
  void works();
  void look_at_drops();
  void update_gauges();

  const LedgerSpec spec_;
  const bool durable_;

  Counter& lines_;
  Counter& dropped_;
  Counter& lost_;
  Counter& failed_opens_;
  Counter& failed_writes_;
  Counter& failed_syncs_;
  Counter& torn_;
  Counter& waiting_bytes_;
  Counter& working_;

  // of the thread
  Retention retention_;
  std::optional<FolderLock> lock_;
  std::optional<Journal> journal_;
  Intake intake_;
  std::unique_ptr<Spool> retiring_;            // the spool before this one: its records go first,
  std::uint64_t retiring_add_ = 0;             // with so much added to their numbers
  std::uint64_t done_ = 0;                     // the last sequence number in the journal
  std::vector<std::unique_ptr<Spool>> aside_;  // of others, or ours of before: moved into the current one
  std::uint64_t opened_seq_ = 0;               // the highest number in the directory when it became ours
  bool waiting_ = false;                       // for a process that has the directory; the current spool is aside
  bool gave_up_ = false;
  std::string batch_;
  std::vector<Mark> marks_;
  Clock::time_point last_line_{};
  Clock::time_point last_sync_{};
  Clock::time_point last_retire_{};
  Clock::time_point last_try_{};
  std::int64_t dropped_before_ = 0;
  std::int64_t dropped_at_first_ = 0;
  bool failing_ = false;
  bool sync_failed_ = false;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool hurry_ = false;
  bool stopping_ = false;
  std::function<void()> last_look_;  // of hand_over(); empty: not requested, or done
  std::condition_variable handed_over_;
  Waiters waiters_;
  std::string problem_;
  bool dropping_ = false;
  std::atomic<bool> dozing_{false};
  std::atomic<bool> holds_folder_{false};
  std::thread thread_;
};

}  // namespace triage::ledger
