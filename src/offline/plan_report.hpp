#pragma once
// A plan for people, for programs, and as a page.

#include "offline/plan.hpp"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace triage::offline {

struct PlanSubject {
  std::optional<double> share_weak;  ///< of requests that go to the weak model, if that is settled
  bool has_quality = false;          ///< qualities are known; else only costs are computed
  std::vector<std::string> notes;    ///< for people: where the figures come from
};

std::string plan_text(const PlanSubject& subject, const Workload& work);
nlohmann::ordered_json plan_json(const PlanSubject& subject, const Workload& work);
/// Needs has_quality. A page that needs nothing but itself: cost a day by accuracy, and the text.
std::string plan_page(const PlanSubject& subject, const Workload& work);

}  // namespace triage::offline
