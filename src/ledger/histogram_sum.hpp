#pragma once
// Many histograms added up, one bucket after the other: for sums over many rows. Pure.

#include "ledger/histogram.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace triage::ledger {

/// A mean and half of its 95 % interval.
struct MeanTime {
  double us = 0;
  double half_us = 0;
};

/// The same as a LogHistogram, in 9 KB, and an order of magnitude quicker to add to.
class HistogramSum {
 public:
  /// As LogHistogram::add_encoded().
  bool add_encoded(std::string_view bytes);
  void add(const HistogramSum& other);

  [[nodiscard]] LogHistogram histogram() const;
  /// From the middles of the buckets, at most 1.6 % off. Zero if empty; with one value the half is 0.
  [[nodiscard]] MeanTime mean() const noexcept;

 private:
  std::vector<std::uint64_t> counts_;  // by bucket; empty: none was added
};

}  // namespace triage::ledger
