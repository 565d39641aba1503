#pragma once
// A made-up journal for experiments: lines in order, and the decisions that the experiment itself takes in between.

#include "experiment/engine.hpp"
#include "experiment/figures.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace triage::experiment {

/// The same numbers everywhere and always (splitmix64).
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t whole() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double share() { return static_cast<double>(whole() >> 11) * 0x1p-53; }
  bool with(double probability) { return share() < probability; }

 private:
  std::uint64_t state_;
};

/// The place of a unit in [0,1), as the assignment has it.
inline double place_of(std::uint64_t unit) {
  Chance chance(unit);
  return chance.share();
}

inline Plan plan_with(std::vector<GuardrailSpec> guardrails, std::vector<StageSpec> stages = {},
                      std::int64_t window_ms = 0) {
  Plan plan;
  plan.route = "chat";
  plan.window_ms = window_ms;
  plan.guardrails = std::move(guardrails);
  plan.stages = stages.empty() ? std::vector<StageSpec>{{0.1, milliseconds(1000), 50},
                                                        {0.5, milliseconds(1000), 50},
                                                        {1, milliseconds(0), 0}}
                               : std::move(stages);
  return plan;
}

/// Writes what the experiment decides into the journal, and folds it, as the controller does.
class Journal {
 public:
  explicit Journal(std::string name = "cheaper") : name_(std::move(name)) {}

  std::vector<JournalLine> lines;
  Engine engine;

  [[nodiscard]] const Experiment& experiment() const { return *engine.find(name_); }
  [[nodiscard]] Status status() const { return experiment().status(); }

  void add(JournalLine line) {
    engine.fold(line);
    lines.push_back(std::move(line));
  }
  void configure(const std::string& version, const Plan& plan) {
    if (auto decided = engine.at(name_).configured(version, plan)) add(std::move(*decided));
  }
  /// Decides as of `clock_ms` until nothing is left to decide. Returns the actions.
  std::vector<std::string> decide(std::int64_t clock_ms) {
    std::vector<std::string> actions;
    while (auto decided = experiment().due(clock_ms)) {
      actions.push_back(decided->action);
      add(std::move(*decided));
      if (actions.size() > 10) throw std::logic_error("it does not stop to decide");
    }
    return actions;
  }
  /// A person's wish. False: refused.
  bool want(Action action, const std::string& version, const Plan* plan, std::int64_t clock_ms) {
    auto decided = engine.at(name_).wanted(action, version, plan, clock_ms);
    if (!decided) return false;
    decided->actor = "ops";
    if (!decided->action.empty()) add(std::move(*decided));
    return true;
  }
  /// A sighting of `unit`, in the arm that the share in force gives it.
  [[nodiscard]] Sighting sighting(std::uint64_t unit) const {
    Sighting seen;
    seen.name = name_;
    seen.version = experiment().version();
    seen.unit = unit;
    seen.share = experiment().share();
    seen.treated = place_of(unit) < seen.share;
    seen.request = true;
    seen[QualitySignal::error] = 0;
    return seen;
  }
  void request(std::uint64_t unit, const std::function<void(Sighting&)>& with = nullptr) {
    Sighting seen = sighting(unit);
    if (with) with(seen);
    add(std::move(seen));
  }

 private:
  std::string name_;
};

}  // namespace triage::experiment
