#include "statistics/guardrail.hpp"

#include "statistics/state.hpp"

#include <algorithm>
#include <cmath>

namespace triage::statistics {
namespace {

constexpr std::uint32_t even_stages = 4;
constexpr double even_stage_part = 0.24;
constexpr double first_number_part = 0.5;
constexpr double disaster_margin = 0.05;

}  // namespace

double window_part(std::uint32_t stage, std::uint32_t number) {
  const double later = static_cast<double>(stage) - even_stages;
  const double of_stage = later <= 0 ? even_stage_part : (1 - even_stages * even_stage_part) / (later * (later + 1));
  const double n = number;
  const double of_later_number =
      1 / (n * (n - 1));  // of those from 2 on; the first stage's first windows are first ones
  if (stage == 1) return number == 1 ? first_part : (1 - first_part) * of_stage * of_later_number;
  return (1 - first_part) * of_stage * (number == 1 ? first_number_part : (1 - first_number_part) * of_later_number);
}

double guardrail_threshold(double alpha, double weight, double weights) {
  return log_threshold(alpha * (1 - disaster_part) * weight / weights);
}

double disaster_threshold(double alpha) {
  return log_threshold(alpha * disaster_part);
}

GuardrailTest::GuardrailTest(double margin, bool larger_is_better, bool units_return)
    : units_return_(units_return), none_(margin, larger_is_better), first_(none_) {}

void GuardrailTest::add(const UnitWindow& window, const Observation& seen) {
  const bool numbered_too = units_return_ && (window.stage > 1 || window.number > 1) && window.stage <= stages_max &&
                            window.number <= numbers_max;
  if (!tells_something(seen) || !(window.first || numbered_too)) return;
  units_ += 1;
  if (window.first) first_.add(seen);
  if (numbered_too) numbered(window.stage, window.number).add(seen);
}

BettingTest& GuardrailTest::numbered(std::uint32_t stage, std::uint32_t number) {
  for (Numbered& each : numbered_)
    if (each.stage == stage && each.number == number) return each.test;
  return numbered_.emplace_back(Numbered{stage, number, none_}).test;
}

double GuardrailTest::log_evidence() const noexcept {
  double largest = first_.log_wealth() + (units_return_ ? std::log(first_part) : 0);
  for (const Numbered& each : numbered_)
    largest = std::max(largest, each.test.log_wealth() + std::log(window_part(each.stage, each.number)));
  return largest;
}

std::vector<double> GuardrailTest::save() const {
  std::vector<double> out = first_.save();
  out.push_back(units_);
  for (const Numbered& each : numbered_) {
    out.insert(out.end(), {static_cast<double>(each.stage), static_cast<double>(each.number)});
    const std::vector<double> state = each.test.save();
    out.insert(out.end(), state.begin(), state.end());
  }
  return out;
}

bool GuardrailTest::load(std::span<const double> state) {
  constexpr std::size_t head = BettingTest::state_size + 1;
  constexpr std::size_t each_size = BettingTest::state_size + 2;
  if (state.size() < head || (state.size() - head) % each_size != 0 || !loadable(state, state.size())) return false;
  GuardrailTest loaded = *this;
  loaded.first_.load(state.first(BettingTest::state_size));
  loaded.units_ = state[BettingTest::state_size];
  loaded.numbered_.clear();
  for (std::span<const double> rest = state.subspan(head); !rest.empty(); rest = rest.subspan(each_size)) {
    if (rest[0] < 1 || rest[0] > stages_max || rest[1] < 1 || rest[1] > numbers_max) return false;
    loaded.numbered(static_cast<std::uint32_t>(rest[0]), static_cast<std::uint32_t>(rest[1]))
        .load(rest.subspan(2, BettingTest::state_size));
  }
  *this = std::move(loaded);
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
