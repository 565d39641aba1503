#include "statistics/guardrail.hpp"

#include "statistics/state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace triage::statistics {
namespace {

constexpr double first_generation = 0.8;
constexpr double disaster_margin = 0.05;

}  // namespace

double generation_part(std::uint32_t generation) {
  const double k = generation;
  return generation <= 1 ? first_generation : (1 - first_generation) / (k * (k - 1));
}

double guardrail_threshold(double alpha, double weight, double weights) {
  return log_threshold(alpha * (1 - disaster_part) * weight / weights);
}

double disaster_threshold(double alpha) {
  return log_threshold(alpha * disaster_part);
}

GuardrailTest::GuardrailTest(double margin, bool larger_is_better, bool units_return)
    : margin_(margin), larger_is_better_(larger_is_better), units_return_(units_return) {}

void GuardrailTest::add(std::uint32_t generation, const Observation& seen) {
  if (generation < 1 || generation > (units_return_ ? generations_max : 1)) return;
  while (generations_.size() < generation) generations_.emplace_back(margin_, larger_is_better_);
  generations_[generation - 1].add(seen);
}

double GuardrailTest::log_evidence() const noexcept {
  if (!units_return_) return generations_.empty() ? 0 : generations_[0].log_wealth();
  double largest = std::log(generation_part(1));  // what every test begins with
  if (!generations_.empty()) largest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < generations_.size(); ++i)
    largest =
        std::max(largest, generations_[i].log_wealth() + std::log(generation_part(static_cast<std::uint32_t>(i) + 1)));
  return largest;
}

std::uint64_t GuardrailTest::units() const noexcept {
  std::uint64_t units = 0;
  for (const BettingTest& generation : generations_) units += generation.units();
  return units;
}

std::vector<double> GuardrailTest::save() const {
  std::vector<double> out;
  for (const BettingTest& generation : generations_) {
    const std::vector<double> state = generation.save();
    out.insert(out.end(), state.begin(), state.end());
  }
  return out;
}

bool GuardrailTest::load(std::span<const double> state) {
  if (state.size() % BettingTest::state_size != 0 || state.size() / BettingTest::state_size > generations_max)
    return false;
  std::vector<BettingTest> loaded(state.size() / BettingTest::state_size, BettingTest(margin_, larger_is_better_));
  for (std::size_t i = 0; i < loaded.size(); ++i)
    if (!loaded[i].load(state.subspan(i * BettingTest::state_size, BettingTest::state_size))) return false;
  generations_ = std::move(loaded);
  return true;
}

DisasterTest::DisasterTest() : test_(disaster_margin, false) {}

void DisasterTest::next_epoch() {
  epoch_ += 1;
  test_ = BettingTest(disaster_margin, false);
}

double DisasterTest::log_evidence() const noexcept {
  return test_.log_wealth() - std::log(epoch_ * (epoch_ + 1));
}

std::vector<double> DisasterTest::save() const {
  const std::array numbers{epoch_};
  return joined({numbers, test_.save()});
}

bool DisasterTest::load(std::span<const double> state) {
  if (state.empty() || state[0] < 1 || !std::isfinite(state[0]) || !test_.load(state.subspan(1))) return false;
  epoch_ = state[0];
  return true;
}

}  // namespace triage::statistics
