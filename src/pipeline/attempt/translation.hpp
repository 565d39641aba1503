#pragma once
// What stands between a request and the dialect of one target, and between its answer and the client: what only models
// can read goes home to the one that made it, and to no other.

#include "blocks/marked_answer.hpp"
#include "blocks/origin.hpp"
#include "pipeline/attempt/scope.hpp"
#include "pipeline/live/snapshot.hpp"
#include "triage/request.hpp"

#include <memory>
#include <optional>
#include <string>

namespace triage {

/// Whether the deployment speaks another dialect than the client.
bool translates(const ApiRequest& request, const LiveDeployment& deployment) noexcept;

/// A request as one target may see it.
struct SeenRequest {
  std::unique_ptr<const ApiRequest> request;  ///< null: as it is. Views are those of the client's, or into `body`
  std::string body;
  bool dropped = false;  ///< something that another model made was left out
};

/// `request` is the client's, or the gateway's own, and outlives the result. Error: as ClientApi::parse().
Result<SeenRequest> seen_by(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope);

/// How the answer of `deployment` to `request`, which is translated, is marked.
Marking marking_of(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope);

}  // namespace triage
