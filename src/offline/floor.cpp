#include "offline/floor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace triage::offline {
namespace {

constexpr std::size_t bets = 6;
// The largest bet leaves something even if the loss is as great as it can be; each next is half of it. The best bet is
// about the mean gain by its variance: 0.03 where some ten thousand questions are just enough.
constexpr double bet_max = 0.98;
constexpr double bet_halvings = 5;

std::array<double, bets> bets_for(double rho) {
  std::array<double, bets> out{};
  for (std::size_t i = 0; i < bets; ++i)
    out[i] = bet_max / rho * std::exp2(-bet_halvings * static_cast<double>(i) / (bets - 1));
  return out;
}

double log_mean(const std::array<double, bets>& logs) {
  const double most = *std::ranges::max_element(logs);
  double sum = 0;
  for (const double each : logs) sum += std::exp(each - most);
  return most + std::log(sum / static_cast<double>(bets));
}

// How many questions it takes until the wealth is enough, if each multiplies a bet's wealth by exp(growth) on average.
std::optional<std::size_t> questions_until(const std::array<double, bets>& growth, double wanted) {
  if (*std::ranges::max_element(growth) <= 0) return std::nullopt;
  const auto enough = [&](std::size_t count) {
    std::array<double, bets> logs{};
    for (std::size_t i = 0; i < bets; ++i) logs[i] = growth[i] * static_cast<double>(count);
    return log_mean(logs) >= wanted;
  };
  constexpr std::size_t most = std::size_t{1} << 40;
  std::size_t high = 1;
  while (high < most && !enough(high)) high *= 2;
  if (high >= most) return std::nullopt;
  std::size_t low = high / 2;
  while (low + 1 < high) {
    const std::size_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

// By how much a question multiplies each bet's wealth on average, as a logarithm.
std::array<double, bets> growth_of(std::span<const double> losses, double rho) {
  const std::array<double, bets> each = bets_for(rho);
  std::array<double, bets> out{};
  for (std::size_t i = 0; i < bets; ++i)
    for (const double loss : losses) out[i] += std::log1p(-each[i] * loss) / static_cast<double>(losses.size());
  return out;
}

// For each question its place in the order in which it is bet on.
std::vector<std::size_t> places_of(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> out(count);
  std::iota(out.begin(), out.end(), std::size_t{0});
  Draws draws(seed);
  for (std::size_t i = count; i > 1; --i) std::swap(out[i - 1], out[draws.below(i)]);
  return out;
}

// The rows' losses, averaged for each question and in the order of the bets, as the threshold rises.
class Losses {
 public:
  Losses(const Outcomes& rows, std::span<const double> scores, const Floor& floor)
      : rows_(rows),
        scores_(scores),
        order_(rows.size()),
        place_(places_of(rows.units, floor.seed)),
        losses_(rows.units),
        rows_of_(rows.units) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::sort(order_, std::ranges::less(), [&](std::size_t i) { return scores_[i]; });
    for (const std::size_t unit : rows.unit) ++rows_of_[unit];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      add(i, (floor.rho - 1) * rows.strong[i]);
      quality_ += rows.strong[i];
    }
    quality_ /= static_cast<double>(rows.size());
    strong_ = quality_;
  }

  /// Rows with a lower score go down. False: no row did that was not down before.
  bool raise_to(double threshold) {
    const std::size_t before = down_;
    for (; down_ < order_.size() && scores_[order_[down_]] < threshold; ++down_) {
      const std::size_t row = order_[down_];
      const double lost = rows_.strong[row] - rows_.weak[row];
      add(row, lost);
      quality_ -= lost / static_cast<double>(rows_.size());
    }
    return down_ > before;
  }
  [[nodiscard]] std::span<const double> values() const noexcept { return losses_; }
  [[nodiscard]] ThresholdEffect effect(double threshold) const {
    const double share = 1 - static_cast<double>(down_) / static_cast<double>(rows_.size());
    return {threshold, share, quality_, strong_ > 0 ? quality_ / strong_ : 1};
  }
  [[nodiscard]] double strong() const noexcept { return strong_; }

 private:
  void add(std::size_t row, double loss) {
    const std::size_t unit = rows_.unit[row];
    losses_[place_[unit]] += loss / rows_of_[unit];
  }

  const Outcomes& rows_;
  std::span<const double> scores_;
  std::vector<std::size_t> order_;  // of rows, by rising score
  std::vector<std::size_t> place_;  // of questions
  std::vector<double> losses_;      // by place
  std::vector<double> rows_of_;     // questions
  std::size_t down_ = 0;
  double quality_ = 0;
  double strong_ = 0;
};

}  // namespace

bool ever_reaches(double wanted, std::span<const double> losses, double rho) {
  const std::array<double, bets> each = bets_for(rho);
  std::array<double, bets> wealth;
  wealth.fill(1);
  for (const double loss : losses) {
    double sum = 0;
    for (std::size_t i = 0; i < bets; ++i) sum += wealth[i] *= 1 - each[i] * loss;
    if (sum >= wanted * static_cast<double>(bets)) return true;
  }
  return false;
}

std::size_t questions_needed(const Floor& floor, double strong) {
  std::array<double, bets> growth = bets_for(floor.rho);
  for (double& each : growth) each = strong * std::log1p(each * (1 - floor.rho));
  return questions_until(growth, -std::log1p(-floor.confidence)).value_or(std::numeric_limits<std::size_t>::max());
}

FloorResult certify(const Outcomes& rows, std::span<const double> scores, const Floor& floor) {
  const double wanted = 1 / (1 - floor.confidence);
  Losses losses(rows, scores, floor);
  FloorResult out;
  out.questions = rows.units;
  out.questions_min = questions_needed(floor, losses.strong());
  out.certifiable = out.questions >= out.questions_min;
  out.certified = out.plug_in = losses.effect(0);
  bool testing = true;
  for (std::size_t step = 1; step <= threshold_steps; ++step) {
    const double threshold = static_cast<double>(step) / threshold_steps;
    if (!losses.raise_to(threshold) && step > 1) {
      // The losses are those of the threshold before, and so is what was found.
      if (testing) out.certified.threshold = threshold;
      continue;
    }
    const ThresholdEffect effect = losses.effect(threshold);
    if (effect.quality >= floor.rho * losses.strong()) out.plug_in = effect;
    if (!testing) continue;
    if (ever_reaches(wanted, losses.values(), floor.rho)) {
      out.certified = effect;
      continue;
    }
    testing = false;
    out.questions_for_next = questions_until(growth_of(losses.values(), floor.rho), std::log(wanted));
  }
  return out;
}

}  // namespace triage::offline
