#include "pipeline/passage.hpp"

#include "base/ascii.hpp"
#include "pipeline/authenticate.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

bool is_bound(const KeySpec* key) noexcept {
  return key != nullptr && !key->routes.empty();
}

// The routes that take a call by its path, key and headers.
class Takers {
 public:
  Takers(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head)
      : snapshot_(snapshot), key_(key), head_(head) {}

  /// The first that is `wanted`; null: none.
  template <class Wanted>
  [[nodiscard]] const LiveRoute* first(Wanted wanted) const {
    return first_in(snapshot_.passages, {head_, key_}, wanted);
  }
  /// The same, if `wanted` holds only for routes that take the model or any model.
  template <class Wanted>
  [[nodiscard]] const LiveRoute* first_for(std::string_view model, Wanted wanted) const {
    return first_in(snapshot_.matches, {head_, key_, model}, wanted);
  }

 private:
  template <class Wanted>
  [[nodiscard]] const LiveRoute* first_in(const RouteIndex& index, const RouteIndex::Asked& asked,
                                          Wanted wanted) const {
    const auto found = index.first(asked, [&](std::size_t place) {
      const LiveRoute& route = snapshot_.routes[place];
      return path_mismatch(route.spec->match, key_, head_) == Mismatch::none && wanted(route);
    });
    return found ? &snapshot_.routes[*found] : nullptr;
  }

  const Snapshot& snapshot_;
  const KeySpec* key_;
  const RequestHead& head_;
};

bool takes_model(const LiveRoute& route, std::string_view model) noexcept {
  const auto& patterns = route.spec->match.models;
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return glob_matches(pattern, model); });
}

template <class Wanted>
bool any_member(const LiveRoute& route, Wanted wanted) {
  return std::ranges::any_of(route.policy.tiers,
                             [&](const LiveTier& tier) { return std::ranges::any_of(tier.members, wanted); });
}

Error not_there(std::string what, std::string_view path, std::string_view fix) {
  return {ErrorCode::model_not_found,
          "no route that takes " + std::string(path.substr(0, 200)) + " " + std::move(what) + "; " + std::string(fix),
          "model"};
}

Result<Passage> allowed(const KeySpec* key, const Passage& passage) {
  if (!may_use(key, passage.route->spec)) return not_allowed(*key, "route '" + passage.route->spec->name + "'");
  return passage;
}

// A route that has the deployment; of one that the key may use freely another of the same provider will do.
Result<Passage> of_deployment(const Takers& takers, const KeySpec* key, const RequestHead& head, std::string_view model,
                              const LiveDeployment& named) {
  const LiveRoute* const found = takers.first([&](const LiveRoute& route) {
    if (is_bound(key))
      return may_use(key, route.spec) && any_member(route, [&](const LiveDeployment* each) { return each == &named; });
    return any_member(route, [&](const LiveDeployment* each) { return each->provider == named.provider; });
  });
  if (found != nullptr) return Passage{found, Passage::Model::named, &named};
  const std::string quoted = "'" + std::string(model) + "'";
  if (is_bound(key)) return not_allowed(*key, "model " + quoted + " by its own name");
  return not_there("has deployment " + quoted + " or another of its provider", head.path,
                   "add it to the tiers of one that does");
}

// Letters, digits, '-' and '_' in lower case, up to what a server could take for decoration.
std::string plain_segment(std::string_view segment) {
  std::string out;
  for (std::size_t at = 0; at < segment.size(); ++at) {
    char c = segment[at];
    if (c == '%' && at + 2 < segment.size()) {
      const int high = hex_value(segment[at + 1]);
      const int low = hex_value(segment[at + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(16 * high + low);
        at += 2;
      }
    }
    const bool counts = is_letter(c) || is_digit(c) || c == '-' || c == '_';
    if (counts) out.push_back(to_lower(c));
    if (!counts && !out.empty()) break;
  }
  return out;
}

bool is_or_below(std::string_view path, std::string_view folder) noexcept {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

template <std::size_t count>
bool is_one_of(std::string_view path, const std::array<std::string_view, count>& known) noexcept {
  return std::ranges::find(known, path) != known.end();
}

}  // namespace

std::string_view other_spelling_of(std::string_view path) {
  if (api_at(path) || path == "/v1/models" || path == feedback_path) return "";
  std::string plain;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string segment = plain_segment(path.substr(0, end));
    path.remove_prefix(end);
    // A provider whose base_url has no /v1 has it behind the first.
    if (!segment.empty() && !(segment == "v1" && plain == "/v1")) plain += "/" + segment;
  }
  for (const ApiPath& each : api_paths)
    if (plain == each.path) return each.path;
  if (plain == feedback_path) return feedback_path;
  return plain == "/v1/models" ? "/v1/models" : "";
}

