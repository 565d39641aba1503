#include "pipeline/attempt/trail.hpp"

namespace triage {

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
  for (; first < rows_.size(); ++first) {
    const auto cost = rows_[first]->record.cost_nano_usd;
    if (!cost) return std::nullopt;
    sum += *cost;
  }
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
