#pragma once
// Has a mean changed? Detectors that watch a stream for ever.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace triage::statistics {

enum class Direction : std::uint8_t { up, down };

/// An e-detector (Shin, Ramdas and Rinaldo 2022, "E-detectors: a nonparametric framework for sequential change
/// detection") of the Shiryaev-Roberts kind: bets that the mean of outcomes in [0,1] has left `baseline` in one
/// direction, of which a new one begins with every outcome. As long as the mean has not, the expected number of
/// outcomes before an alarm is `run_length` at least, whatever their distribution. For one false alarm a month: the
/// outcomes that come in a month. For both directions: two detectors with twice that each.
///
/// `baseline` is a bound, not an estimate: of a reference take the interval's far end (ConfidenceSequence).
class MeanDetector {
 public:
  MeanDetector(double baseline, Direction direction, double run_length);

  /// Where false alarms are to be rare in time, whatever the traffic: let a bet begin at most once in each stretch of
  /// time, and `run_length` counts these stretches. `begins`: one begins with this outcome.
  /// Whether this outcome raises the alarm; the detector then begins anew. Values outside [0,1] count as the nearer
  /// end, one that is no number is ignored.
  bool add(double value, bool begins = true);

  /// The evidence, as a share of what the alarm takes, on a logarithmic scale: 0 for none, 1 at the alarm.
  [[nodiscard]] double level() const;

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

  static constexpr std::size_t bets = 8;

 private:
  [[nodiscard]] double evidence() const;

  double baseline_;
  double sign_;
  double run_length_;
  std::array<double, bets> sums_{};
};

/// Page's test in Hinkley's form (Page 1954; Hinkley 1971): the sum of how much values are above their running mean and
/// `tolerance`, never below 0. Its false-alarm rate depends on the stream: prefer MeanDetector. The defaults are those
/// of river, with which it agrees.
class PageHinkley {
 public:
  struct Options {
    Direction direction = Direction::up;
    std::uint64_t values_min = 30;
    double tolerance = 0.005;
    double threshold = 50;
    double kept = 0.9999;  ///< of the sum, at each value
  };

  PageHinkley() : PageHinkley(Options{}) {}
  explicit PageHinkley(Options options) : options_(options) {}

  /// Whether this value raises the alarm; the test then begins anew. One that is no finite number is ignored.
  bool add(double value);

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  Options options_;
  double values_ = 0;
  double mean_ = 0;
  double sum_ = 0;
};

/// Adaptive windowing (Bifet and Gavalda 2007, "Learning from time-changing data with adaptive windowing"): keeps the
/// longest window in which no two parts have means that differ, as an exponential histogram: O(log n) numbers. As in
/// river, with whose defaults it agrees, the newest bucket of each size is never counted to the older part, and after
/// an alarm the window begins anew.
class Adwin {
 public:
  struct Options {
    double delta = 0.002;  ///< the probability of a false alarm at one check
    std::uint64_t check_every = 32;
    std::size_t buckets_max = 5;    ///< of each size
    std::uint64_t part_min = 5;     ///< values in the shorter part
    std::uint64_t values_min = 10;  ///< in the window, before the first check
  };

  Adwin() : Adwin(Options{}) {}
  explicit Adwin(Options options) : options_(options) {}

  /// Whether the window falls into two parts with this value; it is then empty. One that is no finite number is
  /// ignored.
  bool add(double value);

  [[nodiscard]] double mean() const noexcept { return width_ == 0 ? 0 : total_ / width_; }  ///< of the window
  [[nodiscard]] std::uint64_t width() const noexcept { return static_cast<std::uint64_t>(width_); }

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  struct Bucket {
    double values;  // a power of two
    double total;
    double deviation;  // the sum of squared distances from its mean
  };

  void merge();
  [[nodiscard]] bool falls_apart() const;
  [[nodiscard]] bool differ(double old_values, double new_values, double difference) const;

  Options options_;
  std::vector<Bucket> buckets_;  // oldest, and so largest, first
  double width_ = 0;
  double total_ = 0;
  double deviation_ = 0;
  double added_ = 0;
};

}  // namespace triage::statistics
