// start = max(pick, held), then
//
//   up    start, start + 1 .. ceiling       (specialist: itself, then the highest tier)
//   down  start - 1 .. floor                (only if none of `up` can take the request)
#include "pipeline/plan.hpp"

#include "base/text.hpp"
#include "pipeline/pointer_set.hpp"

#include <algorithm>

namespace triage {
namespace {

using Tiers = std::vector<const LiveTier*>;

// The tiers of a route that a decision allows, by index in the order. A bound that would leave nothing is moved to the
// nearest tier that there is.
class Ladder {
 public:
  Ladder(const std::vector<std::string>& order, const Policy& policy, const Decision& decision) : order_(order) {
    for (const std::string& name : order) steps_.push_back(policy.tier(name));
    low_ = decision.floor.empty() ? 0 : place(decision.floor);
    high_ = decision.ceiling.empty() ? order.size() : place(decision.ceiling) + 1;
    if (any(low_, high_)) return;
    if (any(high_, order.size())) {  // when unsure, the stronger one
      while (!any(low_, high_)) ++high_;
    } else {
      while (low_ > 0 && !any(low_, high_)) --low_;
    }
  }

  // A specialist's index is above all others.
  [[nodiscard]] std::size_t place(std::string_view tier) const noexcept {
    return static_cast<std::size_t>(std::ranges::find(order_, tier) - order_.begin());
  }
  [[nodiscard]] bool bounded_above() const noexcept { return high_ < order_.size(); }
  [[nodiscard]] bool allows(std::size_t at) const noexcept { return at >= low_ && at < high_; }

  [[nodiscard]] Tiers up(std::size_t start) const {
    Tiers out;
    for (std::size_t at = std::clamp(start, low_, high_); at < high_; ++at)
      if (steps_[at] != nullptr) out.push_back(steps_[at]);
    return out;
  }
  [[nodiscard]] Tiers down(std::size_t start) const {
    Tiers out;
    for (std::size_t at = std::clamp(start, low_, high_); at-- > low_;)
      if (steps_[at] != nullptr) out.push_back(steps_[at]);
    return out;
  }

 private:
  [[nodiscard]] bool any(std::size_t from, std::size_t to) const noexcept {
    for (std::size_t at = from; at < to; ++at)
      if (steps_[at] != nullptr) return true;
    return false;
  }

  const std::vector<std::string>& order_;
  Tiers steps_;  // by index in the order; null where the route has no such tier
  std::size_t low_ = 0;
  std::size_t high_ = 0;  // one past the last
};

Fit best_fit(const Tiers& tiers, const Needs& needs) noexcept {
  Fit best = Fit::cannot;
  for (const LiveTier* tier : tiers)
    for (const LiveDeployment* member : tier->members) {
      best = std::max(best, fit(*member->spec, needs));
      if (best == Fit::can) return best;
    }
  return best;
}

// Appends the members in an order that the ticket draws by weight, so that members that are passed over leave their
// share to all others. At the list's beginning the conversation's deployment goes first, unless the tier is `listed`.
// The ticket is used up after a few draws; from then on the order is that of the list, those without a weight last.
// Members of which nothing is asked (`least`: cannot) are not looked at.
void add_members(std::vector<Target>& out, const LiveTier& tier, const Needs& needs, Fit least, const Target& like,
                 std::string_view held, std::uint64_t ticket) {
  std::vector<std::size_t> members;
  members.reserve(tier.members.size());
  std::uint64_t weight_sum = 0;
  for (std::size_t i = 0; i < tier.members.size(); ++i) {
    if (least > Fit::cannot && fit(*tier.members[i]->spec, needs) < least) continue;
    members.push_back(i);
    weight_sum += tier.weights[i];
  }
  PointerSet earlier(out.size());  // a tier has each deployment once, but an earlier tier may have it, too
  for (const Target& each : out) earlier.insert({each.deployment});
  out.reserve(out.size() + members.size());
  const auto add = [&](std::size_t member) {
    if (earlier.contains({tier.members[member]})) return;
    Target& target = out.emplace_back(like);
    target.deployment = tier.members[member];
    target.tier = tier.name;
  };
  const auto take = [&](std::size_t at) {
    const std::size_t member = members[at];
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(at));
    weight_sum -= tier.weights[member];
    add(member);
  };
  if (out.empty() && !tier.listed && !held.empty())
    for (std::size_t at = 0; at < members.size() && out.empty(); ++at)
      if (tier.members[members[at]]->spec->name == held) take(at);
  while (ticket > 0 && weight_sum > 0) {
    std::uint64_t rest = ticket % weight_sum;
    ticket /= weight_sum;
    std::size_t at = 0;
    while (rest >= tier.weights[members[at]]) rest -= tier.weights[members[at++]];
    take(at);
  }
  for (const bool weighted : {true, false})
    for (const std::size_t member : members)
      if ((tier.weights[member] > 0) == weighted) add(member);
}

void add_cheaper(Plan& out, const Tiers& below, const Needs& needs, bool all, const Target& like,
                 std::uint64_t ticket) {
  const Fit best = best_fit(below, needs);
  if (best == Fit::cannot) return;
  const Fit least = all ? Fit::cannot : best;
  for (const LiveTier* tier : below) add_members(out.cheaper, *tier, needs, least, like, {}, ticket);
  leave_out(out.cheaper, out.targets);
}

std::vector<const Deployment*> deployments_of(const Policy& policy) {
  std::vector<const Deployment*> out;
  for (const LiveTier& tier : policy.tiers)
    for (const LiveDeployment* member : tier.members) out.push_back(member->spec);
  return out;
}

}  // namespace

