#include "drift/watch.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>

namespace triage::drift {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> state_names{"learning", "steady", "drifted"};

std::string time_text(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  char text[32];
  gmtime_r(&seconds, &parts);
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%SZ", &parts)};
}

Json alarm_json(const RouteAlarm& alarm) {
  return {{"route", alarm.route},        {"what", word(alarm.what)}, {"time_unix_ms", alarm.time_unix_ms},
          {"before", alarm.seen.before}, {"now", alarm.seen.now},    {"limit", alarm.seen.limit},
          {"text", alarm.text}};
}

}  // namespace

void Watch::configure(const std::string& route, const std::string& policy, const Wanted& wanted) {
  if (routes_.size() >= routes_max && !routes_.contains(route)) return;
  RouteWatch& watch = routes_.try_emplace(route, wanted).first->second;
  const auto [known, added] = policies_.try_emplace(route, policy);
  watch.want(wanted);
  if (!added && known->second != policy) watch.restart();
  known->second = policy;
}

std::string Watch::policy(std::string_view route) const {
  const auto found = policies_.find(route);
  return found != policies_.end() ? found->second : "";
}

void Watch::keep_only(const std::vector<std::string>& routes) {
  const auto gone = [&](const auto& entry) { return std::ranges::find(routes, entry.first) == routes.end(); };
  std::erase_if(routes_, gone);
  std::erase_if(policies_, gone);
}

void Watch::forget() {
  for (auto& [name, watch] : routes_) watch.restart();
  alarms_.clear();
}

template <class Fold>
std::vector<RouteAlarm> Watch::fold_in(const std::string& route, Fold&& fold) {
  std::vector<RouteAlarm> out;
  const auto found = routes_.find(route);
  if (found == routes_.end()) return out;
  for (Alarm& alarm : fold(found->second)) {
    out.push_back({std::move(alarm), route});
    alarms_.push_back(out.back());
    if (alarms_.size() > alarms_max) alarms_.pop_front();
  }
  return out;
}

std::vector<RouteAlarm> Watch::fold(const std::string& route, const Request& request) {
  return fold_in(route, [&](RouteWatch& watch) { return watch.fold(request); });
}

std::vector<RouteAlarm> Watch::fold(const std::string& route, const Comparison& comparison) {
  return fold_in(route, [&](RouteWatch& watch) { return watch.fold(comparison); });
}

std::vector<RouteAlarm> Watch::fold_grade(const std::string& route, std::int64_t time_unix_ms, double grade) {
  return fold_in(route, [&](RouteWatch& watch) { return watch.fold_grade(time_unix_ms, grade); });
}

Json Watch::save() const {
  Json routes = Json::object();
  for (const auto& [name, watch] : routes_) {
    const Wanted& wanted = watch.wanted();
    routes[name] = {{"policy", policies_.at(name)},  {"false_alarm_every_ms", wanted.false_alarm_every_ms},
                    {"window_ms", wanted.window_ms}, {"reference", wanted.reference},
                    {"may_vary", wanted.may_vary},   {"watch", watch.save()}};
  }
  Json alarms = Json::array();
  for (const RouteAlarm& alarm : alarms_) alarms.push_back(alarm_json(alarm));
  return {{"version", version}, {"routes", std::move(routes)}, {"alarms", std::move(alarms)}};
}

bool Watch::load(const Json& in) {
  Watch loaded;
  try {
    if (in.at("version") != version) return false;
    for (const auto& [name, each] : in.at("routes").items()) {
      const Wanted wanted{each.at("false_alarm_every_ms"), each.at("window_ms"), each.at("reference"),
                          each.at("may_vary")};
      loaded.configure(name, each.at("policy"), wanted);
      if (!loaded.routes_.at(name).load(each.at("watch"))) return false;
    }
    for (const Json& each : in.at("alarms")) {
      const auto what = from_word<DriftOf>(each.at("what").get<std::string>());
      if (!what) return false;
      RouteAlarm alarm;
      alarm.what = *what;
      alarm.time_unix_ms = each.at("time_unix_ms");
      alarm.seen = {each.at("before"), each.at("now"), each.at("limit")};
      alarm.text = each.at("text");
      alarm.route = each.at("route");
      loaded.alarms_.push_back(std::move(alarm));
    }
  } catch (const std::exception&) {
    return false;
  }
  *this = std::move(loaded);
  return true;
}

std::string watch_text(const Watch& watch) {
  std::string out;
  for (const auto& [name, route] : watch.routes()) {
    std::array<std::string, state_names.size()> by_state;
    for (std::size_t i = 0; i < words<DriftOf>.size(); ++i) {
      std::string& list = by_state[static_cast<std::size_t>(route.state(static_cast<DriftOf>(i)))];
      list += (list.empty() ? "" : ", ") + std::string(words<DriftOf>[i]);
    }
    out += "  " + name + ":";
    for (const State state : {State::drifted, State::steady, State::learning}) {
      const std::string& list = by_state[static_cast<std::size_t>(state)];
      if (!list.empty()) out += " " + std::string(state_names[static_cast<std::size_t>(state)]) + ": " + list + ";";
    }
    out.back() = '\n';
  }
  for (const RouteAlarm& alarm : watch.alarms())
    out += "  " + time_text(alarm.time_unix_ms) + " route " + quoted_name(alarm.route) + ", " +
           std::string(word(alarm.what)) + ": " + alarm.text + "\n";
  return out;
}

Json watch_json(const Watch& watch) {
  Json routes = Json::object();
  for (const auto& [name, route] : watch.routes()) {
    Json states = Json::object();
    for (std::size_t i = 0; i < words<DriftOf>.size(); ++i)
      states[std::string(words<DriftOf>[i])] =
          state_names[static_cast<std::size_t>(route.state(static_cast<DriftOf>(i)))];
    routes[name] = {{"states", std::move(states)}, {"tier_entropy", route.entropy() ? Json(*route.entropy()) : Json()}};
  }
  Json alarms = Json::array();
  for (const RouteAlarm& alarm : watch.alarms()) alarms.push_back(alarm_json(alarm));
  return {{"routes", std::move(routes)}, {"alarms", std::move(alarms)}};
}

}  // namespace triage::drift
