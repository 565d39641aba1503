#pragma once
// One experiment: what the journal says about it, and what that leads to. Its state is a function of the journal's
// lines in their order, and of nothing else, so it is the same after a restart, to the last bit. Pure.
//
// Time is the experiment's own clock: the time for which a gateway ran it. It is measured on the monotonic clock and
// written into the journal with each decision; between two decisions a `tick` tells it. The system's clock, which may
// jump, decides nothing.

#include "experiment/archive.hpp"
#include "experiment/course.hpp"
#include "experiment/guard.hpp"
#include "experiment/line.hpp"
#include "experiment/plan.hpp"
#include "experiment/savings.hpp"
#include "experiment/units.hpp"
#include "statistics/guardrail.hpp"
#include "statistics/multinomial.hpp"
#include "triage/error.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace triage::experiment {

enum class Status : std::uint8_t {
  unknown,      ///< the journal does not know it
  waiting,      ///< a new version, after one that did not end well: for a person to start it
  running,      ///< share of the stage; guardrails watch
  held,         ///< as running, but no stage ends
  paused,       ///< all get control, until a person starts it again
  rolled_back,  ///< all get control; this version never runs again
  promoted      ///< all get the treatment
};

/// What holds it, or what it warns of.
enum class Cause : std::uint8_t { none, guardrail, mismatch, last_stage, person, escalations, units_max };

/// What decisions are called in the journal.
enum class Action : std::uint8_t { start, wait, advance, hold, pause, promote, rollback, warn, tick };

}  // namespace triage::experiment

namespace triage {
template <>
inline constexpr std::array<std::string_view, 7> words<experiment::Status>{"unknown", "waiting",     "running", "held",
                                                                           "paused",  "rolled_back", "promoted"};
template <>
inline constexpr std::array<std::string_view, 7> words<experiment::Cause>{
    "none", "guardrail", "mismatch", "last_stage", "person", "escalations", "units_max"};
template <>
inline constexpr std::array<std::string_view, 9> words<experiment::Action>{
    "start", "wait", "advance", "hold", "pause", "promote", "rollback", "warn", "tick"};
}  // namespace triage

namespace triage::experiment {

/// Evidence that reached its bound.
struct Breach {
  std::string guardrail;  ///< a signal, or "disaster"
  double log_evidence = 0;
  double log_bound = 0;
};

class Experiment {
 public:
  explicit Experiment(std::string name) : name_(std::move(name)) {}

  void fold(const Sighting& seen);
  void fold(const Decision& decided);

  // What follows decides, and changes nothing: a decision counts when it is folded.

  /// The experiment as the configuration now has it. A decision, if that is a version that the journal does not know.
  [[nodiscard]] std::optional<Decision> configured(std::string_view version, const Plan& plan) const;
  /// What the experiment itself decides at `clock_ms`.
  [[nodiscard]] std::optional<Decision> due(std::int64_t clock_ms) const;
  /// What a person, or a watch for drift, wants: start, hold, pause, promote or rollback. Of a decision without an
  /// action nothing is to be done, because it is so already. Error: the state does not allow it. `plan`: of the version
  /// that is configured; null: none is.
  [[nodiscard]] Result<Decision> wanted(Action action, std::string_view version, const Plan* plan,
                                        std::int64_t clock_ms) const;
  /// The state as one decision: folded into an experiment that knows nothing, it leads to the same state without what
  /// was observed. Only if the journal knows it.
  [[nodiscard]] Decision summary() const;
  /// What the current stage waits for, in words; empty: nothing.
  [[nodiscard]] std::vector<std::string> waits_for(std::int64_t clock_ms) const;
  [[nodiscard]] std::optional<Breach> breach() const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& version() const noexcept { return version_; }
  [[nodiscard]] Status status() const noexcept { return status_; }
  [[nodiscard]] Cause cause() const noexcept { return cause_; }
  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  [[nodiscard]] std::size_t stage() const noexcept { return current_; }
  /// Of the treatment, for requests of `version`.
  [[nodiscard]] double share_of(std::string_view version) const noexcept { return version == version_ ? share_ : 0; }
  [[nodiscard]] double share() const noexcept { return share_; }
  [[nodiscard]] std::int64_t clock_ms() const noexcept { return clock_ms_; }
  /// Whether its clock runs.
  [[nodiscard]] bool ticks() const noexcept { return status_ == Status::running || status_ == Status::held; }
  [[nodiscard]] std::int64_t stage_elapsed_ms(std::int64_t clock_ms) const noexcept;
  [[nodiscard]] std::int64_t since_unix_ms() const noexcept { return since_unix_ms_; }
  /// Units seen since the stage began.
  [[nodiscard]] std::uint64_t stage_units(bool treated) const noexcept { return stage_units_[treated ? 1 : 0]; }
  [[nodiscard]] std::uint64_t requests(bool treated) const noexcept { return requests_[treated ? 1 : 0]; }
  [[nodiscard]] std::size_t units() const noexcept { return units_.size(); }
  [[nodiscard]] std::uint64_t units_dropped() const noexcept { return units_dropped_; }
  [[nodiscard]] const std::vector<Guard>& guards() const noexcept { return guards_; }
  /// Of each guard, as of the decisions and ticks.
  [[nodiscard]] const std::vector<Course>& courses() const noexcept { return courses_; }
  [[nodiscard]] double log_bound(std::size_t guard) const;
  [[nodiscard]] const statistics::DisasterTest& disaster() const noexcept { return disaster_; }
  [[nodiscard]] const statistics::MultinomialTest& mismatch() const noexcept { return mismatch_; }
  [[nodiscard]] const Savings& savings() const noexcept { return savings_; }
  [[nodiscard]] double escalation_share() const noexcept;
  [[nodiscard]] const std::deque<Decision>& decisions() const noexcept { return decisions_; }  ///< newest last
  [[nodiscard]] const std::set<std::string>& rolled_back() const noexcept { return rolled_back_; }
  void remember_rolled_back(const std::string& version) { rolled_back_.insert(version); }
  [[nodiscard]] std::size_t bytes() const noexcept;

