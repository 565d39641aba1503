// Checks what is in a route's tiers: deployments of one strength each, with known prices.
//
// A tier's weights are a lottery: they do not know which request is hard. So they are for deployments of one strength.
// The other tiers that have a deployment show how strong the file's author thinks it is.
#include "config/advise.hpp"

#include "base/glob.hpp"
#include "routing/weighted.hpp"
#include "verify/pickers.hpp"

#include <algorithm>

namespace triage::config {
namespace {

bool disjoint(const std::set<std::size_t>& a, const std::set<std::size_t>& b) {
  return !a.empty() && !b.empty() && std::ranges::none_of(a, [&](std::size_t each) { return b.contains(each); });
}

// What a price lacks to compute a cost; empty: nothing.
std::string_view missing_price(const Price& price) {
  if (!price.input) return price.output ? "price.input" : "price";
  return price.output ? "" : "price.output";
}

}  // namespace

bool passes_through(const MatchSpec& match) {
  const auto read = [](const std::string& pattern) {
    return std::ranges::any_of(api_paths, [&](const ApiPath& each) { return glob_matches(pattern, each.path); });
  };
  return !match.paths.empty() && std::ranges::none_of(match.paths, read);
}

void Advisor::advise_strengths(const RouteSpec& route) {
  for (const auto& [tier, members] : route.tiers) {
    const Path path = path_of(route) / "tiers" / tier;
    for (std::size_t i = 1; i < members.size(); ++i)
      for (std::size_t k = 0; k < i && pairs_left_ > 0; ++k, --pairs_left_)
        advise_pair(route, tier, members[k], members[i], path);
  }
}

void Advisor::advise_pair(const RouteSpec& route, const std::string& tier, const TierMember& one,
                          const TierMember& other, const Path& path) {
  if (known_.at(one.deployment)->model == known_.at(other.deployment)->model) return;  // one model at two providers
  const Positions a = apart(one.deployment, other.deployment);
  const Positions b = apart(other.deployment, one.deployment);
  const std::size_t here = position(tier);
  if (a.contains(here) && b.contains(here)) return;  // both belong to this tier
  std::size_t highest = 0;
  for (const auto& each : route.tiers)
    if (const std::size_t at = position(each.first); at < spec_.tiers.size()) highest = std::max(highest, at);
  const auto below = [&](const Positions& all) { return !all.empty() && *all.begin() < here; };
  const auto above = [&](const Positions& all) { return !all.empty() && *all.rbegin() > here; };
  const bool ordered = here < spec_.tiers.size();
  const bool lower = ordered && below(a) != below(b);
  // A neighbour that helps out in the tier below is common and cheap. The strongest one, or a router for the weights,
  // is a percentage instead of a decision.
  const bool higher =
      ordered && above(a) != above(b) && (*(above(a) ? a : b).rbegin() >= highest || spread_by_router(route, tier));
  if (!disjoint(a, b) && !lower && !higher) return;
  const auto named = [&](const TierMember& member, const Positions& all) {
    std::string tiers;
    for (const std::size_t each : all) tiers += (tiers.empty() ? "" : ", ") + spec_.tiers[each];
    return in_quotes(member.deployment) + (all.empty() ? "" : " (elsewhere " + tiers + ")");
  };
  warning(path,
          to_string(path) + " spreads requests by weight over deployments of different strength, " + named(one, a) +
              " and " + named(other, b) + ": a percentage is no routing",
          "keep one strength in a tier, and let rules choose the tier");
}

void Advisor::note_names() {
  for (std::size_t i = 0; i < spec_.tiers.size(); ++i) positions_.emplace(spec_.tiers[i], i);
  for (const Deployment& deployment : spec_.deployments) known_.emplace(deployment.name, &deployment);
  std::size_t list = 0;
  for (const RouteSpec& route : spec_.routes)
    for (const auto& [tier, members] : route.tiers) {
      ++list;
      if (const std::size_t at = position(tier); at < spec_.tiers.size())
        for (const TierMember& member : members) standings_[member.deployment].emplace(list, at);
    }
}

Advisor::Positions Advisor::apart(const std::string& one, const std::string& other) {
  Positions out;
  for (const auto& [list, at] : standings_[one])
    if (!standings_[other].contains(list)) out.insert(at);
  return out;
}

bool Advisor::spread_by_router(const RouteSpec& route, const std::string& tier) const {
  return std::ranges::any_of(route.routers, [&](const RouterSpec& router) {
    const auto* const weighted = std::any_cast<WeightedRouterSpec>(&router.options);
    return weighted != nullptr && weighted->tier == tier;
  });
}

void Advisor::advise_prices() {
  std::set<std::string> told;
  for (const RouteSpec& route : spec_.routes) {
    if (passes_through(route.match)) continue;
    advise_prices(route, told);
    for (const RouteSpec* const arm : arms_of(route)) advise_prices(*arm, told);
  }
}

void Advisor::advise_prices(const RouteSpec& route, std::set<std::string>& told) {
  for (const auto& [tier, members] : route.tiers) {
    for (const TierMember& member : members) {
      const std::string_view missing = missing_price(known_.at(member.deployment)->price);
      if (missing.empty() || !told.insert(member.deployment).second) continue;
      const Path path{"deployments", member.deployment};
      report_.warning(
          origins_.key_place(path),
          to_string(path) + " has no " + std::string(missing) + ": what tier " + in_quotes(tier) + " of route " +
              in_quotes(route.name) + " costs is not known",
          "add 'price: {input: ..., output: ...}', in USD per million tokens, 0 for what costs nothing; or give "
          "its model a line in a table (`prices.file`)");
    }
  }
}

std::string Advisor::unpriced(const RouteSpec& route) const {
  for (const auto& [tier, members] : route.tiers)
    for (const TierMember& member : members)
      if (!missing_price(known_.at(member.deployment)->price).empty()) return member.deployment;
  return "";
}

void Advisor::advise_judge_price(const RouteSpec& route) {
  if (!route.quality || !route.quality->judge) return;
  const JudgeSpec& judge = *route.quality->judge;
  const Path path = path_of(route) / "quality" / "judge";
  for (const std::string& name : {judge.deployment, judge.baseline})
    if (!name.empty() && !missing_price(known_.at(name)->price).empty())
      return warning(path,
                     to_string(path) + ": the price of " + in_quotes(name) +
                         " is not known, so the budget cannot be kept: nothing is judged",
                     "give it a price: 'price: {input: 0.15, output: 0.6}'");
}

void Advisor::advise_pair_prices(const PairSpec& pair, const RouteSpec& route, const Path& path) {
  std::vector<std::string> asked;
  for (const auto& [tier, members] : route.tiers)
    for (const TierMember& member : members)
      if (tier == pair.cheap || tier == pair.strong) asked.push_back(member.deployment);
  if (const auto* const llm = std::any_cast<LlmPickerSpec>(&pair.picker.options)) asked.push_back(llm->deployment);
  for (const std::string& name : asked) {
    if (missing_price(known_.at(name)->price).empty()) continue;
    return warning(path,
                   to_string(path) + ": the price of " + in_quotes(name) +
                       " is not known, so the budget cannot be kept: requests for it are not drawn",
                   "give it a price: 'price: {input: 0.15, output: 0.6}'");
  }
}

}  // namespace triage::config
