#pragma once
// Which deployments may answer a request, in the order in which they are asked. Pure.
//
// The plan starts at the tier that the chain picked, or at the higher one that holds the conversation's prompt cache.
// From there it goes up, tier by tier, and within each by weight; from a specialist it goes to the highest tier of the
// order. It stays within floor and ceiling, and skips deployments that cannot take the request. Deployments that do not
// state what they can do are asked only if no other can. If nothing from the start upwards can take the request, the
// nearest tier below is asked, down to the floor.

#include "pipeline/capability.hpp"
#include "pipeline/live/sessions.hpp"
#include "pipeline/resolve.hpp"

#include <optional>
#include <string>
#include <vector>

namespace triage {

/// Views live as long as the snapshot.
struct Target {
  std::string_view route;  ///< its name; empty: the client named a deployment
  const LiveDeployment* deployment = nullptr;
  std::string_view tier;      ///< empty without a route
  std::string_view router;    ///< kind of the router that picked; empty without a route
  std::uint32_t attempt = 1;  ///< of this request, counted from 1
  bool own_model = true;  ///< false: it is asked for another model than its own, or for none, as its provider's way in
};

struct Plan {
  std::vector<Target> targets;  ///< at least one
  std::string note;             ///< why they do not start with the tier that the chain chose; empty: they do
  std::vector<Target> cheaper;  ///< where the route says so: who is asked when all of these fail, nearest tier first
  bool held = false;            ///< they start with the tier where the conversation was answered last
};

/// `held`: where the conversation was answered last, if still warm. `ticket` spreads requests over a tier's deployments
/// by weight: consecutive numbers give exact shares, also to the rest when some fail.
/// Errors: capability_missing, context_length_exceeded, untranslatable.
Result<Plan> plan(const Snapshot& snapshot, const Policy& policy, const Decision& decision, const Needs& needs,
                  const std::optional<Sessions::Remembered>& held, std::uint64_t ticket);

/// The plan for a request that names its deployment. Errors: capability_missing, untranslatable.
Result<Plan> plan_named(const LiveDeployment& named, const Needs& needs);

/// Takes out of `targets` the deployments of `others`.
void leave_out(std::vector<Target>& targets, const std::vector<Target>& others);

}  // namespace triage
