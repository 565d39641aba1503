#pragma once
// One thread that reads the journal as it grows and hands each line, decoded once, to everybody who follows it: to
// experiments, SLOs, the watch for drift. What they know is a function of the journal's lines in their order, so that
// it is the same after a restart. About 50 ms pass from Ledger::keep() to take().
//
//   Follower follower(dir);
//   follower.add(experiments);                       // each with a checkpoint of its own
//   follower.catch_up(ledger.holds_folder());        // before the ledger's threads and the first request
//   follower.start();

#include "ledger/entry.hpp"
#include "ledger/projection.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace triage::ledger {

/// Follows the journal. All calls come from one thread at a time: during catch_up() from its caller's, then from the
/// follower's. They must not throw: whoever does is told no more, and that is logged.
class Consumer {
 public:
  virtual ~Consumer() = default;

  /// For logs.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// The last line that it knows, from a checkpoint that it stored; all zero: it knows none. Asked once, by add().
  [[nodiscard]] virtual Checkpoint begin_at() = 0;

  /// Whether it must know all lines before the first request is served. It should then store checkpoints.
  [[nodiscard]] virtual bool before_serving() const noexcept { return false; }

  /// Whether it would be told at all now; may change at any time. The journal is read as soon as somebody wants it.
  [[nodiscard]] virtual bool wants() const { return true; }

  /// The next line, of a kind that is known. Numbers (`seq`) grow; lines that were lost are missing. The entry's views
  /// are valid until this returns.
  virtual void take(const Entry& entry) = 0;

  /// It has all lines there are, up to `reached`. Comes after the first lines, and then ten times a second whether or
  /// not there were any: the place to make decisions, and to store a checkpoint.
  virtual void caught_up(const Checkpoint& reached) = 0;

  /// The journal is not the one that its checkpoint is of. All of this one follows.
  virtual void forget() = 0;
};

class Follower {
 public:
  explicit Follower(std::string folder) : folder_(std::move(folder)) {}
  /// Stops.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  /// The consumer must outlive the follower, or its stop(). To be called before catch_up() and start().
  void add(Consumer& consumer);

  /// Tells those that must know it before_serving() all there is. `ours`: this process has the ledger's directory, and
  /// its threads have not begun yet: then what an earlier process left in the spool is told too.
  void catch_up(bool ours);

  /// Starts the thread; without a consumer there is none.
  void start();
  /// Ends the thread. What it has not read yet is told after the next start. May be called again.
  void stop();

 private:
  struct Following {
    Consumer* consumer;
    Checkpoint reached;
    bool broken = false;
  };

  void run();
  void tell(const Line& line, const Position& behind, const std::vector<Following*>& whom);
  static void caught_up(const std::vector<Following*>& whom);
  template <class Call>
  static void guarded(Following& following, Call call);
  [[nodiscard]] static Checkpoint earliest(const std::vector<Following*>& whom);

  const std::string folder_;
  std::vector<Following> following_;
  Entry entry_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace triage::ledger
