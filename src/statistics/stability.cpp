#include "statistics/stability.hpp"

#include "statistics/distributions.hpp"
#include "statistics/state.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace triage::statistics {
namespace {

constexpr std::size_t categories_max = 10;
constexpr double raised = 0.5;

}  // namespace

double stability_index(std::span<const double> reference, std::span<const double> current) {
  const double more = raised * static_cast<double>(reference.size());
  const double all_reference = std::accumulate(reference.begin(), reference.end(), more);
  const double all_current = std::accumulate(current.begin(), current.end(), more);
  double index = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const double e = (reference[i] + raised) / all_reference;
    const double a = (current[i] + raised) / all_current;
    index += (a - e) * std::log(a / e);
  }
  return index;
}

double stability_threshold(std::size_t categories, double reference, double current, double false_alarm) {
  const double degrees = static_cast<double>(std::max<std::size_t>(categories, 2)) - 1;
  return (1 / reference + 1 / current) * chi_square_quantile(1 - false_alarm, degrees);
}

StabilityWatch::StabilityWatch(Sizes sizes, double false_alarm) : sizes_(sizes), false_alarm_(false_alarm) {}

std::optional<Stability> StabilityWatch::add(double value) {
  if (!std::isfinite(value)) return std::nullopt;
  if (learning()) {
    values_.push_back(value);
    if (values_.size() >= sizes_.reference) learn();
    return std::nullopt;
  }
  current_[category(value)] += 1;
  if (++seen_ < sizes_.window) return std::nullopt;
  const Stability out{stability_index(reference_, current_),
                      stability_threshold(reference_.size(), std::accumulate(reference_.begin(), reference_.end(), 0.0),
                                          static_cast<double>(seen_), false_alarm_)};
  seen_ = 0;
  std::ranges::fill(current_, 0);
  return out;
}

void StabilityWatch::learn() {
  std::ranges::sort(values_);
  for (std::size_t i = 1; i < categories_max; ++i) {
    const double edge = values_[i * values_.size() / categories_max];
    if (edges_.empty() || edge > edges_.back()) edges_.push_back(edge);
  }
  reference_.assign(edges_.size() + 1, 0);
  current_.assign(edges_.size() + 1, 0);
  for (const double value : values_) reference_[category(value)] += 1;
  values_.clear();
  values_.shrink_to_fit();
}

std::size_t StabilityWatch::category(double value) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(edges_, value) - edges_.begin());
}

void StabilityWatch::restart() {
  *this = StabilityWatch(sizes_, false_alarm_);
}

std::vector<double> StabilityWatch::save() const {
  const std::array numbers{static_cast<double>(edges_.size()), static_cast<double>(seen_)};
  return joined({numbers, edges_, reference_, current_, values_});
}

bool StabilityWatch::load(std::span<const double> state) {
  if (state.size() < 2 || !loadable(state, state.size()) || state[0] < 0 || state[0] > categories_max ||
      !(state[1] >= 0))
    return false;
  StabilityWatch loaded(sizes_, false_alarm_);
  loaded.seen_ = static_cast<std::size_t>(state[1]);
  const auto edges = static_cast<std::size_t>(state[0]);
  const std::size_t counts = edges == 0 ? 0 : edges + 1;
  const std::span<const double> rest = state.subspan(2);
  if (edges == 0 ? rest.size() >= sizes_.reference : rest.size() != edges + 2 * counts) return false;
  const auto part = [&](std::size_t from, std::size_t size) {
    const std::span<const double> numbers = rest.subspan(from, size);
    return std::vector<double>(numbers.begin(), numbers.end());
  };
  loaded.edges_ = part(0, edges);
  loaded.reference_ = part(edges, counts);
  loaded.current_ = part(edges + counts, counts);
  if (edges == 0) loaded.values_ = part(0, rest.size());
  *this = loaded;
  return true;
}

}  // namespace triage::statistics