bool passes_unread(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head) {
  const WireForm form = form_at(head.path);
  if (form == WireForm::openai || form == WireForm::responses) return false;
  const Takers takers(snapshot, key, head);
  if (takers.first([](const LiveRoute&) { return true; }) == nullptr) return false;
  const auto speaks_it = [form](const LiveRoute& route) {
    return any_member(route, [form](const LiveDeployment* each) { return speaks(*each->spec, form); });
  };
  return takers.first(speaks_it) == nullptr;
}

bool model_matters(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head) {
  const auto takes_some = [](const LiveRoute& route) { return !route.spec->match.models.empty(); };
  return is_bound(key) || Takers(snapshot, key, head).first(takes_some) != nullptr;
}

Result<Passage> resolve_passage(const Snapshot& snapshot, const KeySpec* key, const RequestHead& head,
                                std::string_view model) {
  if (const std::string_view plain = other_spelling_of(head.path); !plain.empty())
    return Error{ErrorCode::not_found, "the path is another spelling of " + std::string(plain) + "; write it so"};
  const auto first = resolve_path(snapshot, key, head);
  if (!first && (model.empty() || first.error().code == ErrorCode::not_found)) return first.error();
  if (model.empty()) return Passage{first->route, Passage::Model::none, nullptr};
  const Takers takers(snapshot, key, head);
  const std::string quoted = "'" + std::string(model.substr(0, 200)) + "'";
  constexpr std::string_view route_prefix = "triage/";
  if (model.starts_with(route_prefix)) {
    const auto named = snapshot.route_names.find(model.substr(route_prefix.size()));
    if (named != snapshot.route_names.end() && path_mismatch(named->second->spec->match, key, head) == Mismatch::none)
      return allowed(key, {named->second, Passage::Model::routed, nullptr});
    return not_there("is called " + quoted, head.path, "add the path to that route's match.paths");
  }
  if (const auto named = snapshot.model_names.find(model); named != snapshot.model_names.end())
    return of_deployment(takers, key, head, model, *named->second);
  const LiveRoute* const found = takers.first_for(
      model, [&](const LiveRoute& route) { return route.spec->match.models.empty() || takes_model(route, model); });
  if (found != nullptr) {
    const bool takes_any = found->spec->match.models.empty();
    return allowed(key, {found, takes_any ? Passage::Model::by_id : Passage::Model::routed, nullptr});
  }
  return not_there("takes model " + quoted, head.path, "add it to the match.models of one that does");
}

Result<PassageTargets> passage_targets(const Passage& passage, const Policy& policy, const KeySpec* key,
                                       std::string_view model, std::vector<Target> planned) {
  if (passage.model == Passage::Model::none) return PassageTargets{std::move(planned), false};
  if (passage.model == Passage::Model::routed) return PassageTargets{std::move(planned), true};
  const bool by_id = passage.model == Passage::Model::by_id;
  const auto wanted = [&](const LiveDeployment* each) {
    return by_id ? each->spec->model == model : each == passage.named;
  };
  std::vector<Target> found;
  for (const Target& target : planned)
    if (wanted(target.deployment) && (!is_bound(key) || target.tier == planned.front().tier)) found.push_back(target);
  if (is_bound(key) && found.empty())
    return not_allowed(*key, "model '" + std::string(model.substr(0, 200)) + "' here");
  Target direct{policy.route, passage.named, {}, {}};  // not the chain's choice
  for (const LiveTier& tier : policy.tiers)
    for (const LiveDeployment* member : tier.members) {
      if (!found.empty() || !wanted(member)) continue;
      direct.deployment = member;
      direct.tier = tier.name;
      found.push_back(direct);
    }
  if (!found.empty()) return PassageTargets{std::move(found), true};
  if (!by_id) return PassageTargets{{direct}, true};
  return PassageTargets{std::move(planned), false};
}

bool asks_a_model(std::string_view path) noexcept {
  return needs_a_model(path) || model_path(path) ||
         is_one_of(path, std::to_array<std::string_view>({"/v1/moderations", "/v1/tokenize", "/v1/detokenize"}));
}

bool needs_a_model(std::string_view path) noexcept {
  return is_one_of(
      path, std::to_array<std::string_view>({"/v1/responses/compact", "/v1/responses/input_tokens", "/v1/messages",
                                             "/v1/messages/count_tokens", "/v1/images/generations", "/v1/images/edits",
                                             "/v1/images/variations", "/v1/audio/speech", "/v1/audio/transcriptions",
                                             "/v1/audio/translations", "/v1/rerank", "/v1/score"}));
}

bool keeps_files(std::string_view path) noexcept {
  return is_or_below(path, "/v1/files") || is_or_below(path, "/v1/uploads") || is_or_below(path, "/v1/skills") ||
         (is_or_below(path, "/v1/containers") && path.ends_with("/files"));
}

bool names_a_model(std::string_view path) noexcept {
  return path.starts_with("/v1/models/") || path.find("/engines/") != std::string_view::npos ||
         path.find("/deployments/") != std::string_view::npos;
}

}  // namespace triage
