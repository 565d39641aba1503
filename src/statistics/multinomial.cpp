// With odds f p : (1-p) instead of p : (1-p), the likelihood ratio of a unit is f/(1 - p + f p) if it is treated and
// 1/(1 - p + f p) if not.
#include "statistics/multinomial.hpp"

#include "statistics/state.hpp"

#include <algorithm>
#include <cmath>

namespace triage::statistics {
namespace {

constexpr std::array<double, MultinomialTest::factors / 2> log_factors{0.02, 0.04, 0.07, 0.12, 0.2, 0.35, 0.6, 1.1};

double log_factor(std::size_t i) {
  return i % 2 == 0 ? log_factors[i / 2] : -log_factors[i / 2];
}

}  // namespace

MultinomialTest::MultinomialTest() = default;

void MultinomialTest::add(bool treated, double share) {
  if (!(share > 0 && share < 1)) return;
  if (share != share_) {
    share_ = share;
    for (std::size_t i = 0; i < factors; ++i) untreated_[i] = -std::log1p(share * std::expm1(log_factor(i)));
  }
  units_ += 1;
  treated_ += treated ? 1 : 0;
  expected_ += share;
  for (std::size_t i = 0; i < factors; ++i) logs_[i] += untreated_[i] + (treated ? log_factor(i) : 0);
}

double MultinomialTest::log_evidence() const {
  const double largest = *std::ranges::max_element(logs_);
  double sum = 0;
  for (const double each : logs_) sum += std::exp(each - largest);
  return largest + std::log(sum / factors);
}

std::vector<double> MultinomialTest::save() const {
  const std::array numbers{units_, treated_, expected_};
  return joined({numbers, logs_});
}

bool MultinomialTest::load(std::span<const double> state) {
  if (!loadable(state, 3 + factors)) return false;
  units_ = state[0];
  treated_ = state[1];
  expected_ = state[2];
  std::ranges::copy(state.subspan(3), logs_.begin());
  return true;
}

}  // namespace triage::statistics
