#include "base/deadline.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace triage {
namespace {

using std::chrono::milliseconds;
using Clock = DeadlineWheel::Clock;

class DeadlineTest : public testing::Test {
 protected:
  // The wheel's time only moves when a test says so: its own timer never runs, because nothing runs `io`.
  void advance(Clock::duration by) { wheel_.advance(now_ += by); }

  asio::io_context io_;
  DeadlineWheel wheel_{io_};
  Clock::time_point now_ = Clock::now();
};

TEST_F(DeadlineTest, FiresOnceAfterItsTimeAndNeverBefore) {
  int fired = 0;
  Deadline deadline(wheel_, [&] { ++fired; });
  deadline.set(now_ + milliseconds(100));
  advance(milliseconds(99));
  EXPECT_EQ(fired, 0);
  advance(milliseconds(1) + 2 * DeadlineWheel::tick);
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(deadline.armed());
  advance(std::chrono::seconds(60));
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, MovedLaterItWaits) {
  int fired = 0;
  Deadline deadline(wheel_, [&] { ++fired; });
  deadline.set(now_ + milliseconds(100));
  deadline.set(now_ + milliseconds(500));
  advance(milliseconds(400));
  EXPECT_EQ(fired, 0);
  advance(milliseconds(200));
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, MovedEarlierItFiresEarlier) {
  int fired = 0;
  Deadline deadline(wheel_, [&] { ++fired; });
  deadline.set(now_ + std::chrono::seconds(10));
  deadline.set(now_ + milliseconds(100));
  advance(milliseconds(200));
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, ClearedItNeverFires) {
  int fired = 0;
  Deadline deadline(wheel_, [&] { ++fired; });
  deadline.set(now_ + milliseconds(100));
  deadline.clear();
  advance(std::chrono::seconds(60));
  EXPECT_EQ(fired, 0);
}

TEST_F(DeadlineTest, BeyondOneTurnOfTheWheel) {
  int fired = 0;
  Deadline deadline(wheel_, [&] { ++fired; });
  deadline.set(now_ + std::chrono::seconds(65));
  for (int second = 0; second < 64; ++second) advance(std::chrono::seconds(1));
  EXPECT_EQ(fired, 0);
  advance(std::chrono::seconds(2));
  EXPECT_EQ(fired, 1);
}

TEST_F(DeadlineTest, MayBeSetAgainOrDestroyedWhileItFires) {
  int fired = 0;
  std::unique_ptr<Deadline> doomed;
  doomed = std::make_unique<Deadline>(wheel_, [&] {
    ++fired;
    doomed.reset();
  });
  std::unique_ptr<Deadline> repeating;
  repeating = std::make_unique<Deadline>(wheel_, [&] {
    ++fired;
    repeating->set(now_ + milliseconds(100));
  });
  doomed->set(now_ + milliseconds(50));
  repeating->set(now_ + milliseconds(50));
  advance(milliseconds(100));
  EXPECT_EQ(fired, 2);
  advance(milliseconds(150));
  EXPECT_EQ(fired, 3);
}

// Against the definition: after every step exactly those fired whose time has come a tick ago, and none too early.
TEST_F(DeadlineTest, ManyRandomDeadlinesAgainstTheDefinition) {
  std::mt19937 random(7);
  struct Tracked {
    Clock::time_point due;
    bool fired = false;
  };
  constexpr int count = 2000;
  std::vector<Tracked> tracked(count);
  std::vector<std::unique_ptr<Deadline>> deadlines;
  for (int i = 0; i < count; ++i)
    deadlines.push_back(std::make_unique<Deadline>(wheel_, [this, &one = tracked[i]] {
      EXPECT_FALSE(one.fired);
      EXPECT_LE(one.due, now_);
      one.fired = true;
    }));
  for (int i = 0; i < count; ++i) {
    tracked[i].due = now_ + milliseconds(random() % 50'000);
    deadlines[i]->set(tracked[i].due);
  }
  for (int step = 0; step < 600; ++step) {
    advance(milliseconds(random() % 200));
    for (int i = 0; i < 20; ++i) {
      const auto chosen = random() % count;
      if (tracked[chosen].fired) continue;
      tracked[chosen].due = now_ + milliseconds(1 + random() % 30'000);
      deadlines[chosen]->set(tracked[chosen].due);
    }
    for (const Tracked& one : tracked)
      if (now_ > one.due + 2 * DeadlineWheel::tick) {
        ASSERT_TRUE(one.fired);
      }
  }
}

}  // namespace
}  // namespace triage
