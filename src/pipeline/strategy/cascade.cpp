#include "pipeline/strategy/cascade.hpp"

namespace triage {

Cascade::Cascade(std::size_t stages, std::uint32_t escalations_max, bool forced)
    : stages_(stages), escalations_max_(escalations_max) {
  if (!forced || stages < 2) return;
  stage_ = 1;
  ++escalations_;
}

bool Cascade::holds(std::size_t stage) const noexcept {
  return stage + 1 < stages_ && escalations_ < escalations_max_;
}

Cascade::Step Cascade::start() const {
  return {Act::call, stage_};
}

Cascade::Step Cascade::called(Called how, std::size_t stage) {
  if (how == Called::sent) return {Act::done, stage};
  if (how == Called::failed) return settle();
  stage_ = stage;
  if (how == Called::rejected) return escalate();
  held_ = stage;
  return {Act::verify, stage};
}

Cascade::Step Cascade::verified(bool accepted, bool time_left) {
  if (accepted || !time_left) return settle();
  return escalate();
}

Cascade::Step Cascade::escalate() {
  if (!holds(stage_)) return settle();
  ++escalations_;
  ++stage_;
  return {Act::call, stage_};
}

// What is held is given, be it good or not.
Cascade::Step Cascade::settle() const {
  if (held_ == none) return {Act::fail, stage_};
  return {Act::release, held_};
}

}  // namespace triage
