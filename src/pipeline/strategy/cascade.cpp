#include "pipeline/strategy/cascade.hpp"

namespace triage {

Cascade::Cascade(std::size_t tiers, std::uint32_t escalations_max, bool forced)
    : tiers_(tiers), escalations_max_(escalations_max) {
  if (!forced || tiers < 2) return;
  tier_ = 1;
  ++escalations_;
}

bool Cascade::holds(std::size_t tier) const noexcept {
  return tier + 1 < tiers_ && escalations_ < escalations_max_;
}

Cascade::Step Cascade::start() const {
  return {Act::call, tier_};
}

Cascade::Step Cascade::called(Called how, std::size_t tier) {
  if (how == Called::sent) return {Act::done, tier};
  if (how == Called::failed) return settle();
  tier_ = tier;
  if (how == Called::rejected) return escalate();
  held_ = tier;
  return {Act::verify, tier};
}

Cascade::Step Cascade::verified(bool accepted, bool time_left) {
  if (accepted || !time_left) return settle();
  return escalate();
}

Cascade::Step Cascade::escalate() {
  if (!holds(tier_)) return settle();
  ++escalations_;
  ++tier_;
  return {Act::call, tier_};
}

// The held answer is released, good or not.
Cascade::Step Cascade::settle() const {
  if (held_ == none) return {Act::fail, tier_};
  return {Act::release, held_};
}

}  // namespace triage
