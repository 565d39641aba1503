#pragma once
// What stands between a request and the dialect of one target, and between its answer and the client: what only models
// can read goes home to the one that made it, and to no other.

#include "blocks/marked_answer.hpp"
#include "blocks/own_body.hpp"
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
  bool quiet = false;    ///< it is not to think, though the client asks for it
};

/// `request` is the client's, or the gateway's own, and outlives the result. Error: as ClientApi::parse().
Result<SeenRequest> seen_by(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope);

/// What of the body of a request that is passed on must not go there is cut out; nullopt: nothing must.
std::optional<OwnBody> own_body_for(const LiveDeployment& deployment, std::string_view body);

/// The answer of `deployment` to `request`, which is translated, as its client is to see it.
std::unique_ptr<BlockReader> answer_reader(const LiveDeployment& deployment, const ApiRequest& request,
                                           const Scope& scope);
/// The same of a whole answer. Errors: as Dialect::read_whole.
std::optional<Error> read_answer_of(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope,
                                    std::string_view content_type, std::string_view body, BlockAnswer& out);

/// What keeps the thoughts of an answer that is passed on; null: its client needs nobody to.
std::unique_ptr<TurnCollector> collector_for(const LiveDeployment& deployment, const ApiRequest& request,
                                             const Scope& scope);

}  // namespace triage
