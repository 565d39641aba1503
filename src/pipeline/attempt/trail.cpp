#include "pipeline/attempt/trail.hpp"

namespace triage {
namespace {

// False: the row's price is unknown.
bool add_cost(const TrailRow& row, std::int64_t& sum) noexcept {
  sum += row.record.cost_nano_usd.value_or(0);
  return row.record.cost_nano_usd.has_value();
}

}  // namespace

double elapsed_ms(Trail::Clock::time_point from, Trail::Clock::time_point to) noexcept {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

std::size_t Trail::begin(const Target& target, AttemptCause cause, Purpose purpose) {
  TrailRow& row = *rows_.emplace_back(std::make_unique<TrailRow>());
  row.target = target;
  row.target.attempt = static_cast<std::uint32_t>(rows_.size());
  row.began = Clock::now();
  row.record.purpose = purpose;
  row.record.cause = cause;
  row.record.deployment = target.deployment->spec->name;
  row.record.provider = target.deployment->provider->name;
  row.record.model = target.deployment->spec->model;
  row.record.tier = target.tier;
  row.record.start_ms = ms_since_start(row.began);
  return rows_.size() - 1;
}

double Trail::ms_since_start(Clock::time_point time) const noexcept {
  return elapsed_ms(started_, time);
}

std::optional<std::int64_t> Trail::cost(std::size_t first) const noexcept {
  std::int64_t sum = 0;
  for (; first < rows_.size(); ++first)
    if (!add_cost(*rows_[first], sum)) return std::nullopt;
  return sum;
}

std::optional<std::int64_t> Trail::cost_of(std::span<const std::size_t> rows) const noexcept {
  std::int64_t sum = 0;
  for (const std::size_t row : rows)
    if (!add_cost(*rows_[row], sum)) return std::nullopt;
  return sum;
}

std::string Trail::cost_usd() const {
  const auto nano_usd = cost();
  if (!nano_usd) return "";
  constexpr std::size_t places = 9;
  std::string text = std::to_string(*nano_usd);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  return text.insert(text.size() - places, ".");
}

}  // namespace triage
