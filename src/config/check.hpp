#pragma once
// What no single value can tell: names that must exist, keys that exclude each other, files that must be there.

#include "config/origins.hpp"
#include "config/report.hpp"
#include "triage/spec.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::config {

/// Fills in the defaults that depend on other keys: tiers, a deployment's model, a provider's dialect.
void complete(ConfigSpec& spec, const Origins& origins);

/// Reports what cannot be in a price that stands at `path`.
void check_price(const Price& price, const Path& path, const Origins& origins, Report& report);

/// Reports every contradiction in a completed spec.
void check(const ConfigSpec& spec, const Origins& origins, Report& report);

inline bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class T>
std::vector<std::string> firsts_of(const std::vector<std::pair<std::string, T>>& pairs) {
  std::vector<std::string> names;
  for (const auto& pair : pairs) names.push_back(pair.first);
  return names;
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& sections) {
  std::vector<std::string> names;
  for (const T& section : sections) names.push_back(section.name);
  return names;
}

/// What the parts of the check share.
class Checker {
 public:
  Checker(const ConfigSpec& spec, const Origins& origins, Report& report)
      : spec_(spec), origins_(origins), report_(report) {}

  void check_names();    ///< check_names.cpp
  void check_network();  ///< check_network.cpp

 private:
  void check_providers();
  void check_deployments();
  void check_aliases();
  void check_reserved(const Path& path, std::string_view name, std::string_view what);
  void check_tiers();
  void check_keys();
  void check_route(const RouteSpec& route);
  void check_members(const RouteSpec& route, const std::string& tier, const std::vector<TierMember>& members);
  void check_chain(const RouteSpec& route);
  void check_timeouts(const RouteSpec& route);
  void check_record(const RouteSpec& route);  // check_record.cpp

  // check_routers.cpp
  void check_router(const RouteSpec& route, const RouterSpec& router, const Path& path);
  void check_labels(const RouteSpec& route, const LlmRouterSpec& llm, const Path& path);
  void check_rules(const RouteSpec& route, const HeuristicRouterSpec& heuristic, const Path& path);
  void check_rule(const RouteSpec& route, const RuleSpec& rule, const Path& path);
  void check_condition(const ConditionSpec& condition, const Path& path);
  void check_conditions(const std::vector<ConditionSpec>& conditions, const Path& path);
  void check_bounds(const std::optional<BoundsSpec>& bounds, const Path& path);
  void check_own_tier(const RouteSpec& route, const std::string& tier, const Path& path);
  void check_own_ordered_tier(const RouteSpec& route, const std::string& tier, const Path& path);
  // In the order; its end for a specialist or no tier.
  [[nodiscard]] std::ptrdiff_t position(const std::string& tier) const {
    return std::find(spec_.tiers.begin(), spec_.tiers.end(), tier) - spec_.tiers.begin();
  }

  // check_pairs.cpp
  void check_pairs(const RouteSpec& route);
  void check_pair(const RouteSpec& route, const PairSpec& pair, const Path& path);

  // check_cascade.cpp
  void check_cascade(const RouteSpec& route);
  void check_hold(const CascadeSpec& cascade, const Path& path);
  void check_verifier(const VerifierSpec& verifier, const Path& path);
  void check_verifiers(const std::vector<VerifierSpec>& verifiers, const Path& path);
  void check_agreement(const AgreementSpec& agreement, const Path& path);

  void check_listen();
  void check_tls();
  void check_admin();
  void check_provider(const Provider& provider);
  bool check_pem(const Path& path, const std::string& file, std::string_view holds);

  void error(const Path& path, std::string message, std::string fix);
  void warning(const Path& path, std::string message, std::string fix);
  // "PATH: unknown WHAT 'name'", unless the value or the section of names was refused already.
  void unknown(const Path& path, std::string_view what, const std::string& name, const std::vector<std::string>& known,
               const std::string& section);

  const ConfigSpec& spec_;
  const Origins& origins_;
  Report& report_;
};

}  // namespace triage::config
