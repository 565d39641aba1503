#pragma once
// How a guardrail's confidence sequence went: a few points of it, for those who look at it later. Pure.

#include "experiment/guard.hpp"

#include <cstdint>
#include <vector>

namespace triage::experiment {

struct CoursePoint {
  std::int64_t time_unix_ms = 0;
  std::uint64_t observations = 0;
  Effect effect;
  double log_evidence = 0;
};
template <>
inline constexpr bool is_plain<CoursePoint> = true;

/// Each point has at least 4 % more observations than the one before it: a million make 300 points.
class Course {
 public:
  /// Adds a point if it is time for one.
  void look(const Guard& guard, double alpha, std::int64_t time_unix_ms) {
    if (guard.observations() < next_) return;
    const auto effect = guard.effect(alpha);
    if (!effect) return;
    points_.push_back({time_unix_ms, guard.observations(), *effect, guard.log_evidence()});
    next_ = guard.observations() + guard.observations() / 25 + 1;
  }
  [[nodiscard]] const std::vector<CoursePoint>& points() const noexcept { return points_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return points_.capacity() * sizeof(CoursePoint); }

  template <class A>
  friend void archive(A& a, Course& course) {
    archive(a, course.next_);
    archive(a, course.points_);
  }

 private:
  std::uint64_t next_ = 1;
  std::vector<CoursePoint> points_;
};

}  // namespace triage::experiment
