#include "base/metrics.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(Metrics, SameNameAndLabelsAreTheSameMetric) {
  Metrics metrics;
  metrics.counter("a_total", "A.", {{"x", "1"}}).add(2);
  metrics.counter("a_total", "A.", {{"x", "1"}}).add(3);
  metrics.counter("a_total", "A.", {{"x", "2"}}).add();
  EXPECT_EQ(metrics.text(), "# HELP a_total A.\n# TYPE a_total counter\na_total{x=\"1\"} 5\na_total{x=\"2\"} 1\n");
}

TEST(Metrics, LabelValuesAreEscaped) {
  Metrics metrics;
  metrics.gauge("g", "G.", {{"x", "a\"b\\c\nd"}}).add(-1);
  EXPECT_EQ(metrics.text(), "# HELP g G.\n# TYPE g gauge\ng{x=\"a\\\"b\\\\c\\nd\"} -1\n");
}

TEST(Metrics, HistogramBucketsAreCumulativeAndInclusive) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("h_seconds", "H.");
  histogram.observe(0.0001);  // on a bound: inside
  histogram.observe(0.3);
  histogram.observe(1e4);
  const std::string text = metrics.text();
  EXPECT_NE(text.find("h_seconds_bucket{le=\"0.0001\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_seconds_bucket{le=\"0.25\"} 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_seconds_bucket{le=\"0.5\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_seconds_bucket{le=\"+Inf\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_seconds_count 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("h_seconds_sum 10000.3001\n"), std::string::npos) << text;
}

TEST(MetricsText, ARatioIsAShareOfOne) {
  Metrics metrics;
  metrics.ratio("triage_part_ratio", "A part.", {{"route", "a"}}).set(0.125);
  EXPECT_EQ(metrics.text(),
            "# HELP triage_part_ratio A part.\n# TYPE triage_part_ratio gauge\ntriage_part_ratio{route=\"a\"} 0.125\n");
}

}  // namespace
}  // namespace triage
