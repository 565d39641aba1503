#include "base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace triage {
namespace {

TEST(WorkerPools, RunWhatIsPosted) {
  std::promise<std::thread::id> ran;
  WorkerPool pool(1);
  ASSERT_TRUE(pool.post([&ran] { ran.set_value(std::this_thread::get_id()); }, 1));
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(WorkerPools, RefuseWhatDoesNotFit) {
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(1);
    ASSERT_TRUE(pool.post(
        [&] {
          begun.set_value();
          go_on.get_future().wait();
          ++ran;
        },
        2));
    begun.get_future().wait();
    EXPECT_TRUE(pool.post([&ran] { ++ran; }, 2));
    EXPECT_TRUE(pool.post([&ran] { ++ran; }, 2));
    EXPECT_FALSE(pool.post([&ran] { ++ran; }, 2));
    EXPECT_EQ(pool.waiting(), 2U);
    EXPECT_TRUE(pool.post([&ran] { ++ran; }, 3)) << "the bound may change";
    go_on.set_value();
  }
  EXPECT_GE(ran, 1) << "what has begun is waited for";
}

TEST(WorkerPools, DropWhatHasNotBegunAtTheEnd) {
  std::atomic<int> ran = 0;
  { const WorkerPool none(0); }
  WorkerPool pool(0);
  EXPECT_TRUE(pool.post([&ran] { ++ran; }, 1));
  EXPECT_EQ(ran, 0);
}

}  // namespace
}  // namespace triage
