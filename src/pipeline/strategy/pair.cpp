#include "pipeline/strategy/pair.hpp"

#include "base/hash.hpp"
#include "pipeline/answer/hold.hpp"
#include "pipeline/attempt/ask.hpp"
#include "triage/price.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::int64_t answer_tokens = 4'096;  // of an answer, if the client sets no bound
constexpr std::int64_t scores_tokens = 100;    // of a picker's reply, and of its prompt besides the texts

std::int64_t answer_tokens_of(const ChatView& view) {
  return view.max_tokens.value_or(answer_tokens) * std::max<std::int64_t>(1, view.choices);
}

PairHalf half_of(const Policy& policy, const PairAnswer& answer) {
  PairHalf out;
  if (answer.said == nullptr) return out;
  out.deployment = answer.asked.deployment->spec->name;
  out.tier = answer.asked.tier;
  out.cost_nano_usd = answer.cost_nano_usd;
  if (policy.content) out.answer = policy.content->answer(*answer.said);
  return out;
}

}  // namespace

bool drawn(std::string_view id, std::string_view route, PairKind kind, double share) noexcept {
  if (share <= 0) return false;
  std::string text(pair_kind_names[static_cast<std::size_t>(kind)]);
  text.append("\n").append(route).append("\n").append(id);
  constexpr double below_one = 0x1p-53;  // a double has 53 bits
  return static_cast<double>(stable_hash64(text) >> 11) * below_one < share;
}

std::optional<PairTargets> pair_targets(const Snapshot& snapshot, const Policy& policy, const LivePair& pair,
                                        Decision decision, const Needs& needs, std::uint64_t ticket) {
  decision.tier = pair.spec->cheap;
  const auto planned = plan(snapshot, policy, decision, needs, std::nullopt, ticket);
  if (!planned) return std::nullopt;
  PairTargets out;
  std::vector<Target> others;
  for (const Target& target : planned->targets)
    (target.tier == pair.spec->cheap    ? out.cheap
     : target.tier == pair.spec->strong ? out.strong
                                        : others)
        .push_back(target);
  if (out.cheap.empty() || out.strong.empty()) return std::nullopt;
  out.strong.insert(out.strong.end(), others.begin(), others.end());
  return out;
}

std::optional<std::int64_t> pair_cost(const LivePair& pair, const std::vector<const LiveDeployment*>& asked,
                                      const ChatView& view) {
  Usage one;
  one.input = view.tokens_all();
  one.output = answer_tokens_of(view);
  Extras extras;
  extras.images = view.images;
  std::int64_t sum = 0;
  for (const LiveDeployment* deployment : asked) {
    const auto cost = cost_nano_usd(deployment->spec->price, one, extras);
    if (!cost) return std::nullopt;
    sum += *cost;
  }
  if (pair.comparing == nullptr) return sum;
  Usage comparison;
  comparison.input = one.input + 2 * one.output + scores_tokens;
  comparison.output = scores_tokens;
  const auto cost = cost_nano_usd(pair.comparing->spec->price, comparison);
  if (!cost) return std::nullopt;
  return sum + 2 * *cost;  // in both orders
}

std::optional<Drawn> draw_ensemble(const Scope& scope, const Decision& decision, const Needs& needs) {
  const Policy& policy = scope.policy;
  if (!policy.ensemble || scope.request.api == Api::embeddings) return std::nullopt;
  const LivePair& pair = *policy.ensemble;
  const ClientSide& client = scope.client;
  const bool chosen = decision.router == "header" ||
                      (find_field(client.head.fields, "x-triage-cascade") && may_set(client.key, KeyPower::cascade));
  if (chosen || !drawn(client.id, policy.route, pair.kind, pair.spec->share)) return std::nullopt;
  auto targets = pair_targets(scope.snapshot, policy, pair, decision, needs, scope.ticket);
  if (!targets || !room_to_hold(scope.snapshot)) return std::nullopt;
  auto budget = set_aside(pair, {targets->cheap.front().deployment, targets->strong.front().deployment}, scope.view);
  if (!budget) return std::nullopt;
  return Drawn{std::move(*targets), std::move(*budget)};
}

std::optional<SetAside> set_aside(const LivePair& pair, const std::vector<const LiveDeployment*>& asked,
                                  const ChatView& view) {
  const auto estimate = pair_cost(pair, asked, view);
  if (!estimate) return std::nullopt;
  if (pair.budget->take(*estimate, today())) return std::optional<SetAside>(std::in_place, *pair.budget, *estimate);
  pair.metrics.over_budget->add();
  return std::nullopt;
}

Async<PairRecord> compare(const Scope& scope, Trail& trail, const LivePair& pair, const PairAnswer& cheap,
                          const PairAnswer& strong) {
  PairRecord out;
  out.kind = pair.kind;
  out.cheap = half_of(scope.policy, cheap);
  out.strong = half_of(scope.policy, strong);
  if (cheap.said == nullptr || strong.said == nullptr) {
    out.reason = cheap.said != nullptr    ? "the strong tier has not answered"
                 : strong.said != nullptr ? "the cheap tier has not answered"
                                          : "neither tier has answered";
    co_return out;
  }
  if (!pair.picker || scope.client.gone.fired()) {
    out.reason = pair.picker ? "the client left" : "there is no picker";
    co_return out;
  }
  const AnswerPair both{scope.view, *cheap.said, *strong.said};
  const auto picking = pair.picker->start(both);
  const Purpose purpose = pair.kind == PairKind::ensemble ? Purpose::ensemble : Purpose::shadow;
  auto next = picking->next({});
  while (std::holds_alternative<Question>(next)) {
    const Question question = std::get<Question>(std::move(next));
    const QuestionResult result = co_await ask(scope, trail, question, purpose);
    next = picking->next(result);
  }
  const Pick& pick = std::get<Pick>(next);
  out.cheap.score = pick.cheap_score;
  out.strong.score = pick.strong_score;
  if (pick.cheap_score && pick.strong_score) {
    out.margin = *pick.strong_score - *pick.cheap_score;
    out.picked = pick.strong ? "strong" : "cheap";
  }
  out.reason = pick.reason;
  co_return out;
}

void count_pair(const LivePair& pair, const PairRecord& record, std::optional<std::int64_t> cost_nano_usd) {
  const PairMetrics& metrics = pair.metrics;
  (record.picked.empty() ? metrics.none : record.picked == "cheap" ? metrics.cheap : metrics.strong)->add();
  metrics.cost_nano_usd->add(cost_nano_usd.value_or(0));
}

}  // namespace triage
