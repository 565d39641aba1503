#pragma once
// Calls of APIs that are passed through: where they belong, by their path and the model that they name. Pure.
//
// The path must be one that some route takes (match.paths): with it go the provider's credentials. Among the routes
// that take it the model decides, as it does for chat:
//
//   "triage/<route>"            that route: the deployment that its chain picks, under the deployment's own id
//   a deployment's or alias'    that deployment, if the route has it or another of its provider
//   own name
//   in a route's match.models   that route, as above
//   anything else               the first route that has no match.models: its deployment of that id. If it has none the
//                               model is foreign: it is asked for as it was named, and what it costs is not known
//   none, or none to be read    the first route
//
// A key that is bound to routes never gets a foreign model, and none that the route's chain might not have picked.

#include "pipeline/plan.hpp"
#include "pipeline/resolve.hpp"

#include <string_view>
#include <vector>

namespace triage {

/// Where a call belongs.
struct Passage {
  enum class Model : std::uint8_t { none, routed, named, by_id };

  const LiveRoute* route = nullptr;
  Model model = Model::none;
  const LiveDeployment* named = nullptr;  ///< of Model::named
};

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

// What is known of some paths. Of others nothing is.

/// The path of an API that Triage reads, if some server could take `path`, which is not spelled so, for it: other case,
/// empty segments, parameters, a slash or other characters at an end. Else empty.
std::string_view other_spelling_of(std::string_view path);

/// A model answers, and nothing else happens: asked again, it answers again.
bool asks_a_model(std::string_view path) noexcept;
/// The same, and there is no model that a provider would take by itself, or only a dear one.
bool needs_a_model(std::string_view path) noexcept;
/// Files go there, which may be of any kind and size, and no model is asked.
bool keeps_files(std::string_view path) noexcept;
/// The path itself names a model: /v1/models/X:generateContent, /v1/engines/X/completions.
bool names_a_model(std::string_view path) noexcept;

}  // namespace triage