  template <class A>
  friend void archive(A& a, Experiment& it);

 private:
  /// What is kept of a unit.
  struct Seen {
    std::uint16_t hour = 0;  ///< of the disaster rule, counted from 1; 0: never
    std::uint8_t stage = 0;  ///< `stage_number_` when it was last seen
    std::uint8_t drawn = 0;  ///< 1: the mismatch test has it
  };

  void begin(const Decision& decided, Plan plan);
  void advance_clock(std::int64_t clock_ms);
  void enter(const Decision& decided, Status status);
  void count(std::uint32_t unit, const Sighting& seen);
  void count_request(Seen& unit, const Sighting& seen);
  [[nodiscard]] Decision decision(Action action, std::int64_t clock_ms) const;
  [[nodiscard]] Decision started(std::string_view version, const Plan& plan, Action action) const;
  [[nodiscard]] std::optional<Decision> at_end_of_stage(std::int64_t clock_ms) const;
  [[nodiscard]] std::optional<Decision> at_breach(std::int64_t clock_ms) const;
  [[nodiscard]] std::optional<Decision> at_mismatch(std::int64_t clock_ms) const;
  [[nodiscard]] std::optional<Decision> warning(std::int64_t clock_ms) const;
  [[nodiscard]] bool has_warned(Cause cause) const noexcept {
    return (warned_ >> static_cast<unsigned>(cause) & 1) != 0;
  }
  [[nodiscard]] std::string_view refusal_to_start() const noexcept;
  [[nodiscard]] std::uint16_t hour() const noexcept;

  std::string name_;
  std::string version_;
  Plan plan_;
  Status status_ = Status::unknown;
  Cause cause_ = Cause::none;
  std::uint64_t current_ = 0;
  double share_ = 0;
  std::int64_t clock_ms_ = 0;
  std::int64_t stage_elapsed_ms_ = 0;  // at clock_ms_
  std::int64_t since_unix_ms_ = 0;     // the last decision but ticks and warnings
  std::uint8_t stage_number_ = 1;      // grows with each stage that begins; never 0
  std::uint8_t warned_ = 0;            // a bit for each Cause
  Units units_{1'000'000};
  std::vector<Seen> seen_;  // by the unit's number
  std::uint64_t units_dropped_ = 0;
  std::array<std::uint64_t, 2> stage_units_{};
  std::array<std::uint64_t, 2> requests_{};
  std::uint64_t escalated_ = 0;  // of the treatment's requests
  std::vector<Guard> guards_;
  std::vector<Course> courses_;  // one for each guard
  statistics::DisasterTest disaster_;
  statistics::MultinomialTest mismatch_;
  Savings savings_;
  std::deque<Decision> decisions_;
  std::set<std::string> rolled_back_;  // versions
};

/// The bound on the evidence of a sample ratio mismatch: alpha 0.001.
double mismatch_bound();
/// Between two ticks, while nothing else tells the time.
std::int64_t tick_every_ms(const Plan& plan);

template <class A>
void archive(A& a, Decision& it) {
  archive(a, it.name);
  archive(a, it.version);
  archive(a, it.time_unix_ms);
  archive(a, it.route);
  archive(a, it.action);
  archive(a, it.actor);
  archive(a, it.stage);
  archive(a, it.share);
  archive(a, it.reason);
  archive(a, it.figures);
  archive(a, it.clock_ms);
}

template <class A>
void archive(A& a, Experiment& it) {
  std::string plan = it.status_ == Status::unknown ? "" : plan_json(it.plan_);
  archive(a, it.version_);
  archive(a, plan);
  archive(a, it.status_);
  archive(a, it.cause_);
  if constexpr (A::loads) {
    it.plan_ = read_plan(plan).value_or(Plan());
    it.units_ = Units(it.plan_.units_max);
    it.guards_.clear();
    for (const GuardrailSpec& guardrail : it.plan_.guardrails) it.guards_.emplace_back(guardrail, it.plan_.window_ms);
  }
  archive(a, it.current_);
  archive(a, it.share_);
  archive(a, it.clock_ms_);
  archive(a, it.stage_elapsed_ms_);
  archive(a, it.since_unix_ms_);
  archive(a, it.stage_number_);
  archive(a, it.warned_);
  archive(a, it.units_);
  archive(a, it.seen_);
  archive(a, it.units_dropped_);
  archive(a, it.stage_units_);
  archive(a, it.requests_);
  archive(a, it.escalated_);
  for (Guard& guard : it.guards_) archive(a, guard);
  it.courses_.resize(it.guards_.size());
  for (Course& course : it.courses_) archive(a, course);
  archive_test(a, it.disaster_);
  archive_test(a, it.mismatch_);
  archive(a, it.savings_);
  archive(a, it.decisions_);
  archive(a, it.rolled_back_);
}

}  // namespace triage::experiment
