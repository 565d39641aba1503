#include "pipeline/explain.hpp"

#include "base/text.hpp"
#include "blocks/quirk_changes.hpp"
#include "pipeline/passage.hpp"
#include "triage/blocks.hpp"

#include <algorithm>

namespace triage {
namespace {

using Choice = Explanation::Choice;

// The routes up to the one that matches, as resolve() tries them.
void see_routes(Explanation& out, const Snapshot& snapshot, const RoutingInput& input, bool passes) {
  if (!passes) out.how = find(snapshot, input).how;
  if (out.how != How::by_match) return;
  for (const LiveRoute& route : snapshot.routes) {
    const MatchSpec& match = route.spec->match;
    const Mismatch found = passes ? path_mismatch(match, input.key(), input.head()) : mismatch(match, input);
    out.routes.push_back({route.spec, found});
    if (found == Mismatch::none) break;
  }
}

// The deployment that a router asks before it has an opinion; empty: none.
std::string_view asked_by(const Router& router, const RoutingInput& input) {
  const auto question = router.question(input);
  if (!question) return {};
  if (const auto* const chat = std::get_if<ChatQuestion>(&*question)) return chat->deployment;
  if (const auto* const embedding = std::get_if<EmbeddingQuestion>(&*question)) return embedding->deployment;
  return {};
}

Decision decided(const Chain& chain, const RoutingInput& input, const AnswerQuestion& answer) {
  if (!answer) return decide(chain, input);
  Deciding deciding(chain, input);
  QuestionResult result;
  while (const auto question = deciding.next(result)) result = answer(*question);
  return deciding.decision();
}

Opinion opinion_of(const Router& router, const RoutingInput& input, const AnswerQuestion& answer) {
  const auto question = answer ? router.question(input) : std::nullopt;
  if (!question) return router.pick(input);
  QuestionResult result = answer(*question);
  if (const auto next = router.follow_up(input, result)) result = answer(*next);
  return router.answered(input, result);
}

// Those behind the one that decides are asked as well: what they would have said changes nothing.
void see_routers(Explanation& out, const RoutingInput& input, const AnswerQuestion& answer) {
  const auto& asked = out.decision.opinions;
  const auto& routers = out.policy->routers;
  for (std::size_t i = 0; i < routers.size(); ++i) {
    const Router& router = *routers[i];
    Explanation::RouterSeen seen;
    seen.behind = i >= asked.size();
    seen.opinion = seen.behind ? opinion_of(router, input, answer) : asked[i];
    seen.opinion.router = router.kind();
    seen.rules = router.rules_seen(input);
    seen.decides = !seen.behind && !seen.opinion.tier.empty();
    if (!answer && seen.opinion.tier.empty()) seen.calls = asked_by(router, input);
    out.routers.push_back(std::move(seen));
  }
}

std::string tokens_wanted(const Needs& needs) {
  return std::to_string(needs.tokens) +
         (needs.max_tokens > 0 ? " tokens and an answer of " + std::to_string(needs.max_tokens) : " tokens");
}

// Why a deployment cannot take the request, or others are known better to; empty: it can.
std::string inability(const Deployment& spec, const Needs& needs) {
  if (untranslatable(spec, needs)) return "it cannot take this request: " + untranslatable_error(spec, needs).message;
  if (const auto missing = lacking(spec, needs); missing != 0) return "it does not offer " + names_of(missing);
  if (too_small(spec, needs))
    return "its context window of " + std::to_string(*spec.context_window) + " is too small for about " +
           tokens_wanted(needs);
  if (fit(spec, needs) == Fit::can) return "";
  if (needs.capabilities != 0 && !spec.capabilities)
    return "it does not say whether it offers " + names_of(needs.capabilities);
  return "its context window of " + std::to_string(*spec.context_window) + " may be too small for about " +
         tokens_wanted(needs);
}

// Why the decision does not lead to a tier; empty: it does.
std::string outside(const Decision& decision, const std::vector<std::string>& order, std::string_view tier) {
  const auto position = [&](std::string_view name) { return std::ranges::find(order, name) - order.begin(); };
  const auto named = [](const char* what, std::string_view name) {
    return what + (" '" + std::string(name)).append("'");
  };
  if (tier == decision.tier) return "";
  if (position(tier) == std::ssize(order)) return "a specialist that was not picked";
  if (!decision.floor.empty() && position(tier) < position(decision.floor))
    return named("below the floor", decision.floor);
  if (!decision.ceiling.empty() && position(tier) > position(decision.ceiling))
    return named("above the ceiling", decision.ceiling);
  if (position(decision.tier) == std::ssize(order)) return "a specialist falls back to the highest tier only";
  return position(tier) < position(decision.tier) ? named("below the tier", decision.tier) : "";
}

void add_choice(Explanation& out, std::string_view tier, const LiveDeployment& deployment, double share,
                const Usage& assumed, std::int64_t images) {
  Choice choice;
  choice.tier = tier;
  choice.deployment = &deployment;
  choice.share = share;
  choice.able = share > 0 && fit(*deployment.spec, out.needs) != Fit::cannot;
  choice.breaker =
      deployment.breaker->with([](const Breaker& breaker) { return breaker.state(std::chrono::steady_clock::now()); });
  Extras extras;
  extras.images = images;
  choice.cost_nano_usd = cost_nano_usd(deployment.spec->price, assumed, extras);
  out.choices.push_back(std::move(choice));
}

// What a deployment in another dialect would not be told of the request, and what in other words: as its dialect writes
// the call.
void see_translation(Choice& choice, const RoutingInput& input) {
  const ApiRequest& request = input.request();
  const LiveDeployment& deployment = *choice.deployment;
  if (request.blocks == nullptr || !*request.blocks || speaks(*deployment.spec, request.form)) return;
  choice.changes = quirk_changes(**request.blocks, *deployment.spec);
  auto call = deployment.dialect->encode(request, input.head(), *deployment.spec, *deployment.provider,
                                         std::chrono::system_clock::now());
  if (!call) return;
  std::vector<std::string> names;
  for (std::string& name : call->dropped)
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  choice.drops = joined(names);
}

void add_choices(Explanation& out, const std::vector<std::string>& order, const Usage& assumed, std::int64_t images) {
  // Shares as plan() makes them: of the deployments that can or, if none is known to, of those that may.
  const auto add_tier = [&](const LiveTier& tier) {
    Fit least = Fit::unknown;
    for (const LiveDeployment* member : tier.members) least = std::max(least, fit(*member->spec, out.needs));
    double weight_sum = 0;
    for (std::size_t i = 0; i < tier.members.size(); ++i)
      if (fit(*tier.members[i]->spec, out.needs) >= least) weight_sum += tier.weights[i];
    for (std::size_t i = 0; i < tier.members.size(); ++i) {
      const bool takes = fit(*tier.members[i]->spec, out.needs) >= least;
      add_choice(out, tier.name, *tier.members[i], takes && weight_sum > 0 ? tier.weights[i] / weight_sum : 0, assumed,
                 images);
    }
  };
  for (const std::string& name : order)
    if (const LiveTier* tier = out.policy->tier(name)) add_tier(*tier);
  for (const LiveTier& tier : out.policy->tiers)
    if (std::ranges::find(order, tier.name) == order.end()) add_tier(tier);
}

void place_choices(Explanation& out, const std::vector<std::string>& order, const std::vector<Target>& targets) {
  for (Choice& choice : out.choices) {
    const auto same = [&](const Target& target) {
      return target.deployment == choice.deployment && target.tier == choice.tier;
    };
    if (const auto found = std::ranges::find_if(targets, same); found != targets.end()) {
      choice.place = static_cast<std::size_t>(found - targets.begin());
      continue;
    }
    if (std::ranges::find(targets, choice.deployment, &Target::deployment) != targets.end())
      choice.why_not = "asked already, as one of another tier";
    if (choice.why_not.empty()) choice.why_not = outside(out.decision, order, choice.tier);
    if (choice.why_not.empty()) choice.why_not = inability(*choice.deployment->spec, out.needs);
    if (choice.why_not.empty()) choice.why_not = "its tier is not asked";
  }
}

// As handle_api() and pass_through() do it. The request's id is not known.
Result<Resolution> resolve_and_assign(Explanation& out, const Snapshot& snapshot, const RoutingInput& input,
                                      bool passes) {
  if (!passes) {
    auto resolution = resolve(snapshot, input);
    if (resolution && resolution->route != nullptr) out.assigned = assign(*resolution->route, input, "");
    return resolution;
  }
  const auto passage = resolve_passage(snapshot, input.key(), input.head(), input.request().model);
  if (!passage) return passage.error();
  out.assigned = assign_passage(*passage, input, "");
  return Resolution{passage->route, nullptr};
}

}  // namespace

Explanation explain(const Snapshot& snapshot, const RoutingInput& input, std::optional<Api> api, const Usage& assumed,
                    const AnswerQuestion& answer) {
  Explanation out;
  const bool passes = !api.has_value();
  const auto resolution = resolve_and_assign(out, snapshot, input, passes);
  if (resolution) out.route = resolution->route;
  out.policy = out.assigned.policy;
  see_routes(out, snapshot, input, passes);
  if (!resolution) {
    out.refusal = resolution.error();
    return out;
  }
  if (out.route != nullptr) out.decision = decided(out.policy->chain, input, answer);
  if (out.route != nullptr) see_routers(out, input, answer);
  std::int64_t images = 0;
  if (!passes) {
    out.needs = needs_of(input.request(), input.view(), out.route != nullptr ? out.policy->window_least : std::nullopt,
                         translates(*resolution, out.policy, input.request()));
    images = input.view().images;
  }
  if (out.route != nullptr)
    add_choices(out, snapshot.spec.tiers, assumed, images);
  else
    add_choice(out, "", *resolution->named, 1, assumed, images);
  auto planned = out.route != nullptr ? plan(snapshot, *out.policy, out.decision, out.needs, std::nullopt, 0)
                                      : plan_named(*resolution->named, out.needs);
  if (planned) out.note = planned->note;
  if (!planned) out.refusal = planned.error();
  for (Choice& choice : out.choices) see_translation(choice, input);
  if (planned) std::ranges::copy(planned->cheaper, std::back_inserter(planned->targets));
  place_choices(out, snapshot.spec.tiers, planned ? planned->targets : std::vector<Target>());
  return out;
}

}  // namespace triage
