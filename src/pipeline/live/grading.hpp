#pragma once
// How the answers of a policy are graded: its judge and its mechanical graders, ready to use.

#include "pipeline/live/daily_budget.hpp"
#include "pipeline/live/live_state.hpp"
#include "pipeline/live/snapshot.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace triage {

namespace judge {
class Grader;
}

struct LiveJudge {
  const JudgeSpec* spec = nullptr;
  const LiveDeployment* deployment = nullptr;
  const LiveDeployment* baseline = nullptr;  ///< that answers are compared with; null: pointwise
  std::string version;
  DailyBudget* budget = nullptr;     ///< kept by the route's name; outlives the snapshot
  std::array<Counter*, 8> grades{};  ///< by words<judge::Finding>
  Counter* over_budget = nullptr;
  Counter* cost_nano_usd = nullptr;
};

struct LiveGrader {
  std::string name;  ///< that its grades go by
  std::string version;
  double share = 1;
  bool blocks = false;  ///< it is run on a thread of its own
  milliseconds timeout{0};
  std::shared_ptr<const judge::Grader> grader;
  Counter* graded = nullptr;
  Counter* not_enough = nullptr;
};

struct LiveGrading {
  std::optional<LiveJudge> judge;
  std::vector<LiveGrader> graders;  ///< those that need no reference
};

/// Null: the policy's route grades nothing. `policy` must have its tiers.
std::shared_ptr<const LiveGrading> live_grading(const Snapshot& snapshot, const Policy& policy, Metrics& metrics,
                                                LiveState& live_state);

}  // namespace triage
