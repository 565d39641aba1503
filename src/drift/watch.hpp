#pragma once
// The watch for drift over all routes. Pure: a function of what it is told, in order; the same after a restart.

#include "drift/route_watch.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace triage::drift {

struct RouteAlarm : Alarm {
  std::string route;
};

class Watch {
 public:
  static constexpr std::size_t routes_max = 1'000;
  static constexpr std::size_t alarms_max = 100;  ///< remembered

  /// How the route is served from now on. Under another `policy` (a digest of it) than before, all is learned anew.
  void configure(const std::string& route, const std::string& policy, const Wanted& wanted);
  /// The policy that the route is served by; empty: none.
  [[nodiscard]] std::string policy(std::string_view route) const;
  /// Routes that are no longer there are forgotten.
  void keep_only(const std::vector<std::string>& routes);

  /// All is learned anew.
  void forget();

  /// Of routes that were not configured nothing is told. Each returns the alarms that it raises.
  std::vector<RouteAlarm> fold(const std::string& route, const Request& request);
  std::vector<RouteAlarm> fold(const std::string& route, const Comparison& comparison);
  std::vector<RouteAlarm> fold_grade(const std::string& route, std::int64_t time_unix_ms, double grade);

  [[nodiscard]] const std::map<std::string, RouteWatch, std::less<>>& routes() const noexcept { return routes_; }
  [[nodiscard]] const std::deque<RouteAlarm>& alarms() const noexcept { return alarms_; }  ///< the last ones, in order

  [[nodiscard]] nlohmann::ordered_json save() const;
  /// False, and nothing has changed, if it was not saved by this version.
  bool load(const nlohmann::ordered_json& in);

 private:
  static constexpr int version = 1;
  template <class Fold>
  std::vector<RouteAlarm> fold_in(const std::string& route, Fold&& fold);

  std::map<std::string, RouteWatch, std::less<>> routes_;
  std::map<std::string, std::string, std::less<>> policies_;
  std::deque<RouteAlarm> alarms_;
};

/// A person's view: one line a route, then the alarms.
std::string watch_text(const Watch& watch);
nlohmann::ordered_json watch_json(const Watch& watch);

}  // namespace triage::drift
