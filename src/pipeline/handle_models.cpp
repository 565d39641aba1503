// The names that a client may send as `model`, in the format of OpenAI's list: `auto` if a route matches it, the
// routes, the aliases, the deployments.
#include "base/glob.hpp"
#include "base/percent.hpp"
#include "pipeline/authenticate.hpp"
#include "pipeline/steps.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>

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

// A name that no list has, but that a route of this key takes: gpt-4o, where gpt-* is served.
bool is_taken(const Snapshot& snapshot, const KeySpec* key, const std::string& id) {
  return std::ranges::any_of(snapshot.routes, [&](const LiveRoute& route) {
    return may_use(key, route.spec) && std::ranges::any_of(route.spec->match.models, [&](const std::string& pattern) {
             return glob_matches(pattern, id);
           });
  });
}

// As Anthropic's API lists them.
json anthropic_model(const json& model) {
  const std::time_t made = model["created"].get<std::time_t>();
  std::tm utc{};
  gmtime_r(&made, &utc);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {
      {"type", "model"}, {"id", model["id"]}, {"display_name", model["id"]}, {"created_at", std::string(text, size)}};
}

json anthropic_list(const json& models) {
  json data = json::array();
  for (const json& model : models) data.push_back(anthropic_model(model));
  json out{{"data", data}, {"has_more", false}, {"first_id", nullptr}, {"last_id", nullptr}};
  if (data.empty()) return out;
  out["first_id"] = data.front()["id"];
  out["last_id"] = data.back()["id"];
  return out;
}

}  // namespace

Async<MaybeFailure> handle_models(RequestRun& run) {
  constexpr std::string_view prefix = "/v1/models/";
  const std::string_view path = run.exchange.head().path;
  const bool anthropic = find_field(run.exchange.head().fields, "anthropic-version").has_value();
  json answer{{"object", "list"}, {"data", models_for(run.snapshot, run.outcome.facts.key)}};
  if (path.starts_with(prefix)) {
    const std::string id = percent_decoded(path.substr(prefix.size()));
    const auto found = std::ranges::find_if(answer["data"], [&](const json& model) { return model["id"] == id; });
    const bool listed = found != answer["data"].end();
    if (!listed && !is_taken(run.snapshot, run.outcome.facts.key, id))
      co_return failure_of(Error{ErrorCode::model_not_found,
                                 "there is no model of that name for this key; GET /v1/models lists them", "model"});
    json one = listed ? *found : model_object(run.snapshot, id, "triage");
    answer = anthropic ? anthropic_model(one) : std::move(one);
  } else if (anthropic) {
    answer = anthropic_list(answer["data"]);
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
