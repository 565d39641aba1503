#include "pipeline/resolve.hpp"

#include "http1/request_path.hpp"
#include "pipeline/authenticate.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::string_view route_prefix = "triage/";

bool any_glob(const std::vector<std::string>& patterns, std::string_view text) noexcept {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return glob_matches(pattern, text); });
}

const LiveRoute* named_route(const Snapshot& snapshot, std::string_view model) noexcept {
  if (!model.starts_with(route_prefix)) return nullptr;
  const auto found = snapshot.route_names.find(model.substr(route_prefix.size()));
  return found == snapshot.route_names.end() ? nullptr : found->second;
}

const LiveRoute* matching_route(const Snapshot& snapshot, const RoutingInput& input) {
  const RouteIndex::Asked asked{input.head(), input.key(), input.request().model, &input.view()};
  const auto first = snapshot.matches.first(
      asked, [&](std::size_t place) { return mismatch(snapshot.routes[place].spec->match, input) == Mismatch::none; });
  return first ? &snapshot.routes[*first] : nullptr;
}

bool key_fits(const MatchSpec& match, const KeySpec* key) noexcept {
  return match.keys.empty() || (key != nullptr && std::ranges::find(match.keys, key->name) != match.keys.end());
}

// Whether each pattern matches one of the request's values of that name.
bool headers_fit(const MatchSpec& match, const RequestHead& head) noexcept {
  return std::ranges::all_of(match.headers, [&](const auto& wanted) {
    return std::ranges::any_of(head.fields, [&](const Field& field) {
      return iequals(field.name, wanted.first) && glob_matches(wanted.second, field.value);
    });
  });
}

bool metadata_fit(const MatchSpec& match, const RoutingInput& input) {
  return match.metadata.empty() || globs_match(match.metadata, input.view().metadata());
}

}  // namespace

Error not_allowed(const KeySpec& key, std::string_view wanted) {
  std::string routes;
  for (const std::string& name : key.routes) routes += (routes.empty() ? "triage/" : ", triage/") + name;
  return {ErrorCode::route_not_allowed,
          "key '" + key.name + "' may not use " + std::string(wanted) + "; it may use " + routes, "model"};
}

Mismatch mismatch(const MatchSpec& match, const RoutingInput& input) {
  const bool says_nothing =
      match.paths.empty() && match.headers.empty() && match.keys.empty() && match.metadata.empty();
  if (match.models.empty() && says_nothing) return Mismatch::only_by_name;
  if (!match.paths.empty() && !any_glob(match.paths, input.head().path)) return Mismatch::path;
  if (!match.models.empty() && !any_glob(match.models, input.request().model)) return Mismatch::model;
  if (!key_fits(match, input.key())) return Mismatch::key;
  if (!headers_fit(match, input.head())) return Mismatch::header;
  return metadata_fit(match, input) ? Mismatch::none : Mismatch::metadata;
}

Mismatch path_mismatch(const MatchSpec& match, const KeySpec* key, const RequestHead& head) {
  if (!any_glob(match.paths, head.path)) return Mismatch::path;
  if (!key_fits(match, key)) return Mismatch::key;
  if (!headers_fit(match, head)) return Mismatch::header;
  return match.metadata.empty() ? Mismatch::none : Mismatch::metadata;
}

Found find(const Snapshot& snapshot, const RoutingInput& input) {
  const std::string_view model = input.request().model;
  if (const LiveRoute* named = named_route(snapshot, model)) return {How::by_route_name, named, nullptr};
  if (const auto direct = snapshot.model_names.find(model); direct != snapshot.model_names.end())
    return {How::by_deployment_name, nullptr, direct->second};
  return {How::by_match, matching_route(snapshot, input), nullptr};
}

bool translates(const Resolution& resolution, const Policy* policy, const ApiRequest& request) noexcept {
  if (request.form != WireForm::openai) return true;
  if (resolution.named != nullptr) return resolution.named->spec->form != request.form;
  return policy != nullptr && policy->translates;
}

Result<Resolution> resolve(const Snapshot& snapshot, const RoutingInput& input) {
  const KeySpec* const key = input.key();
  const std::string_view model = input.request().model;
  const Found found = find(snapshot, input);
  if (found.named != nullptr) {
    if (!may_use(key, nullptr)) return not_allowed(*key, "model '" + std::string(model) + "' by its own name");
    return Resolution{nullptr, found.named};
  }
  const LiveRoute* const route = found.route;
  if (route == nullptr)
    return Error{
        ErrorCode::model_not_found,
        "no model, alias or route is called '" + std::string(model.substr(0, 200)) + "'; GET /v1/models lists them",
        "model"};
  if (!may_use(key, route->spec)) return not_allowed(*key, "route '" + route->spec->name + "'");
  return Resolution{route, nullptr};
}

Result<Resolution> resolve_path(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head) {
  const std::string_view path = head.path;
  if (const std::string_view fault = path_fault(path); !fault.empty())
    return Error{ErrorCode::not_found, "the path " + std::string(fault)};
  const auto first = snapshot.passages.first({head, key}, [&](std::size_t place) {
    return path_mismatch(snapshot.routes[place].spec->match, key, head) == Mismatch::none;
  });
  if (first) {
    const LiveRoute& route = snapshot.routes[*first];
    if (!may_use(key, route.spec)) return not_allowed(*key, "route '" + route.spec->name + "'");
    return Resolution{&route, nullptr};
  }
  return Error{ErrorCode::not_found,
               "no route takes " + std::string(path.substr(0, 200)) + "; add a route whose match.paths holds it"};
}

}  // namespace triage
