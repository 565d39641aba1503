#pragma once
// Warns about what is valid but known not to work, in a spec without errors.

#include "config/check.hpp"
#include "routing/rules.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace triage::config {

/// Reports every pattern in `spec` that is known not to work.
void advise(const ConfigSpec& spec, const Origins& origins, Report& report);

/// Whether every call on such a route passes through unread: its cost is not counted in tokens.
bool passes_through(const MatchSpec& match);

class Advisor {
 public:
  Advisor(const ConfigSpec& spec, const Origins& origins, Report& report)
      : spec_(spec), origins_(origins), report_(report) {}

  void advise();

 private:
  struct PlacedRule {
    const RuleSpec* spec;
    Path path;
    std::size_t router;  // index into the chain
  };
  using Positions = std::set<std::size_t>;  // indices of tiers in the order

  void advise_matches();

  // advise_habits.cpp
  void advise_habits();
  void advise_keys(const Provider& provider);
  void advise_key(const Path& path, std::string_view key);
  void advise_base_url(const Provider& provider);

  void advise_policy(const RouteSpec& route);

  // advise_tiers.cpp
  void advise_strengths(const RouteSpec& route);
  void advise_pair(const RouteSpec& route, const std::string& tier, const TierMember& one, const TierMember& other,
                   const Path& path);
  void note_names();
  /// The tiers that have deployment `one` without `other`.
  [[nodiscard]] Positions apart(const std::string& one, const std::string& other);
  [[nodiscard]] bool spread_by_router(const RouteSpec& route, const std::string& tier) const;
  void advise_prices();
  void advise_prices(const RouteSpec& route, std::set<std::string>& told);
  void advise_judge_price(const RouteSpec& route);
  void advise_pair_prices(const PairSpec& pair, const RouteSpec& route, const Path& path);

  // advise_capabilities.cpp
  void advise_capabilities(const RouteSpec& route);
  /// `asked` in the order of asking, the `of_tier` deployments of the tier at `path` first.
  void advise_lone(const std::vector<const Deployment*>& asked, std::size_t of_tier, const Path& path);

  void advise_rescue(const RouteSpec& route);

  // advise_experiment.cpp
  void advise_experiment(const RouteSpec& route);
  [[nodiscard]] std::string why_unseen(QualitySignal signal, const RouteSpec& route) const;
  /// A deployment of its tiers whose price is not known; empty: none.
  [[nodiscard]] std::string unpriced(const RouteSpec& route) const;  // advise_tiers.cpp
  void advise_promises(const RouteSpec& route);
  void advise_stages(const RouteSpec& route);
  [[nodiscard]] std::optional<std::size_t> units_known(const RouteSpec& route) const;

  // advise_rules.cpp
  void advise_rules(const RouteSpec& route);
  void advise_length_alone(const std::vector<PlacedRule>& rules);
  void advise_own_bounds(const PlacedRule& rule);
  bool advise_unreached(const PlacedRule& rule, const PlacedRule& before);
  void advise_ceiling(const PlacedRule& rule, const PlacedRule& other);

  /// The tier's index in the order; the order's size for a specialist or no tier.
  [[nodiscard]] std::size_t position(const std::string& tier) const;
  void warning(const Path& path, std::string message, std::string fix);

  const ConfigSpec& spec_;
  const Origins& origins_;
  Report& report_;
  std::map<std::string, const Deployment*> known_;
  std::map<std::string, std::size_t> positions_;                         // of tiers, in the order
  std::map<std::string, std::map<std::size_t, std::size_t>> standings_;  // by deployment: list of members -> position
  std::size_t pairs_left_ = 20'000;                                      // a bound on the time for any file
};

}  // namespace triage::config
