// What an experiment decides, and what it lets people decide.
#include "experiment/figures.hpp"
#include "statistics/betting.hpp"
#include "statistics/guardrail.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace triage::experiment {
namespace {

constexpr double mismatch_alpha = 0.001;
constexpr double speaks_from = 0.5;  // of the bound's logarithm: a guardrail speaks against the treatment
constexpr std::uint64_t escalations_judged_from = 50;  // requests

std::string evidence_text(double log_evidence, double log_bound) {
  char text[80];
  std::snprintf(text, sizeof text, "evidence %.4g, bound %.4g", std::exp(log_evidence), std::exp(log_bound));
  return text;
}

std::string means_text(const Guard& guard) {
  return percent(guard.arm(true).mean()) + " with the treatment, " + percent(guard.arm(false).mean()) + " with control";
}

Error refused(const std::string& name, std::string_view why) {
  return {ErrorCode::conflict, "experiment '" + name + "' " + std::string(why)};
}

void add_figures(Decision& decision, const Experiment& experiment, Cause cause) {
  Json figures = figures_of(experiment, decision.clock_ms);
  figures["cause"] = word(cause);
  decision.figures = text_of(figures);
}

}  // namespace

double mismatch_bound() {
  return statistics::log_threshold(mismatch_alpha);
}

