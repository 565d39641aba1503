#include "options/checking.hpp"

#include "options/nearest.hpp"

namespace triage::options {

Path path_of(const RouteSpec& route) {
  Path out{"routes", route.name};
  if (!route.arm) return out;
  return out / "experiment" / std::string(word(*route.arm));
}

void Checking::error(const Path& path, std::string message, std::string fix) const {
  report_.error(origins_.place(path), std::move(message), std::move(fix));
}

void Checking::warning(const Path& path, std::string message, std::string fix) const {
  report_.warning(origins_.place(path), std::move(message), std::move(fix));
}

void Checking::unknown(const Path& path, std::string_view what, const std::string& name,
                       const std::vector<std::string>& known, const std::string& section) const {
  if (contains(known, name) || !origins_.intact(path) || !origins_.intact({section})) return;
  error(path, to_string(path) + ": unknown " + std::string(what) + " " + origins_.shown(path, name),
        suggest(name, known, "known " + std::string(what) + "s", "there is none: add one to '" + section + "'"));
}

void Checking::unknown_deployment(const Path& path, const std::string& name) const {
  unknown(path, "deployment", name, names_of(spec_.deployments), "deployments");
}

// A name may be the key itself, whose text is that of its value.
std::string Checking::shown_name(const Path& path, const std::string& name) const {
  return path.back() == name ? in_quotes(name) : origins_.shown(path, name);
}

void Checking::own_tier(const RouteSpec& route, const std::string& tier, const Path& path) const {
  const auto own = firsts_of(route.tiers);
  if (own.empty() || contains(own, tier) || !origins_.intact(path) || !origins_.intact(path_of(route) / "tiers"))
    return;
  error(path, to_string(path) + ": the route has no tier " + shown_name(path, tier),
        suggest(tier, own, "its tiers", ""));
}

void Checking::own_ordered_tier(const RouteSpec& route, const std::string& tier, const Path& path) const {
  if (tier.empty()) return;
  if (contains(spec_.specialists, tier) && origins_.intact(path))
    error(path, to_string(path) + ": " + shown_name(path, tier) + " is a specialist, which is outside the order",
          "name one of 'tiers', or use 'tier' to send requests to the specialist");
  else
    own_tier(route, tier, path);
}

}  // namespace triage::options
