// A name that several places use but nothing defines is compared with the names that are defined. If nothing uses the
// nearest of them, it is the one that was misspelt.
#include "config/misspelt.hpp"

#include "options/checking.hpp"
#include "options/nearest.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace triage::config {
namespace {

using namespace options;

struct Definition {
  std::string name;
  Path path;
  std::optional<Place> place;  // absent: not written here, such as a default or a key of keys_file
};

// The names of one kind: where they are defined, and where they are used.
struct Names {
  std::string_view what;
  std::vector<Definition> defined;
  std::map<std::string, std::vector<Place>> used;
};

// Names as they were defined, and as they were meant.
using Meant = std::vector<std::pair<std::string, std::string>>;

class Collector {
 public:
  Collector(const ConfigSpec& spec, const Origins& origins) : spec_(spec), origins_(origins) {}

  [[nodiscard]] Names providers() const {
    Names out = sections("provider", "providers", spec_.providers);
    for (const Deployment& each : spec_.deployments) use(out, each.provider, {"deployments", each.name, "provider"});
    return out;
  }

  [[nodiscard]] Names deployments() const {
    Names out = sections("deployment", "deployments", spec_.deployments);
    for (const auto& [alias, target] : spec_.aliases) use(out, target, {"aliases", alias});
    for (const RouteSpec& route : spec_.routes)
      for (const auto& [tier, members] : route.tiers)
        for (std::size_t i = 0; i < members.size(); ++i)
          use(out, members[i].deployment, path_of(route) / "tiers" / tier / i / "deployment");
    return out;
  }

  [[nodiscard]] Names routes() const {
    Names out = sections("route", "routes", spec_.routes);
    for (std::size_t i = 0; i < spec_.keys.size(); ++i)
      for (std::size_t k = 0; k < spec_.keys[i].routes.size(); ++k)
        use(out, spec_.keys[i].routes[k], Path{"keys"} / i / "routes" / k);
    return out;
  }

  [[nodiscard]] Names keys() const {
    Names out{"key", {}, {}};
    for (const RouteSpec& route : spec_.routes)
      for (std::size_t i = 0; i < route.match.keys.size(); ++i)
        use(out, route.match.keys[i], path_of(route) / "match" / "keys" / i);
    if (out.used.empty()) return out;  // there may be 100,000
    for (std::size_t i = 0; i < spec_.keys.size(); ++i) define(out, spec_.keys[i].name, Path{"keys"} / i / "name");
    return out;
  }

  [[nodiscard]] Names tiers() const {
    Names out{"tier", {}, {}};
    for (std::size_t i = 0; i < spec_.tiers.size(); ++i) define(out, spec_.tiers[i], Path{"tiers"} / i);
    for (std::size_t i = 0; i < spec_.specialists.size(); ++i)
      define(out, spec_.specialists[i], Path{"specialists"} / i);
    for (const RouteSpec& route : spec_.routes)
      for (const auto& tier : route.tiers) use(out, tier.first, path_of(route) / "tiers" / tier.first, true);
    return out;
  }

 private:
  template <class Section>
  Names sections(std::string_view what, const std::string& name, const std::vector<Section>& sections) const {
    Names out{what, {}, {}};
    for (const Section& each : sections) define(out, each.name, {name, each.name});
    return out;
  }

  void define(Names& names, const std::string& name, const Path& path) const {
    const bool in_list = path[1].starts_with('[');
    Definition out{name, path, std::nullopt};
    if (origins_.find(path) != nullptr) out.place = in_list ? origins_.place(path) : origins_.key_place(path);
    names.defined.push_back(std::move(out));
  }

  void use(Names& names, const std::string& name, const Path& path, bool is_key = false) const {
    if (origins_.intact(path)) names.used[name].push_back(is_key ? origins_.key_place(path) : origins_.place(path));
  }

