#include "ledger/slo.hpp"

#include "base/hash.hpp"
#include "ledger/source.hpp"

#include <algorithm>
#include <cstdio>

namespace triage::ledger {
namespace {

constexpr std::size_t counted_max = 65'536;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

// Since Monday, 29 December 1969.
std::int64_t week_of(std::int64_t unix_ms) {
  return (unix_ms / day_ms + 3) / 7;
}

SloState state_of(const SloSpec& slo, double low, double high) {
  const bool below = slo.value_min && high < *slo.value_min;
  const bool above = slo.value_max && low > *slo.value_max;
  if (below || above) return SloState::breached;
  const bool kept = (!slo.value_min || low >= *slo.value_min) && (!slo.value_max || high <= *slo.value_max);
  return kept ? SloState::met : SloState::unknown;
}

}  // namespace

bool operator==(const SloStanding& a, const SloStanding& b) {
  return a.route == b.route && a.slo.signal == b.slo.signal && a.slo.value_min == b.slo.value_min &&
         a.slo.value_max == b.slo.value_max && a.slo.confidence == b.slo.confidence && a.state == b.state;
}

void QualityHistory::take(const Entry& entry) {
  entry.visit([this]<class T>(const Stored<T>& line) {
    if constexpr (!std::is_same_v<T, ExperimentEvent>) {
      pass_to(week_of(line.template get<&T::time_unix_ms>().value_or(0)));
      const std::string_view route = line.template get<&T::route>().value_or("");
      SignalValues values = values_of(line);
      if constexpr (std::is_same_v<T, FeedbackEvent>) forget_counted(values, line);
      auto known = routes_.find(route);
      if (known == routes_.end()) known = routes_.emplace(std::string(route), Route()).first;
      for (std::size_t i = 0; i < known->second.size(); ++i) {
        const auto value = values[static_cast<QualitySignal>(i)];
        if (!value) continue;
        known->second[i].older.add(*value);
        known->second[i].younger.add(*value);
      }
    }
  });
}

// Time advances by lines only.
void QualityHistory::pass_to(std::int64_t week) {
  if (week <= week_) return;
  const bool next = week == week_ + 1;
  week_ = week;
  for (auto& [name, route] : routes_)
    for (Means& means : route) {
      means.older = next ? means.younger : Sequence();
      means.younger = Sequence();
    }
}

void QualityHistory::forget_counted(SignalValues& values, const Stored<FeedbackEvent>& feedback) {
  const std::uint64_t id = hash64(feedback.get<&FeedbackEvent::id>().value_or(""));
  std::uint8_t* known = counted_.find(id);
  if (known == nullptr) {
    counted_.put(id, 0);
    if (counted_.size() > counted_max) counted_.drop_oldest();
    known = counted_.find(id);
  }
  for (const QualitySignal signal : {QualitySignal::feedback, QualitySignal::task_completed}) {
    const auto bit = static_cast<std::uint8_t>(1U << static_cast<unsigned>(signal));
    if ((*known & bit) != 0)
      values[signal].reset();
    else if (values[signal])
      *known |= bit;
  }
}

SloStanding QualityHistory::standing(const std::string& route, const SloSpec& slo) const {
  SloStanding out{route, slo};
  const auto known = routes_.find(route);
  if (known == routes_.end()) return out;
  const Means& means = known->second[static_cast<std::size_t>(slo.signal)];
  const double alpha = (1 - slo.confidence) / 2;
  const auto older = means.older.interval(alpha);
  const auto younger = means.younger.interval(alpha);
  out.values = means.older.values();
  out.mean = means.older.mean();
  const bool apart = older.high < younger.low || younger.high < older.low;  // it has changed
  out.low = apart ? younger.low : std::max(older.low, younger.low);
  out.high = apart ? younger.high : std::min(older.high, younger.high);
  out.state = state_of(slo, out.low, out.high);
  return out;
}

std::string promise(const SloSpec& slo) {
  char bound[40];
  std::snprintf(bound, sizeof bound, slo.value_min ? " >= %g" : " <= %g",
                slo.value_min ? *slo.value_min : slo.value_max.value_or(1));
  return std::string(word(slo.signal)) + bound;
}

std::vector<SloStanding> read_standings(const std::string& folder, const std::vector<RouteSpec>& routes,
                                        std::int64_t now_unix_ms) {
  QualityHistory history;
  if (standings(history, routes).empty()) return {};
  constexpr std::int64_t reach_ms = std::chrono::milliseconds(QualityHistory::reach).count();
  Source source(folder, first_position(folder, now_unix_ms - reach_ms));
  Entry entry;
  for (Line line; source.next(line);)
    if (entry.read(line) == Entry::Is::known) history.take(entry);
  return standings(history, routes);
}

std::vector<SloStanding> standings(const QualityHistory& history, const std::vector<RouteSpec>& routes) {
  std::vector<SloStanding> out;
  for (const RouteSpec& route : routes)
    if (route.quality)
      for (const SloSpec& slo : route.quality->slo) out.push_back(history.standing(route.name, slo));
  return out;
}

}  // namespace triage::ledger