std::int64_t tick_every_ms(const Plan& plan) {
  return std::clamp<std::int64_t>(plan.window_ms / 10, 1000, 60'000);
}

Decision Experiment::decision(Action action, std::int64_t clock_ms) const {
  Decision out;
  out.name = name_;
  out.version = version_;
  out.route = plan_.route;
  out.action = word(action);
  out.stage = static_cast<std::int64_t>(current_);
  out.share = share_;
  out.clock_ms = clock_ms;
  return out;
}

Decision Experiment::started(std::string_view version, const Plan& plan, Action action) const {
  Decision out = decision(action, clock_ms_);
  out.version = version;
  out.route = plan.route;
  out.stage = 0;
  out.share = action == Action::start ? plan.stages.front().share : 0;
  Json figures;
  figures["clock_ms"] = clock_ms_;
  figures["plan"] = Json::parse(plan_json(plan));
  out.figures = text_of(figures);
  return out;
}

Decision Experiment::summary() const {
  constexpr std::array<Action, words<Status>.size()> actions{
      Action::tick, Action::wait, Action::start, Action::hold, Action::pause, Action::rollback, Action::promote};
  Decision out = decision(actions[static_cast<std::size_t>(status_)], clock_ms_);
  out.time_unix_ms = since_unix_ms_;
  Json figures;
  figures["clock_ms"] = clock_ms_;
  figures["cause"] = word(cause_);
  figures["plan"] = Json::parse(plan_json(plan_));
  out.figures = text_of(figures);
  return out;
}

std::optional<Decision> Experiment::configured(std::string_view version, const Plan& plan) const {
  if (status_ != Status::unknown && version == version_) return std::nullopt;
  if (rolled_back_.contains(std::string(version))) {
    Decision out = started(version, plan, Action::rollback);
    out.reason = "this version was rolled back before; to try again, change it";
    return out;
  }
  const bool well = status_ == Status::unknown || status_ == Status::running || status_ == Status::promoted;
  Decision out = started(version, plan, well ? Action::start : Action::wait);
  if (out.action == word(Action::start))
    out.reason = status_ == Status::unknown ? "it is new" : "it was changed";
  else
    out.reason = "a new version waits for a person, because one before it was rolled back, paused or held";
  return out;
}

std::optional<Breach> Experiment::breach() const {
  const double bound = statistics::disaster_threshold(plan_.alpha);
  if (disaster_.log_evidence() >= bound) return Breach{"disaster", disaster_.log_evidence(), bound};
  for (std::size_t i = 0; i < guards_.size(); ++i)
    if (guards_[i].log_evidence() >= log_bound(i))
      return Breach{std::string(word(guards_[i].spec().signal)), guards_[i].log_evidence(), log_bound(i)};
  return std::nullopt;
}

std::vector<std::string> Experiment::waits_for(std::int64_t clock_ms) const {
  std::vector<std::string> out;
  const StageSpec& stage = plan_.stages[std::min<std::size_t>(current_, plan_.stages.size() - 1)];
  if (const auto left = stage.at_least.count() - stage_elapsed_ms(clock_ms); left > 0)
    out.push_back("time: " + std::to_string((left + 999) / 1000) + " s more");
  const std::uint64_t units_min = std::max<std::uint64_t>(1, stage.units_min);
  for (const bool treated : {false, true})
    if (stage_units(treated) < units_min)
      out.push_back(std::string(treated ? "treatment" : "control") + " has seen " +
                    std::to_string(stage_units(treated)) + " of " + std::to_string(units_min) + " units");
  for (std::size_t i = 0; i < guards_.size(); ++i) {
    const Guard& guard = guards_[i];
    const std::string name(word(guard.spec().signal));
    if (guard.arm(false).count == 0 || guard.arm(true).count == 0)
      out.push_back(name + ": nothing is known of it yet in both arms");
    else if (guard.log_evidence() >= log_bound(i) * speaks_from)
      out.push_back(name + " speaks against the treatment so far: " + means_text(guard));
  }
  return out;
}

std::optional<Decision> Experiment::at_end_of_stage(std::int64_t clock_ms) const {
  if (!waits_for(clock_ms).empty()) return std::nullopt;
  const std::size_t next = current_ + 1;
  const bool last = next >= plan_.stages.size();
  const double share = last ? share_ : plan_.stages[next].share;
  Decision out = decision(last ? Action::hold : share >= 1 ? Action::promote : Action::advance, clock_ms);
  if (!last) out.stage = static_cast<std::int64_t>(next);
  out.share = share;
  out.reason = last         ? "the last stage is over: promote it or roll it back"
               : share >= 1 ? "all stages are over: all get the treatment; write it into the route"
                            : "stage " + std::to_string(current_ + 1) + " of " + std::to_string(plan_.stages.size()) +
                                  " is over: no guardrail speaks against it";
  add_figures(out, *this, last ? Cause::last_stage : Cause::none);
  return out;
}

std::optional<Decision> Experiment::at_breach(std::int64_t clock_ms) const {
  const auto broken = breach();
  if (!broken || (status_ == Status::held && cause_ == Cause::guardrail)) return std::nullopt;
  const bool back = plan_.on_breach == OnBreach::rollback;
  Decision out = decision(back ? Action::rollback : Action::hold, clock_ms);
  if (back) out.share = 0;
  out.reason = broken->guardrail + ": " + evidence_text(broken->log_evidence, broken->log_bound);
  for (const Guard& guard : guards_)
    if (word(guard.spec().signal) == broken->guardrail) out.reason += "; " + means_text(guard);
  add_figures(out, *this, Cause::guardrail);
  return out;
}

std::optional<Decision> Experiment::at_mismatch(std::int64_t clock_ms) const {
  if (mismatch_.log_evidence() < mismatch_bound()) return std::nullopt;
  Decision out = decision(Action::hold, clock_ms);
  char text[160];
  std::snprintf(
      text, sizeof text,
      "sample ratio mismatch: %llu of %llu units got the treatment, %.1f were to be expected; what is compared "
      "may not be alike",
      static_cast<unsigned long long>(mismatch_.treated()), static_cast<unsigned long long>(mismatch_.units()),
      mismatch_.treated_expected());
  out.reason = text;
  add_figures(out, *this, Cause::mismatch);
  return out;
}

std::optional<Decision> Experiment::warning(std::int64_t clock_ms) const {
  Decision out = decision(Action::warn, clock_ms);
  if (!has_warned(Cause::escalations) && requests_[1] >= escalations_judged_from &&
      escalation_share() > plan_.escalation_share) {
    out.reason = "the treatment escalates " + percent(escalation_share()) + " of its requests, more than " +
                 percent(plan_.escalation_share) + ": its cheap model gets requests that it cannot answer";
    add_figures(out, *this, Cause::escalations);
    return out;
  }
  if (has_warned(Cause::units_max) || units_dropped_ == 0) return std::nullopt;
  out.reason = "it has seen " + std::to_string(plan_.units_max) + " units, as many as units_max: new ones do not count";
  add_figures(out, *this, Cause::units_max);
  return out;
}

std::optional<Decision> Experiment::due(std::int64_t clock_ms) const {
  if (!ticks()) return std::nullopt;
  if (auto out = at_breach(clock_ms)) return out;
  if (status_ == Status::running) {
    if (auto out = at_mismatch(clock_ms)) return out;
    if (auto out = at_end_of_stage(clock_ms)) return out;
  }
  if (auto out = warning(clock_ms)) return out;
  if (clock_ms - clock_ms_ < tick_every_ms(plan_)) return std::nullopt;
  Decision out = decision(Action::tick, clock_ms);
  out.figures = R"({"clock_ms":)" + std::to_string(clock_ms) + "}";
  return out;
}

std::string_view Experiment::refusal_to_start() const noexcept {
  if (status_ == Status::rolled_back)
    return "was rolled back, and this version never runs again: change its configuration, which makes a new version, "
           "then start it";
  if (status_ == Status::promoted) return "is promoted: all get the treatment; write it into the route";
  if (status_ == Status::held && cause_ == Cause::guardrail)
    return "is held by a guardrail whose evidence stays: roll it back, or promote it all the same";
  return "";
}

Result<Decision> Experiment::wanted(Action action, std::string_view version, const Plan* plan,
                                    std::int64_t clock_ms) const {
  const bool known = status_ != Status::unknown;
  Decision out = decision(action, clock_ms);
  Decision nothing = out;
  nothing.action.clear();
  if (action == Action::start) {
    if (plan == nullptr) return refused(name_, "is in no route of the configuration");
    if (!known || version != version_ || status_ == Status::waiting) {
      if (rolled_back_.contains(std::string(version)))
        return refused(name_, "was rolled back in this version: change its configuration, then start it");
      return started(version, *plan, Action::start);
    }
    if (status_ == Status::running) return nothing;
    if (const auto why = refusal_to_start(); !why.empty()) return refused(name_, why);
    out.share = plan_.stages[std::min<std::size_t>(current_, plan_.stages.size() - 1)].share;
  } else if (!known) {
    return refused(name_, "has not begun yet");
  } else if (action == Action::hold) {
    if (status_ == Status::held) return nothing;
    if (status_ != Status::running)
      return refused(name_, "is " + std::string(word(status_)) + ": only a running one can be held");
  } else if (action == Action::pause) {
    if (status_ == Status::paused) return nothing;
    if (!ticks()) return refused(name_, "is " + std::string(word(status_)) + ": only a running one can be paused");
    out.share = 0;
  } else if (action == Action::promote) {
    if (status_ == Status::promoted) return nothing;
    if (!ticks() && status_ != Status::paused)
      return refused(name_, "is " + std::string(word(status_)) + ": only a running one can be promoted");
    out.stage = static_cast<std::int64_t>(plan_.stages.size()) - 1;
    out.share = 1;
  } else {
    if (status_ == Status::rolled_back) return nothing;
    out.share = 0;
  }
  add_figures(out, *this, Cause::person);
  return out;
}

}  // namespace triage::experiment
