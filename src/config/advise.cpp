// Finds matches that never get a request. The other parts of the advice are in advise_*.cpp.
#include "config/advise.hpp"

#include "base/glob.hpp"

#include <algorithm>

namespace triage::config {
namespace {

// Bounds the time for any file.
constexpr std::size_t patterns_max = 50;
constexpr std::size_t routes_max = 200;

// Whether `wide` matches every text that `narrow` matches: the stars of `narrow`, which match only themselves, stand
// for any text.
bool covers(const std::vector<std::string>& wide, std::string_view narrow) {
  return std::ranges::any_of(wide, [&](const std::string& pattern) { return glob_matches(pattern, narrow); });
}

bool covers_all(const std::vector<std::string>& wide, const std::vector<std::string>& narrow) {
  return std::ranges::all_of(narrow, [&](const std::string& pattern) { return covers(wide, pattern); });
}

bool covers_all_apis(const std::vector<std::string>& wide) {
  return std::ranges::all_of(api_paths, [&](const ApiPath& each) { return covers(wide, each.path); });
}

bool only_by_name(const MatchSpec& match) {
  return match.models.empty() && match.paths.empty() && match.headers.empty() && match.keys.empty() &&
         match.metadata.empty();
}

// Whether `first` takes every request that `second` matches. False if that is not obvious.
bool takes_all_of(const MatchSpec& first, const MatchSpec& second) {
  for (const MatchSpec* match : {&first, &second})
    if (match->models.size() > patterns_max || match->paths.size() > patterns_max) return false;
  if (only_by_name(first) || !first.headers.empty() || !first.keys.empty() || !first.metadata.empty()) return false;
  const bool models = first.models.empty() || covers(first.models, "*") ||
                      (!second.models.empty() && covers_all(first.models, second.models));
  if (!models) return false;
  if (second.paths.empty()) return first.paths.empty() || covers_all_apis(first.paths);
  return !first.paths.empty() && covers_all(first.paths, second.paths);
}

}  // namespace

void advise(const ConfigSpec& spec, const Origins& origins, Report& report) {
  Advisor(spec, origins, report).advise();
}

void Advisor::advise() {
  note_names();
  advise_matches();
  advise_habits();
  advise_prices();
  for (const RouteSpec& route : spec_.routes) {
    advise_policy(route);
    advise_judge_price(route);
    advise_promises(route);
    advise_experiment(route);
  }
}

void Advisor::advise_policy(const RouteSpec& route) {
  advise_strengths(route);
  advise_capabilities(route);
  advise_rescue(route);
  advise_rules(route);
  const Path path = path_of(route);
  if (route.ensemble) advise_pair_prices(*route.ensemble, route, path / "ensemble");
  if (route.shadow) advise_pair_prices(*route.shadow, route, path / "shadow");
}

void Advisor::advise_matches() {
  const std::size_t count = std::min(spec_.routes.size(), routes_max);
  for (std::size_t i = 0; i < count; ++i) {
    const RouteSpec& route = spec_.routes[i];
    if (only_by_name(route.match)) continue;
    for (std::size_t k = 0; k < i; ++k) {
      const RouteSpec& first = spec_.routes[k];
      if (!takes_all_of(first.match, route.match)) continue;
      warning({"routes", route.name, "match"},
              "routes." + route.name + " gets requests by its own name only: route " + in_quotes(first.name) +
                  " stands before it and takes all that it matches",
              "put it in front of " + in_quotes(first.name) + ", or narrow that one's match");
      break;
    }
  }
}

std::size_t Advisor::position(const std::string& tier) const {
  const auto found = positions_.find(tier);
  return found == positions_.end() ? spec_.tiers.size() : found->second;
}

void Advisor::warning(const Path& path, std::string message, std::string fix) {
  report_.warning(origins_.place(path), std::move(message), std::move(fix));
}

}  // namespace triage::config
