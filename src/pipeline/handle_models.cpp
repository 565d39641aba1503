// The names that a client may send as `model`, in the format of OpenAI's list: `auto` if a route matches it, the
// routes, the aliases, the deployments.
#include "base/percent.hpp"
#include "pipeline/authenticate.hpp"
#include "pipeline/steps.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace triage {
namespace {

using nlohmann::json;

json model_object(const Snapshot& snapshot, const std::string& id, const std::string& owner) {
  return {{"id", id}, {"object", "model"}, {"created", snapshot.made}, {"owned_by", owner}};
}

json models_for(const Snapshot& snapshot, const KeySpec* key) {
  json list = json::array();
  for (const LiveRoute& route : snapshot.routes) {
    const auto& models = route.spec->match.models;
    if (!may_use(key, route.spec) || std::ranges::find(models, "auto") == models.end()) continue;
    list.push_back(model_object(snapshot, "auto", "triage"));
    break;
  }
  for (const LiveRoute& route : snapshot.routes)
    if (may_use(key, route.spec)) list.push_back(model_object(snapshot, "triage/" + route.spec->name, "triage"));
  if (!may_use(key, nullptr)) return list;
  for (const auto& [alias, deployment] : snapshot.spec.aliases) list.push_back(model_object(snapshot, alias, "triage"));
  for (const Deployment& deployment : snapshot.spec.deployments)
    list.push_back(model_object(snapshot, deployment.name, deployment.provider));
  return list;
}

}  // namespace

Async<MaybeFailure> handle_models(RequestRun& run) {
  constexpr std::string_view prefix = "/v1/models/";
  const std::string_view path = run.exchange.head().path;
  json answer{{"object", "list"}, {"data", models_for(run.snapshot, run.outcome.facts.key)}};
  if (path.starts_with(prefix)) {
    const std::string id = percent_decoded(path.substr(prefix.size()));
    const auto found = std::ranges::find_if(answer["data"], [&](const json& model) { return model["id"] == id; });
    if (found == answer["data"].end())
      co_return failure_of(Error{ErrorCode::model_not_found,
                                 "there is no model of that name for this key; GET /v1/models lists them", "model"});
    json one = *found;
    answer = std::move(one);
  }
  const std::string text = answer.dump(-1, ' ', false, json::error_handler_t::replace);
  ResponseHead head;
  head.fields.push_back({"content-type", "application/json"});
  co_await run.outcome.end_plain(head.status);
  const auto sent = co_await run.exchange.respond(std::move(head), text);
  if (!sent) co_return failure_of(sent.error());
  co_return std::nullopt;
}

}  // namespace triage
