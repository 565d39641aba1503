#pragma once
// Routes calls of APIs that pass through, by their path and the model that they name. Pure.
//
// Some route must take the path (match.paths), because the provider's credentials go with it. Among the routes that
// take it the model decides, as it does for chat:
//
//   "triage/<route>"           that route: the deployment that its chain picks, asked under the deployment's own id
//   name of a deployment or    that deployment, if a route that takes the path has it or another of the same provider
//   alias
//   fits a route's             that route, as above
//   match.models
//   anything else              the first route without match.models: its deployment with that id. If it has none, the
//                              model is foreign: it is asked for as it was named, and its cost is not known
//   none, or unreadable        the first route
//
// A key that is bound to routes never gets a foreign model, nor a deployment that the route's chain would not have
// picked.

#include "pipeline/plan.hpp"
#include "pipeline/resolve.hpp"

#include <string_view>
#include <vector>

namespace triage {

/// The route of a call, and how its model led there.
struct Passage {
  enum class Model : std::uint8_t { none, routed, named, by_id };

  const LiveRoute* route = nullptr;
  Model model = Model::none;
  const LiveDeployment* named = nullptr;  ///< of Model::named
};

/// Whether a call of an API that the gateway reads passes through all the same: a route names its path, the API is not
/// OpenAI's, and none of the route's deployments is said to speak it, so that it was meant for a provider as it is.
bool passes_unread(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head);

/// Whether the model must be known before the call may be made: the key is bound to routes, or a route that takes the
/// path takes only some models.
bool model_matters(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head);

/// `model`: empty if none is named or known. Errors: not_found, route_not_allowed, model_not_found.
Result<Passage> resolve_passage(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head,
                                std::string_view model);

struct PassageTargets {
  std::vector<Target> targets;  ///< at least one
  bool known = false;           ///< the model that is asked is theirs
};

/// Which deployments are asked, of those that `planned` lists for the route's `policy`. Error: route_not_allowed.
Result<PassageTargets> passage_targets(const Passage& passage, const Policy& policy, const KeySpec* key,
                                       std::string_view model, std::vector<Target> planned);

// What is known about some paths. Nothing is known about all others.

/// If some server could take `path` for the path of an API that Triage parses, although it is spelled differently, the
/// path of that API; else empty. The spelling may differ in case, empty segments, parameters, or characters at the end
/// of a segment.
std::string_view other_spelling_of(std::string_view path);

/// A model answers and nothing else happens, so the call may be repeated.
bool asks_a_model(std::string_view path) noexcept;
/// The same, and a provider would not choose a model by itself, or only an expensive one.
bool needs_a_model(std::string_view path) noexcept;
/// Takes files of any kind and size, and asks no model.
bool keeps_files(std::string_view path) noexcept;
/// Names a model in the path: /v1/models/X:generateContent, /v1/engines/X/completions.
bool names_a_model(std::string_view path) noexcept;

}  // namespace triage
