// What is too old, for clocks that go, stand still and jump.
#include "ledger/horizon.hpp"

#include <gtest/gtest.h>

namespace triage::ledger {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::int64_t day = 24LL * 3600 * 1000;
constexpr std::int64_t begin = 20'000 * day;
constexpr milliseconds retain = hours(24 * 30);
constexpr milliseconds step = step_of(retain);  // three days

// One file a day, changed at the end of its day, from `first` on.
std::vector<Segment> daily(std::int64_t first, std::int64_t days) {
  std::vector<Segment> segments;
  for (std::int64_t i = 1; i <= days; ++i)
    segments.push_back({static_cast<std::uint64_t>(i), 1000, begin + (first + i) * day});
  return segments;
}

Horizon at(const std::vector<Segment>& segments, std::int64_t now) {
  return horizon(segments, now, retain, step);
}

TEST(Horizon, OfAnEmptyJournalIsRetainAgo) {
  const Horizon found = at({}, begin);
  EXPECT_EQ(found.outdated, 0U);
  EXPECT_EQ(found.begin_unix_ms, begin - 30 * day);
}

TEST(Horizon, TakesWhatIsOlderThanRetain) {
  for (const std::int64_t days : {10, 30, 31, 40, 100}) {
    const Horizon found = at(daily(0, days), begin + days * day + day / 2);
    EXPECT_EQ(found.outdated, static_cast<std::size_t>(std::max<std::int64_t>(days - 30, 0))) << days;
    EXPECT_EQ(found.begin_unix_ms, begin + days * day + day / 2 - 30 * day) << days;
    EXPECT_EQ(found.overdue, 0U);
  }
}

TEST(Horizon, AWeekendWithoutAGatewayCountsInFull) {
  const Horizon found = at(daily(0, 30), begin + 30 * day + 5 * day / 2);
  EXPECT_EQ(found.outdated, 2U);
  EXPECT_EQ(found.overdue, 0U);
}

TEST(Horizon, AJumpForwardCountsAsOneStep) {
  std::vector<Segment> segments = daily(0, 30);
  const std::int64_t jumped = begin + 70 * day;
  const Horizon before_a_record = at(segments, jumped);
  EXPECT_EQ(before_a_record.outdated, 3U);
  EXPECT_EQ(before_a_record.overdue, 27U) << "the clock says that all are too old";
  EXPECT_EQ(before_a_record.begin_unix_ms, begin + 30 * day - 27 * day);
  segments.push_back({31, 1000, jumped});
  segments.push_back({32, 1000, jumped + day / 2});
  const Horizon later = at(segments, jumped + day / 2);
  EXPECT_EQ(later.outdated, 3U);
  EXPECT_EQ(later.overdue, 27U);
}

TEST(Horizon, AfterAJumpFilesGoOneByOneAsTimePasses) {
  std::vector<Segment> segments = daily(0, 30);
  const std::vector<Segment> after = daily(70, 40);
  segments.insert(segments.end(), after.begin(), after.end());
  const Horizon found = at(segments, begin + 110 * day);
  EXPECT_EQ(found.outdated, 40U) << "thirty from before and ten from after the jump";
  EXPECT_EQ(found.overdue, 0U);
  segments.resize(50);
  const Horizon half = at(segments, begin + 90 * day);
  EXPECT_EQ(half.outdated, 22U);
  EXPECT_EQ(half.overdue, 8U);
}

TEST(Horizon, AClockThatIsPutBackTakesNothing) {
  std::vector<Segment> segments = daily(0, 20);
  segments.push_back({21, 1000, begin + 60 * day});  // while it was wrong
  segments.push_back({22, 1000, begin + 21 * day});
  const Horizon found = at(segments, begin + 22 * day);
  EXPECT_EQ(found.outdated, 0U);
  EXPECT_EQ(found.overdue, 0U);
  EXPECT_EQ(at(daily(0, 30), begin).outdated, 0U) << "an hour before all of it";
}

TEST(Horizon, AShortRetainHasALongerStep) {
  EXPECT_EQ(step_of(std::chrono::minutes(1)), std::chrono::minutes(10));
  EXPECT_EQ(step_of(hours(24 * 30)), hours(72));
}

}  // namespace
}  // namespace triage::ledger
