#pragma once
// Counts of times in buckets whose width grows with the value: whole microseconds below 32, then 32 buckets for each
// doubling. A bucket is at most 3.2 % wide, so a percentile is at most 1.6 % off. Histograms can be added exactly.
// Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::ledger {

class LogHistogram {
 public:
  void add_us(std::int64_t us, std::uint64_t count = 1);
  void add_ms(double ms);
  void add(const LogHistogram& other);

  [[nodiscard]] std::uint64_t count() const noexcept;
  /// The middle of the bucket with the value that a share of `share` (0..1) does not exceed. 0 if empty.
  [[nodiscard]] double percentile_us(double share) const noexcept;

  /// Pairs of varints (LEB128), in the order of the buckets: the distance from the previous bucket, and the count.
  [[nodiscard]] std::string encode() const;
  /// Adds the histogram in `bytes`. False: they are not what encode() makes; what was read stays added.
  bool add_encoded(std::string_view bytes);

  static std::uint32_t bucket_of(std::uint64_t us) noexcept;
  static std::uint64_t lowest_of(std::uint32_t bucket) noexcept;
  static constexpr std::uint32_t bucket_count = 32 * 37;  ///< the last one takes everything from 12 days up

 private:
  void add_to(std::uint32_t bucket, std::uint64_t count);

  std::vector<std::pair<std::uint32_t, std::uint64_t>> buckets_;  // sorted, none empty
};

}  // namespace triage::ledger
