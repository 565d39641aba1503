// The follower against real directories: each line once, in order, to everybody, across restarts.
#include "ledger/follower.hpp"

#include "integration/ledger/ledger_fixture.hpp"

#include <mutex>
#include <stdexcept>

namespace triage::ledger {
namespace {

class Listener final : public Consumer {
 public:
  explicit Listener(Checkpoint from = {}, bool early = false) : from_(from), early_(early) {}

  [[nodiscard]] std::string_view name() const noexcept override { return "the listener"; }
  [[nodiscard]] Checkpoint begin_at() override { return from_; }
  [[nodiscard]] bool before_serving() const noexcept override { return early_; }
  void take(const Entry& entry) override {
    const std::lock_guard lock(mutex_);
    if (throws) throw std::runtime_error("this listener is broken");
    entry.visit([this]<class T>(const Stored<T>& stored) {
      if constexpr (std::is_same_v<T, LedgerRecord>)
        heard_.emplace_back(stored.template get<&LedgerRecord::id>().value_or("?"));
    });
  }
  void caught_up(const Checkpoint& reached) override {
    const std::lock_guard lock(mutex_);
    reached_ = reached;
    ++calls_;
  }
  void forget() override {
    forgot = true;
    heard_.clear();
  }

  [[nodiscard]] Ids heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  [[nodiscard]] Checkpoint reached() {
    const std::lock_guard lock(mutex_);
    return reached_;
  }
  [[nodiscard]] int calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  bool throws = false;
  bool forgot = false;

 private:
  const Checkpoint from_;
  const bool early_;
  std::mutex mutex_;
  Ids heard_;
  Checkpoint reached_;
  int calls_ = 0;
};

using FollowerTest = LedgerTest;

TEST_F(FollowerTest, EachHearsEveryLineOnceWhereverItBegins) {
  Checkpoint middle;
  {
    Running process(spec);
    process.keep(0, 50);
    Listener first;
    Follower follower(path());
    follower.add(first);
    follower.start();
    EXPECT_TRUE(eventually([&] { return first.heard() == ids(0, 50) && first.reached().seq == 50; }));
    middle = first.reached();
    process.keep(50, 500);
    EXPECT_TRUE(eventually([&] { return first.heard() == ids(0, 500); }));
  }
  Listener anew;
  Listener from_middle(middle);
  Follower follower(path());
  follower.add(anew);
  follower.add(from_middle);
  follower.start();
  EXPECT_TRUE(eventually([&] { return anew.heard() == ids(0, 500) && from_middle.heard() == ids(50, 500); }));
}

TEST_F(FollowerTest, WhoMustKnowBeforeServingIsToldWhatAnEndedProcessLeftInTheSpool) {
  {
    Running process(spec);
    process.keep(0, 10);
    process.ledger.stop();
  }
  {
    Running killed(spec, false);
    killed.keep(10, 14);  // never written to the journal
  }
  Running process(spec, false);
  Listener early({}, true);
  Listener later;
  Follower follower(path());
  follower.add(early);
  follower.add(later);
  follower.catch_up(process.ledger.holds_folder());
  EXPECT_EQ(early.heard(), ids(0, 14));
  EXPECT_EQ(early.calls(), 1);
  EXPECT_TRUE(later.heard().empty());
  process.ledger.start();
  follower.start();
  process.keep(14, 20);
  EXPECT_TRUE(eventually([&] { return early.heard() == ids(0, 20) && later.heard() == ids(0, 20); }));
}

TEST_F(FollowerTest, IsCalledThoughNothingHappens) {
  Running process(spec);
  Listener listener;
  Follower follower(path());
  follower.add(listener);
  follower.start();
  EXPECT_TRUE(eventually([&] { return listener.calls() >= 3; }));
}

TEST_F(FollowerTest, OneThatThrowsIsToldNoMoreAndTheOthersAre) {
  Running process(spec);
  Listener broken;
  broken.throws = true;
  Listener whole;
  Follower follower(path());
  follower.add(broken);
  follower.add(whole);
  follower.start();
  process.keep(0, 5);
  EXPECT_TRUE(eventually([&] { return whole.heard() == ids(0, 5); }));
  EXPECT_TRUE(broken.heard().empty());
}

TEST_F(FollowerTest, AnOlderJournalIsToldFromItsBeginning) {
  Running process(spec);
  process.keep(0, 5);
  Listener listener(Checkpoint{{99, 1000}, 77});
  Follower follower(path());
  EXPECT_TRUE(eventually([&] { return !segments_of(path()).empty(); }));
  follower.add(listener);
  EXPECT_TRUE(listener.forgot);
  follower.start();
  EXPECT_TRUE(eventually([&] { return listener.heard() == ids(0, 5); }));
}

TEST_F(FollowerTest, GoesOnAfterAStop) {
  Running process(spec);
  Listener listener;
  Follower follower(path());
  follower.add(listener);
  follower.start();
  process.keep(0, 5);
  EXPECT_TRUE(eventually([&] { return listener.heard() == ids(0, 5); }));
  follower.stop();
  process.keep(5, 9);
  follower.start();
  EXPECT_TRUE(eventually([&] { return listener.heard() == ids(0, 9); }));
}

}  // namespace
}  // namespace triage::ledger