  const ConfigSpec& spec_;
  const Origins& origins_;
};

Meant misspelt(const Names& names, Report& report) {
  std::vector<std::string> known;
  for (const Definition& each : names.defined) known.push_back(each.name);
  Meant out;
  for (const auto& [name, places] : names.used) {
    if (places.size() < 2 || contains(known, name)) continue;
    const std::string near = nearest(name, known);
    const auto is_near = [&near](const auto& pair) { return pair.first == near; };
    if (near.empty() || names.used.contains(near) || std::ranges::any_of(out, is_near)) continue;
    const auto found = std::ranges::find(names.defined, near, &Definition::name);
    if (!found->place) continue;
    report.error(*found->place,
                 to_string(found->path) + ": " + std::to_string(places.size()) + " places name the " +
                     std::string(names.what) + " " + in_quotes(name) + ", which is not defined, the first at " +
                     report.name(places.front()) + "; none names " + in_quotes(near),
                 "did you mean '" + name + "' here? Else write '" + near + "' there");
    out.emplace_back(near, name);
  }
  return out;
}

template <class Section>
void add(std::vector<Section>& sections, const Meant& meant) {
  for (const auto& [defined, name] : meant) {
    Section copy = *std::ranges::find(sections, defined, &Section::name);
    copy.name = name;
    sections.push_back(std::move(copy));
  }
}

void rename(std::vector<std::string>& names, const Meant& meant) {
  for (const auto& [defined, name] : meant) std::ranges::replace(names, defined, name);
}

// Adds a tier under the name that was meant. True: there was one to add.
bool add_meant_tiers(RouteSpec& route, const std::vector<std::string>& known) {
  const auto written = firsts_of(route.tiers);
  auto own = written;
  for (const std::string& tier : written) {
    if (contains(known, tier)) continue;
    std::string meant = nearest(tier, known);
    if (meant.empty() || contains(own, meant)) continue;
    auto members = route.tiers[static_cast<std::size_t>(std::ranges::find(written, tier) - written.begin())].second;
    own.push_back(meant);
    route.tiers.emplace_back(std::move(meant), std::move(members));
  }
  return own.size() > written.size();
}

// Whether a route, or an arm of its experiment, has a tier that is not defined.
bool has_unknown_tier(const ConfigSpec& spec) {
  const auto unknown = [&spec](const RouteSpec& route) {
    return std::ranges::any_of(route.tiers, [&spec](const auto& tier) {
      return !contains(spec.tiers, tier.first) && !contains(spec.specialists, tier.first);
    });
  };
  return std::ranges::any_of(spec.routes, [&unknown](const RouteSpec& route) {
    if (unknown(route)) return true;
    const auto in_arm = [&unknown](const Boxed<ArmSpec>& arm) { return arm && unknown(*arm); };
    return route.experiment && (in_arm(route.experiment->control) || in_arm(route.experiment->treatment));
  });
}

}  // namespace

std::optional<ConfigSpec> with_meant_names(const ConfigSpec& spec, const Origins& origins, Report& report) {
  const Collector collect(spec, origins);
  const auto intact = [&origins](const char* section) { return origins.intact({section}); };
  const auto found = [&](const char* section, const Names& names) {
    return intact(section) ? misspelt(names, report) : Meant();
  };
  const bool tiers_intact = intact("tiers") && intact("specialists");
  const Meant providers = found("providers", collect.providers());
  const Meant deployments = found("deployments", collect.deployments());
  const Meant routes = found("routes", collect.routes());
  const Meant keys = found("keys", collect.keys());
  const Meant tiers = tiers_intact ? misspelt(collect.tiers(), report) : Meant();

  bool changed = !providers.empty() || !deployments.empty() || !routes.empty() || !keys.empty() || !tiers.empty();
  if (!changed && !(tiers_intact && has_unknown_tier(spec))) return std::nullopt;
  ConfigSpec out = spec;
  add(out.providers, providers);
  add(out.deployments, deployments);
  add(out.routes, routes);
  for (auto route = out.routes.begin() + std::ssize(spec.routes); route != out.routes.end(); ++route)
    route->experiment.reset();
  add(out.keys, keys);
  rename(out.tiers, tiers);
  rename(out.specialists, tiers);
  if (!tiers_intact) return changed ? std::optional(std::move(out)) : std::nullopt;
  std::vector<std::string> known = out.tiers;
  known.insert(known.end(), out.specialists.begin(), out.specialists.end());
  const auto mend = [&](RouteSpec& route) { changed = add_meant_tiers(route, known) || changed; };
  for (RouteSpec& route : out.routes) {
    mend(route);
    if (!route.experiment) continue;
    for (Boxed<ArmSpec>* const arm : {&route.experiment->control, &route.experiment->treatment})
      if (*arm) mend(**arm);
  }
  return changed ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace triage::config
