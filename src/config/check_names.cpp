// keys.routes -> routes -> tiers -> deployments -> providers: every arrow names something that exists.
#include "config/check.hpp"
#include "config/describe.hpp"
#include "config/misspelt.hpp"
#include "options/nearest.hpp"
#include "options/values.hpp"
#include "providers/base_url.hpp"
#include "providers/providers.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace triage::config {

namespace {

// The route's lowest and highest tier of the order.
void complete(PairSpec& pair, const RouteSpec& route, const std::vector<std::string>& order) {
  const auto own = firsts_of(route.tiers);
  const auto is_own = [&own](const std::string& tier) { return contains(own, tier); };
  const auto lowest = std::ranges::find_if(order, is_own);
  if (lowest == order.end()) return;
  if (pair.cheap.empty()) pair.cheap = *lowest;
  if (pair.strong.empty()) pair.strong = *std::find_if(order.rbegin(), order.rend(), is_own);
}

void complete(RouteSpec& route, const ConfigSpec& spec, const Origins& origins) {
  if (route.ensemble) complete(*route.ensemble, route, spec.tiers);
  if (route.shadow) complete(*route.shadow, route, spec.tiers);
  if (!route.cascade || origins.find(path_of(route) / "cascade" / "hold" / "mode")) return;
  HoldSpec& hold = route.cascade->hold;
  if (hold.tokens > 0 || hold.ms > 0) hold.mode = HoldMode::window;
}

void complete(ExperimentSpec& experiment, const RouteSpec& route, Origins& origins) {
  using std::chrono::days;
  const Path path = path_of(route) / "experiment";
  if (!experiment.control) {
    start_as(experiment.control.emplace(), route);
    origins.inherit(path / "control", path_of(route));
  }
  (*experiment.control).arm = Arm::control;
  if (experiment.treatment) (*experiment.treatment).arm = Arm::treatment;
  if (experiment.unit.empty() && !origins.find(path / "unit")) experiment.unit.push_back({"key", {}});
  if (experiment.stages.empty() && !origins.find(path / "stages"))
    experiment.stages = {{0.01, days(1), 0}, {0.1, days(2), 0}, {0.5, days(4), 0}, {1, days(0), 0}};
}

}  // namespace

std::vector<const RouteSpec*> arms_of(const RouteSpec& route) {
  std::vector<const RouteSpec*> out;
  if (!route.experiment) return out;
  for (const Boxed<ArmSpec>* const arm : {&route.experiment->control, &route.experiment->treatment})
    if (*arm) out.push_back(&**arm);
  return out;
}

void complete(ConfigSpec& spec, Origins& origins) {
  if (spec.tiers.empty() && !origins.find({"tiers"})) spec.tiers = {"small", "medium", "large"};
  for (Provider& provider : spec.providers) {
    if (provider.dialect.empty()) provider.dialect = "openai";
    if (provider.location.empty() && provider.dialect == "vertex") provider.location = "global";
    if (provider.base_url.host.empty() && origins.intact({"providers", provider.name, "base_url"}))
      provider.base_url = default_base_url(provider);
    for (std::size_t i = 0; i < provider.keys.size(); ++i)
      if (provider.keys[i].name.empty()) provider.keys[i].name = std::to_string(i + 1);
  }
  for (Deployment& deployment : spec.deployments)
    if (deployment.model.empty()) deployment.model = deployment.name;
  for (RouteSpec& route : spec.routes) {
    if (route.experiment) complete(*route.experiment, route, origins);
    complete(route, spec, origins);
    if (!route.experiment) continue;
    complete(*route.experiment->control, spec, origins);
    if (route.experiment->treatment) complete(*route.experiment->treatment, spec, origins);
  }
}

void check(const ConfigSpec& spec, const Origins& origins, Report& report) {
  const auto meant = with_meant_names(spec, origins, report);
  Checker checker(meant ? *meant : spec, origins, report);
  checker.check_names();
  checker.check_network();
}

void Checker::check_names() {
  check_providers();
  check_deployments();
  check_aliases();
  check_tiers();
  check_keys();
  const auto keys = names_of(spec_.keys);
  for (const RouteSpec& route : spec_.routes) check_route(route, keys);
  check_experiments();
}

