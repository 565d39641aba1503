// Names that clients may ask for, put to both configurations:
//   models  every deployment, alias and pattern of match.models   -> resolve()
//   paths   every pattern of match.paths                          -> resolve_path()
// A pattern stands for itself: its stars are treated like any text that only they can match.
#include "app/check_diff.hpp"

#include "app/trial.hpp"
#include "base/text.hpp"
#include "pipeline/resolve.hpp"

#include <set>

namespace triage {
namespace {

std::string goal(const Result<Resolution>& resolution) {
  if (!resolution) return "";
  if (resolution->route != nullptr) return "route " + quoted_name(resolution->route->spec->name);
  return "deployment " + quoted_name(resolution->named->spec->name);
}

std::string goal_of_model(const Snapshot& snapshot, const std::string& model) {
  ApiRequest request;
  request.model = model;
  RequestHead head;
  head.path = "/v1/chat/completions";
  const RoutingInput input(request, head, nullptr);
  return goal(resolve(snapshot, input));
}

std::string goal_of_path(const Snapshot& snapshot, const std::string& path) {
  RequestHead head;
  head.path = path;
  return goal(resolve_path(snapshot, nullptr, head));
}

void add_names(const ConfigSpec& spec, std::set<std::string>& models, std::set<std::string>& paths) {
  for (const Deployment& deployment : spec.deployments) models.insert(deployment.name);
  for (const auto& [alias, deployment] : spec.aliases) models.insert(alias);
  for (const RouteSpec& route : spec.routes) {
    models.insert(route.match.models.begin(), route.match.models.end());
    paths.insert(route.match.paths.begin(), route.match.paths.end());
  }
}

void tell(std::vector<Change>& out, std::string_view what, const std::string& name, const std::string& before,
          const std::string& after) {
  if (before == after) return;
  const bool many = name.find('*') != std::string::npos;
  Change change;
  change.kind = before.empty() ? Change::added : after.empty() ? Change::removed : Change::changed;
  change.path = std::string(what) + " " + name;
  change.before = before;
  change.after = after;
  change.text = "requests for " + std::string(what) + (many ? "s like " : " ") + quoted_name(name) + " ";
  if (after.empty())
    change.text += "are refused; they went to " + before;
  else
    change.text += "go to " + after + "; " + (before.empty() ? "they were refused" : "they went to " + before);
  out.push_back(std::move(change));
}

}  // namespace

std::vector<Change> traffic_changes(const ConfigSpec& before, const ConfigSpec& after) {
  const Trial old(before, "");
  const Trial now(after, "");
  std::set<std::string> models;
  std::set<std::string> paths;
  add_names(before, models, paths);
  add_names(after, models, paths);
  std::vector<Change> out;
  for (const std::string& model : models)
    tell(out, "model", model, goal_of_model(old.snapshot(), model), goal_of_model(now.snapshot(), model));
  for (const std::string& path : paths)
    tell(out, "path", path, goal_of_path(old.snapshot(), path), goal_of_path(now.snapshot(), path));
  for (Change& change : config_changes(old.snapshot().spec, now.snapshot().spec)) out.push_back(std::move(change));
  return out;
}

}  // namespace triage
