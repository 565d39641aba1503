#pragma once
// What there is to choose from, row by row: the weak and the strong model's result and cost. All statistics are over
// these columns, with a weight for each row: all 1 for the data as they are, other counts for a bootstrap resample.

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace triage::offline {

struct Outcomes {
  std::vector<double> weak;             ///< quality, 0..1; one entry a row, like all columns
  std::vector<double> strong;           ///< quality, 0..1
  std::vector<double> cost_weak_usd;    ///< of one call; empty: not known
  std::vector<double> cost_strong_usd;  ///< empty exactly if cost_weak_usd is
  std::vector<std::size_t> unit;        ///< the number of the row's question, below `units`
  std::size_t units = 0;

  [[nodiscard]] std::size_t size() const noexcept { return weak.size(); }
  [[nodiscard]] bool has_costs() const noexcept { return !cost_weak_usd.empty(); }
};

/// How often each row counts.
using Weights = std::vector<double>;

/// Each row once.
Weights ones(const Outcomes& rows);

/// The mean of `column` under `weights`; 0 for no rows.
double mean(std::span<const double> column, std::span<const double> weights) noexcept;

/// Draws that are the same everywhere for the same seed (the standard fixes the generator but no distribution).
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : generator_(seed) {}
  /// Uniform below `bound`: 1 .. 2^32.
  std::size_t below(std::size_t bound) { return ((generator_() >> 32) * bound) >> 32; }

 private:
  std::mt19937_64 generator_;
};

/// Draws as many questions as there are, with replacement; all rows of a question come together.
void resample(const Outcomes& rows, Draws& draws, Weights& out);

}  // namespace triage::offline