void Checker::check_providers() {
  if (spec_.providers.empty() && origins_.intact({"providers"}))
    error({"providers"}, "no providers: nothing can answer a request",
          "add 'providers: {openai: {base_url: \"https://api.openai.com/v1\", api_key: \"${OPENAI_API_KEY}\"}}'");
  static const std::vector<std::string> later{"anthropic", "gemini", "azure", "bedrock"};
  const auto names = dialect_names();
  const std::vector<std::string> dialects(names.begin(), names.end());
  for (const Provider& provider : spec_.providers) {
    const Path path{"providers", provider.name, "dialect"};
    if (!written({"providers", provider.name})) continue;  // only meant
    if (contains(later, provider.dialect) && !contains(dialects, provider.dialect))
      error(path, to_string(path) + ": " + origins_.shown(path, provider.dialect) + " is not in this version of Triage",
            suggest("", dialects, "known dialects", ""));
    else
      unknown(path, "dialect", provider.dialect, dialects, "providers");
  }
}

void Checker::check_deployments() {
  if (spec_.deployments.empty() && origins_.intact({"deployments"}))
    error({"deployments"}, "no deployments: there is no model to send requests to",
          "add 'deployments: {gpt-4o: {provider: openai}}'");
  const auto providers = names_of(spec_.providers);
  for (const Deployment& deployment : spec_.deployments) {
    const Path path{"deployments", deployment.name};
    if (!written(path)) continue;  // only meant
    check_reserved(path, deployment.name, "deployment");
    unknown(path / "provider", "provider", deployment.provider, providers, "providers");
    if (deployment.price_source == PriceSource::own) check_price(deployment.price, path / "price", origins_, report_);
  }
}

void Checker::check_reserved(const Path& path, std::string_view name, std::string_view what) {
  if (name == "auto" || name.starts_with("triage/"))
    report_.error(origins_.key_place(path),
                  std::string(what) + " " + in_quotes(name) + ": clients use that name for a route",
                  "give it another name");
}

void Checker::check_aliases() {
  const auto deployments = names_of(spec_.deployments);
  for (const auto& [alias, target] : spec_.aliases) {
    const Path path{"aliases", alias};
    check_reserved(path, alias, "alias");
    if (contains(deployments, alias))
      report_.error(origins_.key_place(path), "alias " + in_quotes(alias) + " is also the name of a deployment",
                    "rename one of the two");
    const auto chained = std::find_if(spec_.aliases.begin(), spec_.aliases.end(),
                                      [&name = target](const auto& other) { return other.first == name; });
    if (chained != spec_.aliases.end() && !contains(deployments, target))
      error(path, to_string(path) + ": " + origins_.shown(path, target) + " is an alias itself",
            "name a deployment: an alias of an alias is not followed");
    else
      unknown(path, "deployment", target, deployments, "deployments");
  }
}

void Checker::check_tiers() {
  if (spec_.tiers.empty() && origins_.intact({"tiers"}))
    error({"tiers"}, "tiers is empty", "name at least one, or remove the key for small, medium, large");
  std::map<std::string, Path> seen;
  const auto add = [&](const std::vector<std::string>& names, const std::string& section) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Path path = Path{section} / i;
      const auto [first, added] = seen.emplace(names[i], path);
      if (!added && origins_.intact(path))
        error(path, "tier " + origins_.shown(path, names[i]) + " is named twice",
              origins_.find(first->second) ? "the first one is at " + report_.name(origins_.place(first->second))
                                           : "it is one of the default tiers small, medium, large");
    }
  };
  add(spec_.tiers, "tiers");
  add(spec_.specialists, "specialists");
}

