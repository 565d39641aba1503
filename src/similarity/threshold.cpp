#include "similarity/threshold.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <vector>

namespace triage::similarity {
namespace {

using Binomial = boost::math::binomial_distribution<double>;

constexpr double growth = 1.05;       // of what is sent, from one threshold to the next
constexpr std::size_t few = 5;        // below that, a share says nothing
constexpr double steps_of_one = 1e4;  // of a threshold

// The chance of seeing that many hard ones or more if the precision is only `precision`.
double chance_of(std::size_t hard, std::size_t sent, double precision) {
  if (hard == 0) return 1;
  const Binomial by_luck(static_cast<double>(sent), precision);
  return cdf(complement(by_luck, static_cast<double>(hard - 1)));
}

// Thresholds by how many they send, each about a twentieth more than the one before. They depend on the scores alone,
// so that testing in this order is testing in a fixed one.
std::vector<Tested> thresholds_of(const std::vector<Scored>& falling) {
  std::vector<Tested> out;
  std::size_t hard = 0;
  std::size_t sent = 0;
  for (std::size_t want = few; sent < falling.size();) {
    const double score = falling[std::min(want, falling.size()) - 1].score;
    double threshold = std::floor(std::min(score, 1.0) * steps_of_one) / steps_of_one;
    if (threshold > score) threshold -= 1 / steps_of_one;  // the product was rounded up
    if (threshold < 0) break;
    for (; sent < falling.size() && falling[sent].score >= threshold; ++sent) hard += falling[sent].hard ? 1 : 0;
    out.push_back({threshold, sent, hard});
    want = std::max(sent + 1, static_cast<std::size_t>(std::ceil(static_cast<double>(sent) * growth)));
  }
  return out;
}

// How many rows of which the same share is hard would pass.
std::size_t enough(const Tested& seen, double precision, double error) {
  const auto passes = [&](std::size_t sent) {
    const auto hard = static_cast<std::size_t>(seen.precision() * static_cast<double>(sent));
    return chance_of(hard, sent, precision) <= error;
  };
  std::size_t most = seen.sent;
  while (!passes(most) && most < (std::size_t{1} << 40)) most *= 2;
  std::size_t least = most / 2;
  while (most - least > 1) {
    const std::size_t middle = least + (most - least) / 2;
    (passes(middle) ? most : least) = middle;
  }
  return most;
}

void find_promising(const std::vector<Tested>& thresholds, double precision, double error, ThresholdChoice& out) {
  for (const Tested& each : thresholds) {
    if (each.precision() <= precision) continue;
    const double times = static_cast<double>(enough(each, precision, error)) / static_cast<double>(each.sent);
    const auto needed = static_cast<std::size_t>(std::ceil(times * static_cast<double>(out.rows)));
    if (out.promising && needed >= out.rows_needed) continue;
    out.promising = each;
    out.rows_needed = needed;
  }
}

}  // namespace

Interval share_interval(std::size_t hits, std::size_t rows, double error) {
  const auto of = static_cast<double>(rows);
  const auto seen = static_cast<double>(hits);
  return {Binomial::find_lower_bound_on_p(of, seen, error), Binomial::find_upper_bound_on_p(of, seen, error)};
}

ThresholdChoice choose_threshold(std::span<const Scored> rows, double precision, double confidence) {
  std::vector<Scored> falling(rows.begin(), rows.end());
  std::sort(falling.begin(), falling.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  ThresholdChoice out;
  out.rows = falling.size();
  out.hard = static_cast<std::size_t>(
      std::count_if(falling.begin(), falling.end(), [](const Scored& row) { return row.hard; }));
  const double error = (1 - confidence) / static_cast<double>(starts);
  const std::vector<Tested> all = thresholds_of(falling);
  // With fewer sent not even all hard would pass.
  const auto first = std::find_if(
      all.begin(), all.end(), [&](const Tested& each) { return chance_of(each.sent, each.sent, precision) <= error; });
  const auto count = static_cast<std::size_t>(all.end() - first);
  for (std::size_t start = 0; start < starts; ++start)
    for (auto each = first + static_cast<std::ptrdiff_t>(count * start / starts); each != all.end(); ++each) {
      if (chance_of(each->hard, each->sent, precision) > error) break;
      if (!out.chosen || each->sent > out.chosen->sent) out.chosen = *each;
    }
  if (!out.chosen) find_promising(all, precision, error, out);
  return out;
}

}  // namespace triage::similarity
