#include "triage/cancellation.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

TEST(Cancellation, AScopeInsideAnotherGivesBackWhatWasInstalled) {
  Cancellation gone;
  std::string fired;
  const CancellationHook outer(gone, [&fired] { fired += "outer"; });
  {
    const CancellationHook inner(gone, [&fired] { fired += "inner"; });
  }
  gone.fire();
  EXPECT_EQ(fired, "outer");
}

TEST(Cancellation, TheInnermostScopeIsToldAndNobodyTwice) {
  Cancellation gone;
  std::string fired;
  {
    const CancellationHook outer(gone, [&fired] { fired += "outer"; });
    const CancellationHook inner(gone, [&fired] { fired += "inner"; });
    gone.fire(ErrorCode::shutting_down);
    gone.fire();
  }
  EXPECT_EQ(fired, "inner");
  EXPECT_EQ(gone.reason(), ErrorCode::shutting_down);
  const CancellationHook late(gone, [&fired] { fired += " late"; });
  EXPECT_EQ(fired, "inner late") << "at once";
}

}  // namespace
}  // namespace triage
