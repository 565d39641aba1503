#include "app/explained.hpp"

#include "triage/chat_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

Json named(std::string_view text) {
  return text.empty() ? Json() : Json(std::string(text));
}

template <class T>
Json optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json request_json(const Explained& explained) {
  const RoutingInput& input = explained.input;
  Json out{{"path", std::string(input.head().path)},
           {"model", named(input.request().model)},
           {"stream", input.request().stream},
           {"key", input.key() != nullptr ? Json(input.key()->name) : Json()}};
  if (!explained.api) return out;
  const ChatView& seen = input.view();
  out["features"] = {{"tokens", seen.tokens()},
                     {"tokens_all", seen.tokens_all()},
                     {"turns", seen.turns},
                     {"images", seen.images},
                     {"choices", seen.choices},
                     {"max_tokens", optional(seen.max_tokens)},
                     {"response_format", word(seen.response_format)},
                     {"script", word(seen.script())},
                     {"system", seen.system},
                     {"tools", seen.tools},
                     {"logprobs", seen.logprobs},
                     {"audio", seen.audio},
                     {"code", explained.signs.code},
                     {"math", explained.signs.math}};
  return out;
}

Json routes_json(const Explanation& found) {
  Json out = Json::array();
  for (const auto& seen : found.routes)
    out.push_back({{"route", seen.route->name},
                   {"matches", seen.mismatch == Mismatch::none},
                   {"why_not", seen.mismatch == Mismatch::none ? Json() : Json(std::string(words_of(seen.mismatch)))}});
  return out;
}

Json chain_json(const Explanation& found) {
  Json out = Json::array();
  for (const auto& seen : found.routers) {
    Json rules = Json::array();
    for (const RuleSeen& rule : seen.rules)
      rules.push_back({{"rule", std::string(rule.rule)}, {"holds", rule.holds}, {"text", rule.text}});
    const Opinion& said = seen.opinion;
    out.push_back({{"router", std::string(seen.opinion.router)},
                   {"tier", named(said.tier)},
                   {"floor", named(said.floor)},
                   {"ceiling", named(said.ceiling)},
                   {"class", named(said.task_class)},
                   {"score", optional(said.score)},
                   {"threshold", optional(said.threshold)},
                   {"model", named(said.model)},
                   {"reason", said.reason},
                   {"decides", seen.decides},
                   {"behind", seen.behind},
                   {"not_asked", named(seen.calls)},
                   {"rules", std::move(rules)}});
  }
  return out;
}

Json needs_json(const Needs& needs) {
  Json capabilities = Json::array();
  for (std::size_t i = 0; i < words<Capability>.size(); ++i)
    if ((needs.capabilities >> i & 1) != 0) capabilities.push_back(words<Capability>[i]);
  return {{"capabilities", std::move(capabilities)}, {"tokens", needs.tokens}, {"max_tokens", needs.max_tokens}};
}

Json deployments_json(const Explanation& found) {
  static constexpr std::array<const char*, 3> states{"closed", "open", "half_open"};
  std::vector<const Explanation::Choice*> sorted;
  for (const auto& choice : found.choices) sorted.push_back(&choice);
  std::ranges::stable_sort(sorted, std::ranges::less(),
                           [](const auto* choice) { return choice->place.value_or(SIZE_MAX); });
  Json out = Json::array();
  for (const auto* choice : sorted)
    out.push_back({{"place", choice->place ? Json(*choice->place + 1) : Json()},
                   {"tier", named(choice->tier)},
                   {"deployment", choice->deployment->spec->name},
                   {"provider", choice->deployment->provider->name},
                   {"model", choice->deployment->spec->model},
                   {"share", choice->share},
                   {"why_not", named(choice->why_not)},
                   {"drops", named(choice->drops)},
                   {"changes", choice->changes},
                   {"breaker", states[static_cast<std::size_t>(choice->breaker)]},
                   {"cost_nano_usd", optional(choice->cost_nano_usd)}});
  return out;
}

Json pair_json(const std::optional<PairSpec>& pair) {
  if (!pair) return {};
  return {{"share", pair->share},
          {"cheap", pair->cheap},
          {"strong", pair->strong},
          {"picker", named(pair->picker.kind)},
          {"daily_budget_usd", pair->daily_budget_usd}};
}

Json answers_json(const Explanation& found) {
  if (found.route == nullptr) return {};
  const RouteSpec& route = *found.policy->spec;
  Json cascade;
  if (found.policy->verifiers)
    cascade = {{"verify", route.cascade->verify.kind}, {"escalations_max", route.cascade->escalations_max}};
  return {{"cascade", std::move(cascade)},
          {"ensemble", pair_json(route.ensemble)},
          {"shadow", pair_json(route.shadow)},
          {"rescue", word(route.rescue)}};
}

Json experiment_json(const Explanation& found) {
  if (found.route == nullptr || !found.route->experiment) return {};
  const ExperimentSpec& spec = *found.route->experiment->spec;
  const Assignment& assigned = found.assigned;
  Json unit;
  if (assigned.place != nullptr) unit = {{"from", word(assigned.place->kind)}, {"name", named(assigned.place->name)}};
  return {{"name", spec.name},
          {"version", spec.version},
          {"unit", std::move(unit)},
          {"arm", word(assigned.arm)},
          {"share", assigned.share},
          {"treatment_above", assigned.place != nullptr ? Json(assigned.draw) : Json()},
          {"why_not_counted", named(assigned.why_not)}};
}

}  // namespace

std::string explained_json(const Explained& explained) {
  const Explanation& found = explained.found;
  Json tiers = Json::array();
  for (const TierCost& each : tier_costs(found))
    tiers.push_back(
        {{"tier", named(each.tier)}, {"can_take_it", each.able}, {"cost_nano_usd", optional(each.cost_nano_usd)}});
  Json refused;
  if (found.refusal)
    refused = {{"status", traits(found.refusal->code).status},
               {"code", traits(found.refusal->code).name},
               {"message", found.refusal->message},
               {"param", named(found.refusal->param)}};
  static constexpr std::array<const char*, 3> hows{"route name", "deployment name", "match"};
  const Json out{{"ok", !found.refusal},
                 {"config_version", explained.snapshot.version},
                 {"request", request_json(explained)},
                 {"by", hows[static_cast<std::size_t>(found.how)]},
                 {"routes", routes_json(found)},
                 {"route", found.route != nullptr ? Json(found.route->spec->name) : Json()},
                 {"experiment", experiment_json(found)},
                 {"chain", chain_json(found)},
                 {"router", named(found.decision.router)},
                 {"picked", named(found.decision.picked)},
                 {"floor", named(found.decision.floor)},
                 {"ceiling", named(found.decision.ceiling)},
                 {"class", named(found.decision.task_class)},
                 {"tier", named(found.decision.tier)},
                 {"reason", named(found.decision.reason)},
                 {"needs", needs_json(found.needs)},
                 {"note", named(found.note)},
                 {"deployments", deployments_json(found)},
                 {"answers", answers_json(found)},
                 {"assumed",
                  {{"input_tokens", explained.assumed.input},
                   {"output_tokens", explained.assumed.output},
                   {"output_from", std::string(explained.output_from)}}},
                 {"tiers", std::move(tiers)},
                 {"refused", std::move(refused)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace triage
