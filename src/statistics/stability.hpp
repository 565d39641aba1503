#pragma once
// Has a distribution changed? The population stability index between a reference and what came since.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace triage::statistics {

/// The sum over categories of (a - e) ln(a/e), with the shares `a` of `current` and `e` of `reference`; each count is
/// raised by 1/2, so that an empty category is no infinity. As many counts in both.
double stability_index(std::span<const double> reference, std::span<const double> current);

/// What the index exceeds with probability `false_alarm` if nothing has changed: (1/N + 1/M) times the quantile of
/// chi-square with categories - 1 degrees of freedom, for N and M counts in all (Yurdakul and Naranjo 2020,
/// "Statistical properties of the population stability index"). It wants 5 counts in each category at least.
double stability_threshold(std::size_t categories, double reference, double current, double false_alarm);

/// A window that was compared with the reference.
struct Stability {
  double index = 0;
  double threshold = 0;
  [[nodiscard]] bool drifted() const noexcept { return index > threshold; }
};

/// Watches numbers, such as a classifier's scores or the lengths of prompts. The first `reference` of them are the
/// reference, cut into ten categories with as many numbers each (fewer where many numbers are equal); then each
/// `window` of them is compared with it. False alarms: one in 1/false_alarm windows, on average over references.
class StabilityWatch {
 public:
  struct Sizes {
    std::size_t reference = 2'000;
    std::size_t window = 500;  ///< at least 50
  };

  StabilityWatch(Sizes sizes, double false_alarm);

  /// The comparison, if the window is full with this number; one that is no number is ignored.
  std::optional<Stability> add(double value);

  /// Forgets the reference: the next numbers are the new one.
  void restart();
  [[nodiscard]] bool learning() const noexcept { return edges_.empty(); }

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

 private:
  void learn();
  [[nodiscard]] std::size_t category(double value) const;

  Sizes sizes_;
  double false_alarm_;
  std::vector<double> values_;     // of the reference, while it is learned
  std::vector<double> edges_;      // the largest number of each category but the last; empty: still learning
  std::vector<double> reference_;  // counts
  std::vector<double> current_;
  std::size_t seen_ = 0;  // in the window
};

}  // namespace triage::statistics
