// One paragraph per question: what was asked, which route, what the routers said, which deployments are asked, the
// cost.
#include "app/explained.hpp"

#include "base/decimal.hpp"
#include "base/text.hpp"
#include "routing/condition.hpp"

#include <algorithm>
#include <cmath>

namespace triage {
namespace {

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.resize(std::max(out.size() + 1, width), ' ');
  return out;
}

std::string usd(const std::optional<std::int64_t>& nano) {
  return nano ? "$" + format_decimal(*nano, 9) : "not known: it has no price";
}

std::string request_text(const Explained& explained) {
  const RoutingInput& input = explained.input;
  std::string out = "request: " + std::string(input.head().path);
  if (explained.api) out += ", model " + quoted_name(input.request().model);
  if (input.key() != nullptr) out += ", key " + quoted_name(input.key()->name);
  out += "\n";
  if (explained.any_key) out += "  no --key was given: as if its key might do everything\n";
  if (!explained.api) return out;
  const ChatView& seen = input.view();
  out += "  about " + std::to_string(seen.tokens_all()) + " tokens, " + std::to_string(seen.tokens()) +
         " of them in the last user turn; turns: " + std::to_string(seen.turns);
  const auto flag = [&out](bool set, const char* name) { out += set ? std::string("; ") + name : ""; };
  flag(seen.system, "system prompt");
  flag(seen.tools, "tools");
  flag(seen.images > 0, "images");
  flag(explained.signs.code, "code");
  flag(explained.signs.math, "math");
  if (seen.response_format != ResponseFormat::none) out += "; " + std::string(word(seen.response_format));
  if (seen.max_tokens) out += "; max_tokens: " + std::to_string(*seen.max_tokens);
  return out + "; script: " + std::string(word(seen.script())) + "\n";
}

std::string routes_text(const Explanation& found) {
  if (found.how == How::by_deployment_name) return "route: none, the model is a deployment's name or an alias\n";
  std::string out = "route: " + (found.route != nullptr ? quoted_name(found.route->spec->name) : "none");
  if (found.how == How::by_route_name) out += ", which the model names";
  out += "\n";
  for (const auto& seen : found.routes)
    out += "  " + padded(seen.route->name, 16) +
           (seen.mismatch == Mismatch::none ? "matches" : "no: " + std::string(words_of(seen.mismatch))) + "\n";
  return out;
}

std::string experiment_text(const Explanation& found) {
  if (found.route == nullptr || !found.route->experiment) return "";
  const ExperimentSpec& spec = *found.route->experiment->spec;
  const Assignment& assigned = found.assigned;
  const auto percent = [](double share) { return format_decimal(std::llround(share * 1e6), 4) + " %"; };
  const auto line = [](const char* what, const std::string& text) { return "  " + padded(what, 16) + text + "\n"; };
  std::string out = "experiment: " + quoted_name(spec.name) + ", version " + spec.version + "\n";
  const std::string share = " at a share of " + percent(assigned.share);
  if (!assigned.why_not.empty())
    return out + line("arm", std::string(word(assigned.arm)) + share) +
           line("counts", "no: " + std::string(assigned.why_not));
  if (assigned.place == nullptr) return out + line("unit", "the request itself, drawn by its id");
  const UnitPlace& place = *assigned.place;
  return out + line("unit", std::string(word(place.kind)) + (place.name.empty() ? "" : " " + quoted_name(place.name))) +
         line("arm", std::string(word(assigned.arm)) + share) +
         line("treatment", "at any share above " + percent(assigned.draw));
}

std::string said_by(const Explanation::RouterSeen& seen) {
  if (!seen.calls.empty()) return "not asked: it calls a model, " + quoted_name(seen.calls) + " (--ask)";
  const Opinion& said = seen.opinion;
  const std::string reason = said.reason.empty() ? "" : ": " + said.reason;
  if (said.tier.empty()) return (seen.behind ? "would have passed" : "passes") + reason;
  return (seen.behind ? "would have picked " : "picks ") + std::string(said.tier) + reason;
}

std::string routers_text(const Explanation& found) {
  if (found.routers.empty()) return "";
  std::string out = "routers\n";
  for (const auto& seen : found.routers) {
    out += "  " + padded(seen.opinion.router, 16) + said_by(seen) + "\n";
    for (const RuleSeen& rule : seen.rules)
      out += "    " + padded(rule.rule, 14) + (rule.holds ? "holds: " : "no: ") + rule.text + "\n";
  }
  const Decision& decision = found.decision;
  out += "tier: " + std::string(decision.tier) + ", by " + std::string(decision.router) + ": " + decision.reason + "\n";
  const auto line = [&out](const char* what, std::string_view value) {
    if (!value.empty()) out.append("  ").append(padded(what, 16)).append(value).append("\n");
  };
  line("floor", decision.floor);
  line("ceiling", decision.ceiling);
  line("class", decision.task_class);
  return out;
}

std::string choices_text(const Explanation& found) {
  std::vector<const Explanation::Choice*> asked;
  std::string passed;
  for (const auto& choice : found.choices) {
    const std::string name = padded(choice.tier.empty() ? "-" : choice.tier, 12) + choice.deployment->spec->name;
    if (choice.place)
      asked.push_back(&choice);
    else
      passed += "  " + padded(name, 32) + choice.why_not + "\n";
  }
  std::ranges::sort(asked, std::ranges::less(), [](const auto* choice) { return *choice->place; });
  std::string out;
  if (const std::string needs = names_of(found.needs.capabilities); !needs.empty()) out += "it needs: " + needs + "\n";
  if (!found.note.empty()) out += "note: " + found.note + "\n";
  if (!asked.empty()) out += "would be asked, in this order (as at the start: no breaker is open)\n";
  for (const auto* choice : asked) {
    const std::string name = padded(choice->tier.empty() ? "-" : choice->tier, 12) + choice->deployment->spec->name;
    out += "  " + padded(std::to_string(*choice->place + 1), 3) + padded(name, 29) + choice->deployment->spec->model +
           " at " + choice->deployment->provider->name;
    if (choice->share < 1 && choice->tier == asked.front()->tier)
      out += ", first for " + std::to_string(std::lround(choice->share * 100)) + " % by weight";
    if (!choice->drops.empty()) out += ", would not be told: " + choice->drops;
    out += "\n";
    for (const std::string& change : choice->changes) out += "       " + change + "\n";
  }
  return out + (passed.empty() ? "" : "not asked\n" + passed);
}

// What the route does with answers, besides passing them on.
std::string answers_text(const Explanation& found) {
  if (found.route == nullptr) return "";
  const RouteSpec& route = *found.policy->spec;
  std::string out;
  const auto line = [&out](const char* what, const std::string& text) { out += "  " + padded(what, 16) + text + "\n"; };
  const auto pair = [](const PairSpec& spec) {
    const std::string judge = spec.picker.kind.empty() ? "" : ", compared by '" + spec.picker.kind + "'";
    return format_decimal(std::llround(spec.share * 1e6), 4) + " % of its requests: " + spec.cheap + " and " +
           spec.strong + judge + ", for $" + format_decimal(std::llround(spec.daily_budget_usd * 1e9), 9) + " a day";
  };
  if (found.policy->verifiers)
    line("cascade", "verified by '" + route.cascade->verify.kind + "', escalations: at most " +
                        std::to_string(route.cascade->escalations_max));
  if (route.ensemble) line("ensemble", pair(*route.ensemble));
  if (route.shadow) line("shadow", pair(*route.shadow));
  if (route.rescue != RescueMode::off) line("rescue", std::string(word(route.rescue)));
  return out.empty() ? out : "answers\n" + out;
}

std::string costs_text(const Explained& explained) {
  if (!explained.api || explained.found.choices.empty()) return "";
  std::string out = "estimated cost (" + std::to_string(explained.assumed.input) + " tokens in, " +
                    std::to_string(explained.assumed.output) + " out";
  if (explained.output_from != "none") out += ": " + std::string(explained.output_from);
  out += ")\n";
  for (const TierCost& each : tier_costs(explained.found))
    out += "  " + padded(each.tier.empty() ? "-" : each.tier, 16) +
           (each.able ? usd(each.cost_nano_usd) : "cannot take it") + "\n";
  return out;
}

}  // namespace

