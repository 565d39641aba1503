#include "pipeline/cascade.hpp"

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
  if (how == Called::failed) return {holding_ ? Act::release : Act::fail, stage_};
  stage_ = stage;
  if (how == Called::rejected) return escalate();
  holding_ = true;
  return {Act::verify, stage};
}

Cascade::Step Cascade::verified(bool accepted, bool time_left) {
  if (accepted || !time_left || !holds(stage_)) return {Act::release, stage_};
  return escalate();
}

Cascade::Step Cascade::escalate() {
  if (!holds(stage_)) return {holding_ ? Act::release : Act::fail, stage_};
  ++escalations_;
  ++stage_;
  return {Act::call, stage_};
}

}  // namespace triage
