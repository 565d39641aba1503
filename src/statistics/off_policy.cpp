// With w = target / propensity, r the outcome and q the model's expectations:
//
//   ips   = mean(w r)
//   snips = sum(w r) / sum(w)
//   dr    = mean(q_target + w (r - q_logged)) with the second term self-normalised, as in snips
//
// The intervals are Student's, from the variances of the summands (of snips and dr by linearisation), with as many
// degrees of freedom as there are effective rows, or fewer where a few summands make up the variance. Where summands
// are skewed, by large weights or by costs with a long tail, the interval is made longer on that side by Johnson's
// (1978) term. Where outcomes have a range, two imagined ones, as far apart as can be, keep the variance from being too
// small if all that were seen are alike (prediction_powered.cpp does the same).
#include "statistics/off_policy.hpp"

#include "statistics/distributions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace triage::statistics {
namespace {

constexpr double supported_min = 0.99;
constexpr double effective_min = 50;
constexpr double largest_max = 0.1;
constexpr double imagined_outcomes = 2;
constexpr double drawn_rows = 10;  // with which a group's mean is drawn towards the action's

// Not every other row: logs may be periodic.
std::size_t half_of(std::size_t row) noexcept {
  return static_cast<std::size_t>((std::uint64_t{row} * 0x9E3779B97F4A7C15ULL) >> 63);
}

// The sums of a column over the rows of each unit, in the order in which units come first.
class ByUnit {
 public:
  explicit ByUnit(std::span<const LoggedRow> rows) {
    std::unordered_map<std::uint64_t, std::size_t> places;
    for (const LoggedRow& row : rows)
      places_.push_back(row.unit == 0                                 ? units_++
                        : places.try_emplace(row.unit, units_).second ? units_++
                                                                      : places.at(row.unit));
  }
  [[nodiscard]] std::vector<double> sums(const std::vector<double>& column) const {
    std::vector<double> out(units_);
    for (std::size_t i = 0; i < column.size(); ++i) out[places_[i]] += column[i];
    return out;
  }

 private:
  std::vector<std::size_t> places_;  // of each row's unit
  std::size_t units_ = 0;
};

// Mean of `rows` summands; `distances` are those of each unit from the mean.
Estimate estimate(double value, const std::vector<double>& distances, double rows, double effective, double range,
                  double confidence) {
  double second = 0;
  double third = 0;
  double fourth = 0;
  for (const double distance : distances) {
    second += distance * distance;
    third += distance * distance * distance;
    fourth += distance * distance * distance * distance;
  }
  if (fourth <= 0 || effective <= 1) return {value, {value, value}};
  const double degrees = std::max(1.0, std::min(effective, 3 * second * second / fourth) - 1);
  const double error = std::sqrt(second / (rows * rows) * (degrees + 1) / degrees +
                                 imagined_outcomes * range * range / (effective * effective));
  const double t = student_quantile((1 + confidence) / 2, degrees);
  const double moved = third / second / (6 * rows) * (1 + 2 * t * t);
  const double half = t * error;
  return {value, {value - half + std::min(moved, 0.0), value + half + std::max(moved, 0.0)}};
}

Overlap diagnose(const OffPolicy& found) {
  if (found.supported < supported_min) return Overlap::unsupported;
  if (found.effective_rows < effective_min) return Overlap::few;
  return found.largest_weight > largest_max ? Overlap::one_decides : Overlap::enough;
}

}  // namespace

OffPolicy evaluate(std::span<const LoggedRow> rows, double confidence, double range) {
  OffPolicy out;
  if (rows.empty()) return out;
  const auto count = static_cast<double>(rows.size());
  const ByUnit by_unit(rows);
  std::vector<double> row_weights;
  double weights = 0;
  double weighted = 0;
  double residual = 0;
  double modelled = 0;
  for (const LoggedRow& row : rows) {
    const double w = row.target / row.propensity;
    weights += w;
    row_weights.push_back(w);
    weighted += w * row.outcome;
    residual += w * (row.outcome - row.expected_logged);
    modelled += row.expected_target;
    out.supported += row.supported ? 1 / count : 0;
  }
  double squares = 0;
  for (const double w : by_unit.sums(row_weights)) {
    squares += w * w;
    out.largest_weight = std::max(out.largest_weight, w);
  }
  if (weights > 0) {
    out.effective_rows = weights * weights / squares;
    out.largest_weight /= weights;
  }
  out.overlap = diagnose(out);
  if (weights <= 0) return out;

  const double ips = weighted / count;
  const double snips = weighted / weights;
  const double correction = residual / weights;
  const double robust = modelled / count + correction;
  std::array<std::vector<double>, 3> distances;
  for (const LoggedRow& row : rows) {
    const double w = row.target / row.propensity;
    distances[0].push_back(w * row.outcome - ips);
    distances[1].push_back(w * (row.outcome - snips) * count / weights);
    distances[2].push_back(row.expected_target - modelled / count +
                           w * (row.outcome - row.expected_logged - correction) * count / weights);
  }
  out.ips = estimate(ips, by_unit.sums(distances[0]), count, out.effective_rows, range, confidence);
  out.snips = estimate(snips, by_unit.sums(distances[1]), count, out.effective_rows, range, confidence);
  out.doubly_robust = estimate(robust, by_unit.sums(distances[2]), count, out.effective_rows, range, confidence);
  return out;
}

void GroupMeans::add(std::uint64_t group, std::uint64_t action, double outcome) {
  Half& half = halves_[half_of(rows_++)];
  for (Sum* sum : {&half.of_group[{group, action}], &half.of_action[action], &half.all}) {
    sum->rows += 1;
    sum->outcome += outcome;
  }
}

double GroupMeans::expected(std::size_t row, std::uint64_t group, std::uint64_t action) const {
  const Half& other = halves_[1 - half_of(row)];
  double mean = other.all.rows > 0 ? other.all.outcome / other.all.rows : 0;
  const auto toward = [&](const auto& sums, const auto& key) {
    const auto found = sums.find(key);
    if (found == sums.end()) return;
    mean = (found->second.outcome + drawn_rows * mean) / (found->second.rows + drawn_rows);
  };
  toward(other.of_action, action);
  toward(other.of_group, std::pair{group, action});
  return mean;
}

}  // namespace triage::statistics
