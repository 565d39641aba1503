#pragma once
// Finds requests in the ledger and keeps what apps say of their answers. One thread does it, in the order in which it
// is asked, so that what is said twice at once is kept once.
//
// A line of feedback says all that was said of its request so far. So the last line of a request counts, and the ones
// before it do not.

#include "base/lru.hpp"
#include "base/metrics.hpp"
#include "ledger/database.hpp"
#include "ledger/entry.hpp"
#include "ledger/projection.hpp"
#include "triage/feedback.hpp"
#include "triage/ledger.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace triage::ledger {

class FeedbackKeeper final : public FeedbackStore {
 public:
  /// `folder` is the one of `ledger`, which must outlive this object.
  FeedbackKeeper(std::string folder, Ledger& ledger) : folder_(std::move(folder)), ledger_(ledger) {}
  ~FeedbackKeeper() override;

  void start();
  /// Ends the thread when it has done what waits.
  void stop();

  /// How many calls may wait.
  void set_most(std::size_t most) noexcept { most_.store(most, std::memory_order_relaxed); }

  bool find(std::string id, std::optional<std::string> key, Found done) override;
  bool keep(PastRequest request, std::string key, Feedback said, Kept done) override;

 private:
  bool post(std::function<void()> task);
  void run();

  void find_now(const std::string& id, const std::optional<std::string>& key, const Found& done);
  void keep_now(const PastRequest& request, const std::string& key, const Feedback& said, const Kept& done);
  [[nodiscard]] std::optional<PastRequest> look_up(const std::string& id, const std::optional<std::string>& key);
  [[nodiscard]] Feedback said_before(const std::string& id);
  Database* database();
  [[nodiscard]] Checkpoint projected();
  template <class T, class Take>
  void each_since(const Checkpoint& from, const std::string& holding, Take take);

  const std::string folder_;
  Ledger& ledger_;
  std::atomic<std::size_t> most_{256};

  // of the thread
  std::optional<Database> database_;
  std::uint64_t inode_ = 0;  // of the database's file
  Entry entry_;
  Lru<std::string, Feedback> recent_;  // by the request's id: what the database may not have yet

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace triage::ledger