void leave_out(std::vector<Target>& targets, const std::vector<Target>& others) {
  PointerSet left_out(others.size());
  for (const Target& other : others) left_out.insert({other.deployment});
  std::erase_if(targets, [&](const Target& target) { return left_out.contains({target.deployment}); });
}

Result<Plan> plan_named(const LiveDeployment& named, const Needs& needs) {
  if (lacking(*named.spec, needs) != 0 || untranslatable(*named.spec, needs))
    return incapable({named.spec}, needs, "deployment " + quoted_name(named.spec->name));
  Plan out;
  out.targets.push_back({{}, &named, {}, {}});
  return out;
}

Result<Plan> plan(const Snapshot& snapshot, const Policy& policy, const Decision& decision, const Needs& needs,
                  const std::optional<Sessions::Remembered>& held, std::uint64_t ticket) {
  Plan out;
  const auto& order = snapshot.spec.tiers;
  const Ladder ladder(order, policy, decision);
  std::string_view start = decision.tier;
  const bool may_hold =
      held && policy.tier(held->tier) != nullptr &&
      (ladder.place(held->tier) < order.size() ? ladder.allows(ladder.place(held->tier)) : !ladder.bounded_above());
  if (may_hold && ladder.place(held->tier) > ladder.place(start)) {
    start = held->tier;
    out.held = true;
    out.note = "held at " + quoted_name(start) + ", where this conversation was answered last";
  }
  Tiers tiers = ladder.up(ladder.place(start));
  Tiers below = ladder.down(ladder.place(start));
  if (ladder.place(start) == order.size()) {  // a specialist: itself, then the highest
    if (const LiveTier* specialist = policy.tier(start)) tiers.push_back(specialist);
    if (!below.empty()) {
      tiers.push_back(below.front());
      below.erase(below.begin());
    }
  }
  Fit least = best_fit(tiers, needs);
  if (least == Fit::cannot) {
    tiers = std::move(below);
    below.clear();
    least = best_fit(tiers, needs);
  }
  if (least == Fit::cannot) return incapable(deployments_of(policy), needs, "route " + quoted_name(policy.route));
  const bool all = all_can(needs, policy.window_least);
  if (all) least = Fit::cannot;
  const Target like{policy.route, nullptr, {}, decision.router};
  for (const LiveTier* tier : tiers)
    add_members(out.targets, *tier, needs, least, like, held ? held->deployment : std::string_view(), ticket);
  if (policy.spec->fallback == FallbackTiers::any) add_cheaper(out, below, needs, all, like, ticket);
  if (out.targets.front().tier != start)
    out.note += (out.note.empty() ? "" : "; ") +
                ("moved to " + quoted_name(out.targets.front().tier) + ": " + quoted_name(start)) +
                (policy.tier(start) == nullptr ? " is no tier of the route" : " cannot take this request");
  return out;
}

}  // namespace triage