void Checker::check_keys() {
  const auto routes = names_of(spec_.routes);
  std::map<std::string, Path> names;
  std::map<std::array<std::uint8_t, 32>, Path> hashes;
  for (std::size_t i = 0; i < spec_.keys.size(); ++i) {
    const KeySpec& key = spec_.keys[i];
    const Path path = Path{"keys"} / i;
    if (origins_.find(path) == nullptr) break;  // of keys_file, and checked
    const auto at_first = [&](const Path& first) {
      return "the first one is at " + report_.name(origins_.place(first));
    };
    if (origins_.intact(path / "name")) {
      const auto [first, added] = names.emplace(key.name, path / "name");
      if (!added)
        error(path / "name", "key " + origins_.shown(path / "name", key.name) + " is defined twice",
              at_first(first->second));
    }
    if (origins_.intact(path / "sha256")) {
      const auto [first, added] = hashes.emplace(key.sha256, path / "sha256");
      if (!added) error(path / "sha256", to_string(path) + " has the sha256 of another key", at_first(first->second));
    }
    for (std::size_t k = 0; k < key.routes.size(); ++k)
      unknown(path / "routes" / k, "route", key.routes[k], routes, "routes");
  }
}

void Checker::check_route(const RouteSpec& route, const std::vector<std::string>& keys) {
  const Path path = path_of(route);
  if (!origins_.intact(path) || !written(path)) return;
  check_policy(route);
  for (std::size_t i = 0; i < route.match.keys.size(); ++i)
    unknown(path / "match" / "keys" / i, "key", route.match.keys[i], keys, "keys");
  check_record(route);
  check_quality(route);
}

void Checker::check_policy(const RouteSpec& route) {
  const Path path = path_of(route);
  if (route.tiers.empty() && origins_.intact(path / "tiers"))
    error(path, to_string(path) + " has no tiers", "add 'tiers: {small: [name of a deployment]}'");
  std::vector<std::string> known = spec_.tiers;
  known.insert(known.end(), spec_.specialists.begin(), spec_.specialists.end());
  for (const auto& [tier, members] : route.tiers) {
    const Path at = path / "tiers" / tier;
    if (!written(at)) continue;  // only meant
    if (!contains(known, tier) && origins_.intact({"tiers"}) && origins_.intact({"specialists"}))
      report_.error(origins_.key_place(at), to_string(path / "tiers") + ": unknown tier " + in_quotes(tier),
                    suggest(tier, known, "add it to 'tiers' or 'specialists'; known", "add it to 'tiers'"));
    check_members(route, tier, members);
  }
  check_chain(route);
  check_cascade(route);
  check_pairs(route);
  check_timeouts(route);
}

void Checker::check_members(const RouteSpec& route, const std::string& tier, const std::vector<TierMember>& members) {
  const Path path = path_of(route) / "tiers" / tier;
  if (members.empty() && origins_.intact(path))
    error(path, to_string(path) + " is empty", "name at least one deployment, or remove the tier");
  const auto deployments = names_of(spec_.deployments);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Path at = path / i / "deployment";
    const std::string& name = members[i].deployment;
    const auto alias =
        std::find_if(spec_.aliases.begin(), spec_.aliases.end(), [&](const auto& pair) { return pair.first == name; });
    if (!origins_.intact(at)) continue;
    if (!seen.insert(name).second)
      error(at, to_string(path) + " names " + origins_.shown(at, name) + " twice",
            "use a weight: {deployment: ..., weight: 2}");
    else if (alias != spec_.aliases.end() && !contains(deployments, name))
      error(at, to_string(at) + ": " + origins_.shown(at, name) + " is an alias",
            "name the deployment that it stands for");
    else
      unknown(at, "deployment", name, deployments, "deployments");
  }
}

void Checker::check_timeouts(const RouteSpec& route) {
  const Path path = path_of(route) / "timeouts";
  const auto longer = [&](const char* name, milliseconds timeout) {
    if (timeout <= route.timeouts.total || !origins_.find(path / name) || !origins_.intact(path)) return;
    warning(path / name,
            to_string(path / name) + " is longer than the total of " + format_duration(route.timeouts.total),
            "raise 'total', or lower it");
  };
  longer("connect", route.timeouts.connect);
  if (route.timeouts.first_byte) longer("first_byte", *route.timeouts.first_byte);
  if (route.timeouts.whole) longer("whole", *route.timeouts.whole);
  if (route.timeouts.first_event != TimeoutsSpec().first_event) longer("first_event", route.timeouts.first_event);
  longer("idle", route.timeouts.idle);
}

}  // namespace triage::config
