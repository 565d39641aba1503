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

// As Gemini's API lists them.
json gemini_model(const json& model) {
  return {{"name", "models/" + model["id"].get<std::string>()},
          {"displayName", model["id"]},
          {"supportedGenerationMethods", {"generateContent", "streamGenerateContent", "countTokens"}}};
}

json gemini_list(const json& models) {
  json list = json::array();
  for (const json& model : models) list.push_back(gemini_model(model));
  return {{"models", std::move(list)}};
}

// In whose words the list is wanted: each client's SDK sends a field that the others do not.
WireForm list_form(const RequestHead& head) {
  if (head.path.starts_with(gemini_prefix) || find_field(head.fields, "x-goog-api-key")) return WireForm::gemini;
  return find_field(head.fields, "anthropic-version") ? WireForm::anthropic : WireForm::openai;
}

json written_model(const json& model, WireForm form) {
  if (form == WireForm::gemini) return gemini_model(model);
  return form == WireForm::anthropic ? anthropic_model(model) : model;
}

json written_list(json models, WireForm form) {
  if (form == WireForm::gemini) return gemini_list(models);
  if (form == WireForm::anthropic) return anthropic_list(models);
  return {{"object", "list"}, {"data", std::move(models)}};
}

}  // namespace

Async<MaybeFailure> handle_models(RequestRun& run) {
  constexpr std::string_view list = "/models";
  const RequestHead& client = run.exchange.head();
  const WireForm form = list_form(client);
  std::string_view id_spelled = client.path;
  id_spelled.remove_prefix(id_spelled.find(list) + list.size());
  json models = models_for(run.snapshot, run.outcome.facts.key);
  json answer;
  if (id_spelled.empty()) {
    answer = written_list(std::move(models), form);
  } else {
    const std::string id = percent_decoded(id_spelled.substr(1));
    const auto found = std::ranges::find_if(models, [&](const json& model) { return model["id"] == id; });
    const bool listed = found != models.end();
    if (!listed && !is_taken(run.snapshot, run.outcome.facts.key, id))
      co_return failure_of(Error{ErrorCode::model_not_found,
                                 "there is no model of that name for this key; GET /v1/models lists them", "model"});
    answer = written_model(listed ? *found : model_object(run.snapshot, id, "triage"), form);
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
