#include "pipeline/pinned.hpp"

#include "json/json.hpp"

#include <algorithm>
#include <cstring>

namespace triage {
namespace {

constexpr RequestFields of_a_store = bit(RequestField::response_store) | bit(RequestField::file_id);
constexpr std::size_t id_bytes_max = 256;
constexpr std::chrono::hours warm{1};  // for how long it counts as a loss to forget one

// What a request says of a provider's store.
struct Kept {
  std::string response;      // previous_response_id
  std::string conversation;  // its id
  bool needs = false;        // something that is kept
  bool stores = true;        // what it is answered
};

// "conv_1" or {"id":"conv_1"}
std::string id_in(JsonReader& in) {
  JsonString text;
  std::string id;
  if (in.kind() == JsonReader::Kind::string) {
    if (in.string(text) && text.raw.size() <= id_bytes_max) id = text.text();
    return id;
  }
  each_member(in, [&](const JsonString& name) {
    if (name.is("id") && in.kind() == JsonReader::Kind::string)
      id = id_in(in);
    else
      in.skip_unchecked();
  });
  return id;
}

bool may_need(std::string_view body) noexcept {
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"\"previous_response_id\"", "\"conversation\"", "\"background\""},
      [body](auto name) { return memmem(body.data(), body.size(), name.data(), name.size()) != nullptr; });
}

Kept kept_by(const ApiRequest& request) {
  Kept out;
  JsonReader in(request.original->body);
  each_member(in, [&](const JsonString& name) {
    if (name.is("previous_response_id"))
      out.response = id_in(in);
    else if (name.is("conversation"))
      out.conversation = id_in(in);
    else if (name.is("store") && in.kind() == JsonReader::Kind::boolean)
      in.boolean(out.stores);
    else if (name.is("background") && in.kind() == JsonReader::Kind::boolean)
      in.boolean(out.needs);
    else
      in.skip_unchecked();
  });
  out.needs = out.needs || !out.response.empty() || !out.conversation.empty();
  return out;
}

bool has_store(const LiveDeployment& deployment, const Scope& scope) noexcept {
  return scope.request.form == WireForm::responses && scope.request.original != nullptr &&
         speaks(*deployment.spec, WireForm::responses);
}

// Whether it must be remembered which provider has something.
bool may_be_elsewhere(const Scope& scope) noexcept {
  const Provider* first = nullptr;
  for (const LiveTier& tier : scope.policy.tiers)
    for (const LiveDeployment* const member : tier.members) {
      if (!has_store(*member, scope)) continue;
      if (first != nullptr && member->provider != first) return true;
      first = member->provider;
    }
  return false;
}

std::uint64_t number_of(const Scope& scope, std::string_view id) {
  const KeySpec* const key = scope.client.key;
  return scope.snapshot.sessions->number(key != nullptr ? std::string_view(key->name) : "", "/v1/responses", id);
}

std::optional<Target> remembered(const Scope& scope, const std::string& id, const Target& like) {
  if (id.empty()) return std::nullopt;
  const auto found = scope.snapshot.sessions->find(number_of(scope, id), 0, ClientSide::Clock::now());
  if (!found) return std::nullopt;
  for (const LiveTier& tier : scope.policy.tiers)
    for (const LiveDeployment* const member : tier.members) {
      if (member->spec->name != found->deployment || !has_store(*member, scope)) continue;
      Target out = like;
      out.deployment = member;
      out.tier = tier.name;
      return out;
    }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<Target>> pinned_targets(const Scope& scope, const Needs& needs,
                                                  const std::vector<Target>& planned) {
  if (!has_store(*planned.front().deployment, scope)) return std::nullopt;
  const bool may = may_need(scope.request.original->body);
  if (!may && (needs.fields & of_a_store) == 0) return std::nullopt;
  const Kept kept = kept_by(scope.request);
  if (!kept.needs && (needs.fields & of_a_store) == 0) return std::nullopt;
  std::vector<Target> out;
  for (const std::string& id : {kept.response, kept.conversation})
    if (auto target = out.empty() ? remembered(scope, id, planned.front()) : std::nullopt)
      out.push_back(*std::move(target));
  if (out.empty()) out.push_back(planned.front());
  const Target first = out.front();
  for (const Target& other : planned)
    if (other.deployment != first.deployment && other.deployment->provider == first.deployment->provider)
      out.push_back(other);
  return out;
}

void remember_kept(const Scope& scope, const RequestOutcome& outcome) {
  const TrailRow* const row = outcome.answered();
  if (row == nullptr || !has_store(*row->target.deployment, scope) || !may_be_elsewhere(scope)) return;
  const Kept kept = kept_by(scope.request);
  if (!kept.stores) return;
  const auto now = ClientSide::Clock::now();
  for (const std::string& id : {row->answer_id, kept.conversation}) {
    if (id.empty()) continue;
    Sessions::Remembered what{std::string(row->target.tier), row->target.deployment->spec->name, 0, true};
    if (scope.snapshot.sessions->remember(number_of(scope, id), std::move(what), now, now + warm))
      scope.snapshot.session_hits->add();
  }
}

}  // namespace triage
