#include "ledger/histogram.hpp"

#include "ledger/histogram_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace triage::ledger {
namespace {

constexpr std::uint64_t per_doubling = 32;
constexpr double us_max = 1e15;

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

bool take_varint(std::string_view& from, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

double middle_of(std::uint32_t bucket) noexcept {
  const std::uint64_t lowest = LogHistogram::lowest_of(bucket);
  return static_cast<double>(lowest) + static_cast<double>(LogHistogram::lowest_of(bucket + 1) - lowest - 1) / 2;
}

// Calls take(bucket, count) for what encode() made of a histogram. False: it is something else.
template <class Take>
bool each_encoded(std::string_view bytes, Take take) {
  std::uint64_t bucket = 0;
  while (!bytes.empty()) {
    std::uint64_t step = 0;
    std::uint64_t count = 0;
    if (!take_varint(bytes, step) || !take_varint(bytes, count)) return false;
    if (step >= LogHistogram::bucket_count || (bucket += step) >= LogHistogram::bucket_count || count == 0)
      return false;
    take(static_cast<std::uint32_t>(bucket), count);
  }
  return true;
}

}  // namespace

std::uint32_t LogHistogram::bucket_of(std::uint64_t us) noexcept {
  if (us < per_doubling) return static_cast<std::uint32_t>(us);
  const auto shift = static_cast<std::uint32_t>(std::bit_width(us)) - 6;
  const auto bucket = static_cast<std::uint32_t>(per_doubling * shift + (us >> shift));
  return std::min(bucket, bucket_count - 1);
}

std::uint64_t LogHistogram::lowest_of(std::uint32_t bucket) noexcept {
  if (bucket < per_doubling) return bucket;
  return (per_doubling + bucket % per_doubling) << (bucket / per_doubling - 1);
}

void LogHistogram::add_us(std::int64_t us, std::uint64_t count) {
  if (count > 0) add_to(bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(us, 0))), count);
}

void LogHistogram::add_ms(double ms) {
  if (!std::isfinite(ms)) return;
  add_us(std::llround(std::clamp(ms * 1000, 0.0, us_max)));
}

void LogHistogram::add(const LogHistogram& other) {
  for (const auto& [bucket, count] : other.buckets_) add_to(bucket, count);
}

void LogHistogram::add_to(std::uint32_t bucket, std::uint64_t count) {
  const auto place = std::ranges::lower_bound(buckets_, bucket, {}, &std::pair<std::uint32_t, std::uint64_t>::first);
  if (place != buckets_.end() && place->first == bucket)
    place->second += count;
  else
    buckets_.emplace(place, bucket, count);
}

std::uint64_t LogHistogram::count() const noexcept {
  std::uint64_t total = 0;
  for (const auto& [bucket, count] : buckets_) total += count;
  return total;
}

double LogHistogram::percentile_us(double share) const noexcept {
  const std::uint64_t total = count();
  if (total == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total)));
  std::uint64_t so_far = 0;
  for (const auto& [bucket, count] : buckets_) {
    so_far += count;
    if (so_far < wanted) continue;
    return middle_of(bucket);
  }
  return static_cast<double>(lowest_of(buckets_.back().first));
}

std::string LogHistogram::encode() const {
  std::string out;
  std::uint32_t last = 0;
  for (const auto& [bucket, count] : buckets_) {
    append_varint(out, bucket - std::exchange(last, bucket));
    append_varint(out, count);
  }
  return out;
}

bool LogHistogram::add_encoded(std::string_view bytes) {
  return each_encoded(bytes, [this](std::uint32_t bucket, std::uint64_t count) { add_to(bucket, count); });
}

bool HistogramSum::add_encoded(std::string_view bytes) {
  if (!bytes.empty()) counts_.resize(LogHistogram::bucket_count);
  return each_encoded(bytes, [this](std::uint32_t bucket, std::uint64_t count) { counts_[bucket] += count; });
}

void HistogramSum::add(const HistogramSum& other) {
  if (!other.counts_.empty()) counts_.resize(LogHistogram::bucket_count);
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
}

LogHistogram HistogramSum::histogram() const {
  LogHistogram out;
  for (std::uint32_t i = 0; i < counts_.size(); ++i)
    out.add_us(static_cast<std::int64_t>(LogHistogram::lowest_of(i)), counts_[i]);
  return out;
}

MeanTime HistogramSum::mean() const noexcept {
  constexpr double z = 1.96;
  double n = 0;
  double sum = 0;
  double squares = 0;
  for (std::uint32_t i = 0; i < counts_.size(); ++i) {
    const auto count = static_cast<double>(counts_[i]);
    const double middle = middle_of(i);
    n += count;
    sum += count * middle;
    squares += count * middle * middle;
  }
  if (n == 0) return {};
  const double mean = sum / n;
  return {mean, n > 1 ? z * std::sqrt(std::max(0.0, squares / n - mean * mean) / (n - 1)) : 0};
}

}  // namespace triage::ledger
