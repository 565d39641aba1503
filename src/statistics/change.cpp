#include "statistics/change.hpp"

#include "statistics/state.hpp"

#include <algorithm>
#include <cmath>

namespace triage::statistics {
namespace {

// Of the largest bet that cannot lose all. A small one grows fastest where the change is small.
constexpr std::array<double, MeanDetector::bets> bet_sizes{0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.5, 0.8};
constexpr double baseline_min = 1e-3;

}  // namespace

// With x the outcome's distance from the baseline in the watched direction, at least -limit: each sum is
// M = (M + 1)(1 + lambda x). M - n is a supermartingale as long as the mean of x is 0 at most, so that the expected
// number of outcomes until the mean of the sums is `run_length` cannot be smaller.
MeanDetector::MeanDetector(double baseline, Direction direction, double run_length)
    : baseline_(std::clamp(baseline, 0.0, 1.0)), sign_(direction == Direction::up ? 1 : -1), run_length_(run_length) {}

bool MeanDetector::add(double value, bool begins) {
  if (std::isnan(value)) return false;
  const double limit = std::max(baseline_min, sign_ > 0 ? baseline_ : 1 - baseline_);
  const double x = sign_ * (std::clamp(value, 0.0, 1.0) - baseline_) / limit;
  for (std::size_t i = 0; i < bets; ++i) sums_[i] = (sums_[i] + (begins ? 1 : 0)) * (1 + bet_sizes[i] * x);
  if (evidence() < run_length_) return false;
  sums_.fill(0);
  return true;
}

double MeanDetector::evidence() const {
  double sum = 0;
  for (const double each : sums_) sum += each;
  return sum / bets;
}

double MeanDetector::level() const {
  return std::clamp(std::log(std::max(1.0, evidence())) / std::log(std::max(2.0, run_length_)), 0.0, 1.0);
}

std::vector<double> MeanDetector::save() const {
  return {sums_.begin(), sums_.end()};
}

bool MeanDetector::load(std::span<const double> state) {
  if (!loadable(state, bets)) return false;
  std::ranges::copy(state, sums_.begin());
  return true;
}

bool PageHinkley::add(double value) {
  if (!std::isfinite(value)) return false;
  values_ += 1;
  mean_ += (value - mean_) / values_;
  const double above = options_.direction == Direction::up ? value - mean_ : mean_ - value;
  sum_ = std::max(0.0, options_.kept * sum_ + above - options_.tolerance);
  if (values_ < static_cast<double>(options_.values_min) || sum_ < options_.threshold) return false;
  *this = PageHinkley(options_);
  return true;
}

std::vector<double> PageHinkley::save() const {
  return {values_, mean_, sum_};
}

bool PageHinkley::load(std::span<const double> state) {
  if (!loadable(state, 3)) return false;
  values_ = state[0];
  mean_ = state[1];
  sum_ = state[2];
  return true;
}

bool Adwin::add(double value) {
  if (!std::isfinite(value)) return false;
  if (width_ > 0) {
    const double distance = value - total_ / width_;
    deviation_ += width_ * distance * distance / (width_ + 1);
  }
  width_ += 1;
  total_ += value;
  added_ += 1;
  buckets_.push_back({1, value, 0});
  merge();
  if (std::fmod(added_, static_cast<double>(options_.check_every)) != 0 ||
      width_ <= static_cast<double>(options_.values_min) || !falls_apart())
    return false;
  *this = Adwin(options_);
  return true;
}

// Joins the two oldest buckets of a size of which there are too many, the smallest size first.
void Adwin::merge() {
  std::size_t end = buckets_.size();
  while (end > 0) {
    const double size = buckets_[end - 1].values;
    std::size_t begin = end;
    while (begin > 0 && buckets_[begin - 1].values == size) --begin;
    if (end - begin <= options_.buckets_max) return;
    Bucket& older = buckets_[begin];
    const Bucket& newer = buckets_[begin + 1];
    const double distance = (older.total - newer.total) / size;
    older = {2 * size, older.total + newer.total, older.deviation + newer.deviation + size * distance * distance / 2};
    buckets_.erase(buckets_.begin() + static_cast<std::ptrdiff_t>(begin) + 1);
    end = begin + 1;
  }
}

bool Adwin::falls_apart() const {
  const auto part_min = static_cast<double>(options_.part_min);
  double values = 0;  // of the older part
  double total = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    const bool newest_of_size = i + 1 == buckets_.size() || buckets_[i + 1].values != buckets_[i].values;
    if (newest_of_size) continue;
    values += buckets_[i].values;
    total += buckets_[i].total;
    const double rest = width_ - values;
    if (rest < part_min) return false;
    if (values >= part_min && differ(values, rest, total / values - (total_ - total) / rest)) return true;
  }
  return false;
}

bool Adwin::differ(double old_values, double new_values, double difference) const {
  const double log_term = std::log(2 * std::log(width_) / options_.delta);
  const auto part_min = static_cast<double>(options_.part_min);
  const double parts = 1 / (old_values - part_min + 1) + 1 / (new_values - part_min + 1);
  return std::abs(difference) > std::sqrt(2 * parts * deviation_ / width_ * log_term) + 2.0 / 3.0 * log_term * parts;
}

std::vector<double> Adwin::save() const {
  std::vector<double> out{width_, total_, deviation_, added_};
  for (const Bucket& bucket : buckets_) out.insert(out.end(), {bucket.values, bucket.total, bucket.deviation});
  return out;
}

bool Adwin::load(std::span<const double> state) {
  if (state.size() < 4 || (state.size() - 4) % 3 != 0 || !loadable(state, state.size())) return false;
  width_ = state[0];
  total_ = state[1];
  deviation_ = state[2];
  added_ = state[3];
  buckets_.clear();
  for (std::size_t i = 4; i < state.size(); i += 3) buckets_.push_back({state[i], state[i + 1], state[i + 2]});
  return true;
}

}  // namespace triage::statistics