TextSigns signs_of(const RoutingInput& input) {
  routing::Patterns patterns;
  patterns.add_signs();
  patterns.compile();
  return routing::Matches(patterns, input.view()).signs();
}

std::string_view words_of(Mismatch mismatch) noexcept {
  switch (mismatch) {
    case Mismatch::none: break;
    case Mismatch::only_by_name: return "it has no `match`: only its own name leads to it";
    case Mismatch::path: return "match.paths does not hold this path";
    case Mismatch::model: return "match.models does not hold this model";
    case Mismatch::header: return "a header of match.headers is missing or another";
    case Mismatch::key: return "the key is none of match.keys";
    case Mismatch::metadata: return "the metadata are not those of match.metadata";
  }
  return "";
}

std::vector<TierCost> tier_costs(const Explanation& found) {
  std::vector<TierCost> out;
  std::vector<double> shares;
  std::vector<double> sums;
  for (const auto& choice : found.choices) {
    if (out.empty() || out.back().tier != choice.tier) {
      out.push_back({choice.tier, false, 0});
      shares.push_back(0);
      sums.push_back(0);
    }
    if (!choice.able) continue;
    TierCost& tier = out.back();
    tier.able = true;
    if (!choice.cost_nano_usd) tier.cost_nano_usd.reset();
    shares.back() += choice.share;
    sums.back() += choice.share * static_cast<double>(choice.cost_nano_usd.value_or(0));
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i].able) out[i].cost_nano_usd.reset();
    if (out[i].cost_nano_usd) out[i].cost_nano_usd = std::llround(sums[i] / shares[i]);
  }
  return out;
}

std::string explained_text(const Explained& explained) {
  const Explanation& found = explained.found;
  std::string out = request_text(explained);
  if (found.route != nullptr || !found.routes.empty() || !found.choices.empty())
    out += routes_text(found) + experiment_text(found) + routers_text(found) + choices_text(found) +
           answers_text(found) + costs_text(explained);
  if (found.refusal)
    out += "refused with " + std::to_string(traits(found.refusal->code).status) + " " +
           std::string(traits(found.refusal->code).name) + ": " + found.refusal->message + "\n";
  return out;
}

}  // namespace triage
