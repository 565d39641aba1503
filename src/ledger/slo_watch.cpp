#include "ledger/slo_watch.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "ledger/journal_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace triage::ledger {
namespace {

constexpr std::chrono::seconds look_every{1};

}  // namespace

std::string slo_alert(const SloStanding& now, SloState before) {
  nlohmann::ordered_json out{{"alert", "slo"},
                             {"route", now.route},
                             {"signal", word(now.slo.signal)},
                             {"state", word(now.state)},
                             {"before", word(before)}};
  if (now.slo.value_min) out["value_min"] = *now.slo.value_min;
  if (now.slo.value_max) out["value_max"] = *now.slo.value_max;
  out["confidence"] = now.slo.confidence;
  out["values"] = now.values;
  out["mean"] = now.mean;
  out["low"] = now.low;
  out["high"] = now.high;
  out["time_unix_ms"] = now_unix_ms();
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

SloWatch::SloWatch(const std::string& folder, Metrics& metrics, Alert alert)
    : metrics_(metrics),
      alert_(std::move(alert)),
      begin_(first_position(
          folder,
          now_unix_ms() - std::chrono::duration_cast<std::chrono::milliseconds>(QualityHistory::reach).count())) {}

// What is no longer watched leaves its metrics at "unknown".
void SloWatch::use(const std::vector<RouteSpec>& routes) {
  const std::vector<SloStanding> wanted = ledger::standings(QualityHistory(), routes);
  const std::lock_guard lock(mutex_);
  std::vector<Watched> next;
  for (const SloStanding& standing : wanted) {
    const auto same = [&standing](const Watched& known) {
      SloStanding like = known.standing;
      like.state = standing.state;
      return like == standing;
    };
    const auto known = std::ranges::find_if(watched_, same);
    next.push_back(known != watched_.end() ? *known : watched(standing));
  }
  for (const Watched& before : watched_) before.state->set(0);
  watched_ = std::move(next);
  for (const Watched& now : watched_) now.state->set(static_cast<std::int64_t>(now.standing.state));
}

SloWatch::Watched SloWatch::watched(const SloStanding& standing) const {
  const Labels labels{{"route", standing.route},
                      {"signal", std::string(word(standing.slo.signal))},
                      {"bound", standing.slo.value_min ? "min" : "max"}};
  const auto end = [&](const char* name) {
    Labels all = labels;
    all.emplace_back("end", name);
    return &metrics_.ratio("triage_slo_interval",
                           "The interval in which a signal's mean is, with the SLO's confidence.", all);
  };
  Watched out{standing, false, nullptr, end("low"), end("high")};
  out.state = &metrics_.gauge("triage_slo_state", "0: there is not enough to tell; 1: met; 2: breached.", labels);
  return out;
}

bool SloWatch::wants() const {
  const std::lock_guard lock(mutex_);
  return !watched_.empty();
}

std::vector<SloStanding> SloWatch::standings() const {
  const std::lock_guard lock(mutex_);
  std::vector<SloStanding> out;
  for (const Watched& watched : watched_) out.push_back(watched.standing);
  return out;
}

void SloWatch::caught_up(const Checkpoint& /*reached*/) {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < look_every) return;
  looked_ = now;
  const std::lock_guard lock(mutex_);
  for (Watched& watched : watched_) look(watched);
}

void SloWatch::look(Watched& watched) {
  const SloState before = watched.standing.state;
  watched.standing = history_.standing(watched.standing.route, watched.standing.slo);
  const SloStanding& now = watched.standing;
  watched.low->set(now.low);
  watched.high->set(now.high);
  watched.state->set(static_cast<std::int64_t>(now.state));
  const bool at_start = !std::exchange(watched.told, true);
  if (now.state == before) return;
  log::Fields line("slo");
  line.add("route", now.route).add("promise", promise(now.slo)).add("state", word(now.state));
  line.add("before", at_start ? std::string_view("not looked at") : word(before)).add("mean", now.mean);
  line.add("low", now.low).add("high", now.high).add("values", static_cast<std::int64_t>(now.values));
  now.state == SloState::breached ? log::warn(line) : log::info(line);
  if (alert_ && !at_start) alert_(slo_alert(now, before));
}

}  // namespace triage::ledger
