#pragma once
// Chooses the least similarity at which enough of what is sent up is hard, with a stated confidence.
//
// Whether the precision of a threshold is at least p is a binomial test (Clopper and Pearson 1934). Of many thresholds
// one would pass by luck, so they are tested in a fixed order, from the strictest down, and each order ends with the
// first that fails; `starts` orders begin at different places and share the error between them (Angelopoulos et al.
// 2021, "Learn then Test", fixed sequence testing). With probability `confidence` every threshold that passes has the
// precision.

#include <cstddef>
#include <optional>
#include <span>

namespace triage::similarity {

/// A prompt, and how near the nearest example is.
struct Scored {
  double score = 0;
  bool hard = false;
};

struct Interval {
  double low = 0;
  double high = 1;
};

/// Clopper and Pearson's interval for a share of which `hits` of `rows` were seen: each end is missed with probability
/// `error` at most. `rows` > 0.
Interval share_interval(std::size_t hits, std::size_t rows, double error);

/// What a threshold does with the rows.
struct Tested {
  double threshold = 0;
  std::size_t sent = 0;  ///< rows at or above it
  std::size_t hard = 0;  ///< of those
  [[nodiscard]] double precision() const noexcept {
    return sent == 0 ? 0 : static_cast<double>(hard) / static_cast<double>(sent);
  }
};

struct ThresholdChoice {
  std::size_t rows = 0;
  std::size_t hard = 0;
  std::optional<Tested> chosen;  ///< the one that passes and sends most; absent: none passes
  /// If none passes: the threshold that would with the fewest rows, if more of them are like these, and how many those
  /// are. Absent: no threshold is seen to be above the precision.
  std::optional<Tested> promising;
  std::size_t rows_needed = 0;
};

inline constexpr std::size_t starts = 4;

/// 0 < precision < 1, 0 < confidence < 1. Thresholds are 0..1 with four decimals.
ThresholdChoice choose_threshold(std::span<const Scored> rows, double precision, double confidence);

}  // namespace triage::similarity
