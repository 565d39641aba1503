#include "pipeline/assign.hpp"

#include "base/hash.hpp"
#include "json/json.hpp"
#include "pipeline/cascade_wish.hpp"

#include <algorithm>

namespace triage {
namespace {

/// What names a unit.
struct UnitFound {
  UnitClass of = UnitClass::request;
  std::string_view text;
  std::string storage;  ///< what `text` points to, unless that is the request itself
  const UnitPlace* place = nullptr;
};

void found(UnitFound& out, UnitClass of, std::string_view text) {
  out.of = of;
  out.text = text;
}

void found(UnitFound& out, UnitClass of, const JsonString& text) {
  if (!text.escaped) return found(out, of, text.raw);
  out.storage = text.text();
  found(out, of, out.storage);
}

// The member of the object that comes next, if it is a text.
void find_in_object(UnitFound& out, JsonReader& in, const std::string& name) {
  JsonString member;
  if (!in.enter_object()) return;
  while (in.next_name(member)) {
    JsonString value;
    if (!member.is(name) || in.kind() != JsonReader::Kind::string)
      in.skip();
    else if (in.string(value))
      return found(out, UnitClass::given, value);
  }
}

// As the client has written it, in whatever API.
std::string_view own_body(const ApiRequest& request) noexcept {
  return request.original ? request.original->body : request.body;
}

void find_member(UnitFound& out, const ApiRequest& request, const std::string& name) {
  if (name == "user") {  // Anthropic's metadata.user_id is the same
    const std::string_view raw = request.at(request.user);
    return found(out, UnitClass::given, JsonString{raw, raw.find('\\') != std::string_view::npos});
  }
  if (own_body(request).empty()) return;
  JsonReader in(own_body(request));
  find_in_object(out, in, name);
}

void find_metadata(UnitFound& out, const RoutingInput& input, const std::string& name) {
  if (!input.request().original) {
    for (const auto& [entry, value] : input.view().metadata())
      if (entry == name) found(out, UnitClass::given, value);
    return;
  }
  JsonReader in(own_body(input.request()));
  JsonString member;
  if (!in.enter_object()) return;
  while (in.next_name(member)) {
    if (member.is("metadata") && in.kind() == JsonReader::Kind::object) return find_in_object(out, in, name);
    in.skip();
  }
}

void look_at(UnitFound& out, const UnitPlace& place, const RoutingInput& input) {
  switch (place.kind) {
    case UnitKind::header:
      return found(out, UnitClass::given, find_field(input.head().fields, place.name).value_or(""));
    case UnitKind::field: return find_member(out, input.request(), place.name);
    case UnitKind::metadata: return find_metadata(out, input, place.name);
    case UnitKind::session:
      if (may_set(input.key(), KeyPower::session))
        found(out, UnitClass::session, find_field(input.head().fields, "x-triage-session").value_or(""));
      return;
    case UnitKind::key:
      if (input.key() != nullptr) found(out, UnitClass::key, input.key()->name);
      return;
  }
}

void find_unit(UnitFound& out, const LiveExperiment& experiment, const RoutingInput& input, std::string_view id) {
  for (const UnitPlace& place : experiment.unit) {
    look_at(out, place, input);
    if (out.text.empty()) continue;
    out.place = &place;
    return;
  }
  found(out, UnitClass::request, id);
}

bool has_tier(const LiveRoute& route, std::string_view name) noexcept {
  return route.policy.tier(name) != nullptr || route.experiment->treatment.tier(name) != nullptr;
}

// Whether the client itself has chosen what the arms might differ in.
bool client_chose(const LiveRoute& route, const RoutingInput& input) noexcept {
  const LiveExperiment& experiment = *route.experiment;
  const RequestHead& head = input.head();
  if (experiment.cascades && cascade_wish(head, input.key()) != CascadeWish::none) return true;
  return std::ranges::any_of(experiment.heeded_headers, [&](std::string_view name) {
    const auto value = find_field(head.fields, name);
    return value && may_set(input.key(), KeyPower::tier) && has_tier(route, *value);
  });
}

bool belongs_to(const LiveExperiment& experiment, UnitClass of, std::string_view unit) noexcept {
  const std::uint64_t own = experiment.slice(of, unit);
  return std::ranges::all_of(experiment.rivals, [&](const UnitHash& rival) { return rival(of, unit) < own; });
}

Assignment assign(const LiveRoute& route, const RoutingInput& input, std::string_view id, std::string_view why_not) {
  const LiveExperiment& experiment = *route.experiment;
  Assignment out;
  out.share = experiment.rollout->share.load(std::memory_order_relaxed);
  if (why_not.empty() && client_chose(route, input)) why_not = "the client has chosen itself";
  UnitFound unit;
  find_unit(unit, experiment, input, id);
  out.place = unit.place;
  out.draw = fraction(experiment.draw(unit.of, unit.text));
  if (why_not.empty() && !experiment.rivals.empty() && !belongs_to(experiment, unit.of, unit.text))
    why_not = "the unit belongs to another experiment of the group";
  out.why_not = why_not;
  const bool treated = out.share >= 1 || (why_not.empty() && out.draw < out.share);
  out.arm = treated ? Arm::treatment : Arm::control;
  out.policy = treated ? &experiment.treatment : &route.policy;
  if (!why_not.empty()) return out;
  out.experiment = &experiment;
  out.unit = experiment.recorded(unit.of, unit.text);
  return out;
}

}  // namespace

Assignment assign(const LiveRoute& route, const RoutingInput& input, std::string_view id) {
  if (!route.experiment) return {.policy = &route.policy};
  return assign(route, input, id, "");
}

Assignment assign_passage(const Passage& passage, const RoutingInput& input, std::string_view id) {
  if (!passage.route->experiment) return {.policy = &passage.route->policy};
  const bool routed = passage.model == Passage::Model::routed;
  return assign(*passage.route, input, id, routed ? "" : "the model is not the route's to choose");
}

}  // namespace triage
