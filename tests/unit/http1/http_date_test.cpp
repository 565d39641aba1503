#include "http1/http_date.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace triage {
namespace {

using namespace std::chrono;

constexpr sys_seconds now = sys_days(year(2026) / 11 / 30) + hours(5);
constexpr sys_seconds example = sys_days(year(1994) / 11 / 6) + hours(8) + minutes(49) + seconds(37);

TEST(HttpDate, TheThreeFormsOfRfc9110) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", now), example);
}

TEST(HttpDate, AsctimeWithTwoDigitsOfDay) {
  const sys_seconds then = sys_days(year(2026) / 11 / 30) + hours(5) + seconds(1);
  EXPECT_EQ(parse_http_date("Mon Nov 30 05:00:01 2026", now), then);
}

TEST(HttpDate, AYearOfTwoDigitsIsAtMostFiftyYearsAhead) {
  const auto year_of = [](const std::string& digits, sys_seconds at) {
    const auto time = parse_http_date("Monday, 01-Jan-" + digits + " 00:00:00 GMT", at);
    return time ? static_cast<int>(year_month_day(floor<days>(*time)).year()) : 0;
  };
  EXPECT_EQ(year_of("26", now), 2026);
  EXPECT_EQ(year_of("27", now), 2027);
  EXPECT_EQ(year_of("76", now), 2076);
  EXPECT_EQ(year_of("77", now), 1977);
  EXPECT_EQ(year_of("00", now), 2000);
  EXPECT_EQ(year_of("05", sys_days(year(2099) / 1 / 1)), 2105);
}

TEST(HttpDate, LeapDaysAndSeconds) {
  EXPECT_EQ(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT", now), sys_days(year(2024) / 2 / 29));
  EXPECT_FALSE(parse_http_date("Sat, 29 Feb 2025 00:00:00 GMT", now));
  EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", now), sys_days(year(2017) / 1 / 1));
}

TEST(HttpDate, EverythingElseIsNone) {
  const std::vector<std::string> texts{"",
                                       "120",
                                       "Sun, 06 Nov 1994 08:49:37",
                                       "Sun, 06 Nov 1994 08:49:37 UTC",
                                       "Sun, 06 Nov 1994 08:49:37 GMT ",
                                       " Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sun, 6 Nov 1994 08:49:37 GMT",
                                       "sun, 06 nov 1994 08:49:37 gmt",
                                       "Sun, 06 Nov 94 08:49:37 GMT",
                                       "Sun, 31 Nov 1994 08:49:37 GMT",
                                       "Sun, 00 Nov 1994 08:49:37 GMT",
                                       "Sun, 06 Nov 1994 24:00:00 GMT",
                                       "Sun, 06 Nov 1994 08:60:00 GMT",
                                       "Sun, 06 Nov 1994 08:49:61 GMT",
                                       "Sunday, 06-Nov-1994 08:49:37 GMT",
                                       "Sun, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov 6 08:49:37 1994",
                                       "Sun Nov  6 08:49:37 1994 GMT",
                                       "1994-11-06T08:49:37Z"};
  for (const std::string& text : texts) EXPECT_FALSE(parse_http_date(text, now)) << text;
}

}  // namespace
}  // namespace triage
