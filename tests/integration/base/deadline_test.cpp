// The wheel on a real loop, with a callback that takes its time.
#include "base/loop.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace triage {
namespace {

using std::chrono::milliseconds;
using Clock = DeadlineWheel::Clock;

TEST(DeadlineWheelOnALoop, ASlowCallbackThatSetsAnotherDelaysNobodyByATurn) {
  Loop loop(0);
  const auto begin = Clock::now();
  Clock::time_point fired{};
  Deadline another(loop.deadlines, [] {});
  Deadline slow(loop.deadlines, [&] {
    std::this_thread::sleep_for(milliseconds(200));
    another.set_in(milliseconds(10));
  });
  Deadline passed_over(loop.deadlines, [&] { fired = Clock::now(); });
  slow.set(begin + milliseconds(40));
  passed_over.set(begin + milliseconds(160));
  loop.io.run_for(milliseconds(1500));
  ASSERT_NE(fired, Clock::time_point{}) << "it waits for the wheel's next turn";
  EXPECT_GE(fired - begin, milliseconds(160));
}

}  // namespace
}  // namespace triage
