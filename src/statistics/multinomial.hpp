#pragma once
// Sample ratio mismatch: do units get the arms with the stated shares? Anytime-valid, after Lindon and Malek 2020,
// "Anytime-valid inference for multinomial count data", for two arms whose share may change.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace triage::statistics {

/// The alternative: the odds of the treatment are those of the stated share times a factor of 1.02 to 3 either way; the
/// likelihood ratios of 16 such factors are averaged. That their mean ever reaches 1/alpha has probability alpha at
/// most if the shares are what they are said to be.
class MultinomialTest {
 public:
  MultinomialTest();

  /// A unit, when it is first seen. Does nothing if `share` is not in (0,1).
  void add(bool treated, double share);

  /// The logarithm of the mean. The shares are wrong at log(1/alpha) or more; alpha = 0.001 is customary: 6.9.
  [[nodiscard]] double log_evidence() const;
  [[nodiscard]] std::uint64_t units() const noexcept { return static_cast<std::uint64_t>(units_); }
  [[nodiscard]] std::uint64_t treated() const noexcept { return static_cast<std::uint64_t>(treated_); }
  /// The number of treated units that the shares let one expect.
  [[nodiscard]] double treated_expected() const noexcept { return expected_; }

  [[nodiscard]] std::vector<double> save() const;
  bool load(std::span<const double> state);

  static constexpr std::size_t factors = 16;

 private:
  double units_ = 0;
  double treated_ = 0;
  double expected_ = 0;
  std::array<double, factors> logs_{};       // of the likelihood ratios
  double share_ = 0;                         // that `untreated_logs_` is for; made anew, never saved
  std::array<double, factors> untreated_{};  // the logarithm of the ratio of an untreated unit
};

}  // namespace triage::statistics
