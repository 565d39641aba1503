#include "experiment/experiment.hpp"

#include "experiment/figures.hpp"

#include <algorithm>

namespace triage::experiment {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::size_t decisions_kept = 20;

}  // namespace

void Experiment::begin(const Decision& decided, Plan plan) {
  const std::int64_t clock_ms = std::max<std::int64_t>(clock_ms_, decided.clock_ms);
  Experiment fresh(name_);
  fresh.rolled_back_ = std::move(rolled_back_);
  fresh.decisions_ = std::move(decisions_);
  fresh.clock_ms_ = clock_ms;
  fresh.version_ = decided.version;
  fresh.plan_ = std::move(plan);
  fresh.units_ = Units(fresh.plan_.units_max);
  for (const GuardrailSpec& guardrail : fresh.plan_.guardrails)
    fresh.guards_.emplace_back(guardrail, fresh.plan_.window_ms);
  fresh.courses_.resize(fresh.guards_.size());
  *this = std::move(fresh);
}

std::uint16_t Experiment::hour() const noexcept {
  return static_cast<std::uint16_t>(clock_ms_ / hour_ms % 0xffff + 1);
}

void Experiment::advance_clock(std::int64_t clock_ms) {
  if (clock_ms <= clock_ms_) return;
  const std::int64_t hours = clock_ms / hour_ms - clock_ms_ / hour_ms;
  if (status_ == Status::running) stage_elapsed_ms_ += clock_ms - clock_ms_;
  clock_ms_ = clock_ms;
  if (hours > 0) disaster_.next_epoch();
  for (Guard& guard : guards_) guard.advance(clock_ms);
}

void Experiment::enter(const Decision& decided, Status status) {
  const auto stage = static_cast<std::uint64_t>(std::max<std::int64_t>(decided.stage, 0));
  if (stage != current_ || status_ == Status::unknown || status_ == Status::waiting) {
    current_ = stage;
    stage_elapsed_ms_ = 0;
    stage_units_ = {};
    if (++stage_number_ == 0) ++stage_number_;
  }
  status_ = status;
  share_ = decided.share;
  since_unix_ms_ = decided.time_unix_ms;
}

// Each decision says what is in force from then on, so that one that is there twice does no harm.
void Experiment::fold(const Decision& decided) {
  const auto action = from_word<Action>(decided.action);
  if (!action) return;
  if (*action == Action::rollback) rolled_back_.insert(decided.version);
  const auto plan = plan_in_figures(decided.figures);
  const bool other = decided.version != version_ || status_ == Status::unknown;
  if (other && !plan) return;  // about a version that is over
  if (other || (*action == Action::start && status_ == Status::waiting && plan)) begin(decided, *plan);
  if (status_ == Status::rolled_back) return;  // whatever comes later
  advance_clock(decided.clock_ms);
  for (std::size_t i = 0; i < guards_.size(); ++i) courses_[i].look(guards_[i], plan_.alpha, decided.time_unix_ms);
  if (*action == Action::tick) return;
  decisions_.push_back(decided);
  if (decisions_.size() > decisions_kept) decisions_.pop_front();
  switch (*action) {
    case Action::start:
      if (status_ == Status::held && cause_ == Cause::mismatch) mismatch_ = {};
      cause_ = Cause::none;
      return enter(decided, Status::running);
    case Action::wait: return enter(decided, Status::waiting);
    case Action::advance: return enter(decided, Status::running);
    case Action::hold: cause_ = cause_in_figures(decided.figures); return enter(decided, Status::held);
    case Action::pause: return enter(decided, Status::paused);
    case Action::promote: return enter(decided, Status::promoted);
    case Action::rollback: return enter(decided, Status::rolled_back);
    case Action::warn:
      warned_ |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(cause_in_figures(decided.figures)));
      return;
    case Action::tick: return;
  }
}

void Experiment::fold(const Sighting& seen) {
  if (seen.version != version_ || !(seen.share > 0 && seen.share < 1)) return;
  const auto found = units_.find(seen.unit);
  if (!found) {
    ++units_dropped_;
    return;
  }
  if (seen_.size() <= found->number) seen_.resize(found->number + 1UL);
  count(found->number, seen);
}

void Experiment::count(std::uint32_t unit, const Sighting& seen) {
  if (seen.request) count_request(seen_[unit], seen);
  if (seen.cost_nano_usd) savings_.add(unit, seen.treated, seen.request ? 1 : 0, *seen.cost_nano_usd);
  for (Guard& guard : guards_)
    if (const auto& value = seen[guard.spec().signal]) guard.add(unit, seen.treated, seen.share, *value, clock_ms_);
}

void Experiment::count_request(Seen& unit, const Sighting& seen) {
  if (unit.drawn == 0) mismatch_.add(seen.treated, seen.share);
  unit.drawn = 1;
  const auto& error = seen[QualitySignal::error];
  if (!error) return;
  const std::size_t arm = seen.treated ? 1 : 0;
  ++requests_[arm];
  if (seen.treated && seen[QualitySignal::escalation].value_or(0) > 0) ++escalated_;
  if (unit.stage != stage_number_ && seen.share == share_) {
    unit.stage = stage_number_;
    ++stage_units_[arm];
  }
  if (unit.hour == hour()) return;
  unit.hour = hour();
  disaster_.add({seen.treated, seen.share, *error});
}

std::int64_t Experiment::stage_elapsed_ms(std::int64_t clock_ms) const noexcept {
  return stage_elapsed_ms_ + (status_ == Status::running ? std::max<std::int64_t>(0, clock_ms - clock_ms_) : 0);
}

double Experiment::escalation_share() const noexcept {
  return requests_[1] > 0 ? static_cast<double>(escalated_) / static_cast<double>(requests_[1]) : 0;
}

double Experiment::log_bound(std::size_t guard) const {
  double weights = 0;
  for (const GuardrailSpec& each : plan_.guardrails) weights += each.weight;
  return statistics::guardrail_threshold(plan_.alpha, plan_.guardrails[guard].weight, weights);
}

std::size_t Experiment::bytes() const noexcept {
  std::size_t bytes = units_.bytes() + seen_.capacity() * sizeof(Seen) + savings_.bytes();
  for (const Guard& guard : guards_) bytes += guard.bytes();
  for (const Course& course : courses_) bytes += course.bytes();
  return bytes;
}

}  // namespace triage::experiment
