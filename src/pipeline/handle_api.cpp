// Read, check, resolve, assign, decide, plan; then an answer.
#include "base/text.hpp"
#include "clients/clients.hpp"
#include "openai/conversation.hpp"
#include "pipeline/assign.hpp"
#include "pipeline/attempt/ask.hpp"
#include "pipeline/capability.hpp"
#include "pipeline/cascade_wish.hpp"
#include "pipeline/pinned.hpp"
#include "pipeline/resolve.hpp"
#include "pipeline/steps.hpp"
#include "pipeline/strategy/ensemble.hpp"
#include "pipeline/strategy/grading.hpp"
#include "pipeline/strategy/run_cascade.hpp"
#include "pipeline/strategy/shadow.hpp"
#include "pipeline/strategy/straight.hpp"

#include <charconv>

namespace triage {
namespace {

using Clock = Trail::Clock;
using std::chrono::milliseconds;

struct ConversationNumber {
  std::uint64_t number = 0;
  bool continues = false;  ///< the session remembered under it counts for this request
};

// From the client's own id, else from how its messages begin. The first request of a conversation is then free to go
// anywhere, because many requests may consist of that same opening. Where each request is drawn for an arm by itself,
// the arms remember a conversation separately, or each would be led by the other; a unit that changes its arm keeps its
// tier.
std::optional<ConversationNumber> number_of(const Scope& scope, const Assignment& assigned) {
  const Policy& policy = scope.policy;
  const bool remembers = policy.spec->sticky.count() > 0 || policy.spec->latch;
  if (policy.tiers.size() < 2 || !remembers) return std::nullopt;
  const Sessions& sessions = *scope.snapshot.sessions;
  const KeySpec* const key = scope.client.key;
  const std::string_view owner = key != nullptr ? std::string_view(key->name) : "";
  std::string of_arm;
  if (assigned.experiment != nullptr && assigned.place == nullptr)
    of_arm = std::string(policy.route).append(" ").append(policy.arm);
  const std::string_view route = of_arm.empty() ? policy.route : std::string_view(of_arm);
  const auto named = find_field(scope.client.head.fields, "x-triage-session");
  if (named && !named->empty() && may_set(key, KeyPower::session))
    return ConversationNumber{sessions.number(owner, route, *named), true};
  if (scope.request.api != Api::chat) return std::nullopt;
  const auto conversation = conversation_of(scope.request);
  if (!conversation) return std::nullopt;
  return ConversationNumber{sessions.number(owner, route, conversation->opening), conversation->continued};
}

// Whose request it is, among all that come with its key: the session that the client names, else its `user`.
std::string_view asker_of(const RequestHead& head, const KeySpec* key, const ApiRequest& request) {
  const auto session = find_field(head.fields, "x-triage-session");
  return session && !session->empty() && may_set(key, KeyPower::session) ? *session : request.at(request.user);
}

bool was_escalated(const Trail& trail) {
  for (std::size_t row = 0; row < trail.size(); ++row)
    if (trail[row].record.cause == AttemptCause::escalation) return true;
  return false;
}

// `before` is what was remembered of the conversation.
void remember(const Scope& scope, const ConversationNumber& conversation, const RequestOutcome& outcome,
              const std::optional<Sessions::Remembered>& before) {
  const auto now = Clock::now();
  const Target& target = outcome.answered()->target;
  Sessions::Remembered what{std::string(target.tier), target.deployment->spec->name, scope.view.turns};
  const bool was_latched = before && before->latched && before->task == what.task;
  what.latched = scope.policy.spec->latch && (was_latched || was_escalated(outcome.trail));
  const bool forgot =
      scope.snapshot.sessions->remember(conversation.number, std::move(what), now, now + scope.policy.spec->sticky);
  if (forgot) scope.snapshot.session_hits->add();
}

// The policy's deadline, or the client's own if that is sooner.
Clock::time_point deadline_of(const RequestHead& head, const KeySpec* key, const Policy& policy,
                              Clock::time_point body_read) {
  milliseconds total = policy.spec->timeouts.total;
  const auto field = find_field(head.fields, "x-triage-timeout-ms");
  if (field && may_set(key, KeyPower::timeout)) {
    std::int64_t asked = 0;
    const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), asked);
    if (error == std::errc() && end == field->data() + field->size() && asked > 0)
      total = std::min(total, milliseconds(asked));
  }
  return body_read + total;
}

// How much of an answer's text the record needs. Embeddings have no text.
std::size_t recorded_text(const Services& services, const Policy& policy, Api api) {
  constexpr std::size_t enough_for_signals = 256 * 1024;
  if (services.ledger == nullptr || (api == Api::embeddings && !policy.content)) return 0;
  return policy.content ? std::max(policy.content->enough(), enough_for_signals) : enough_for_signals;
}

// Asks the chain, and the models that its routers have questions for.
Async<Decision> decide(const Scope& scope, Trail& trail, const RoutingInput& input) {
  Deciding deciding(scope.policy.chain, input);
  auto question = deciding.next({});
  while (question) {
    const QuestionResult result = co_await ask(scope, trail, *question, Purpose::route);
    question = deciding.next(result);
  }
  co_return deciding.decision();
}

Async<MaybeFailure> run_strategy(const Scope& scope, RequestRun& run, const std::vector<Target>& targets) {
  const ClientSide& client = scope.client;
  const CascadeWish wish = scope.policy.verifiers ? cascade_wish(client.head, client.key) : CascadeWish::off;
  if (wish == CascadeWish::off || scope.request.api == Api::embeddings)
    co_return co_await answer_straight(scope, run.response, run.outcome.trail, targets);
  // If there is no memory left to hold an answer, the stronger tier is asked at once.
  const bool forced = wish == CascadeWish::force || !room_to_hold(scope.snapshot);
  co_return co_await answer_by_cascade(scope, run.response, run.outcome.trail, targets, forced);
}

// Whether any deployment of that tier may be called.
bool admits(const Policy& policy, std::string_view tier) {
  const LiveTier* const live = policy.tier(tier);
  const auto now = Clock::now();
  const auto admitted = [now](GuardedBreaker& breaker) {
    return breaker.with([now](const Breaker& seen) { return seen.admits(now); });
  };
  return live != nullptr && std::ranges::any_of(live->members, [&](const LiveDeployment* member) {
           return admitted(*member->breaker) && admitted(*member->origin);
         });
}

// What a conversation that cannot be held may be answered by: as if it was not held, but for whom was asked already.
std::vector<Target> not_held(const Scope& scope, const Decision& decision, const Needs& needs, const Plan& held) {
  std::vector<Target> out;
  if (auto free = plan(scope.snapshot, scope.policy, decision, needs, std::nullopt, scope.ticket))
    out = std::move(free->targets);
  leave_out(out, held.targets);
  return out;
}

// Whether whoever has not been asked yet may answer instead.
bool may_ask_others(const Scope& scope, RequestRun& run, const MaybeFailure& failed) {
  return failed && !run.response.answering() && !scope.client.gone.fired() && scope.time_left() > milliseconds(0) &&
         (failed->remedy == Remedy::anywhere || failed->remedy == Remedy::elsewhere);
}

// By the strategy that the policy and the client choose. Staying where a conversation was answered last is a
// preference: where all fail who are asked because of it, the others are.
Async<MaybeFailure> answer(const Scope& scope, RequestRun& run, const Needs& needs, const Plan& planned) {
  const Decision& decision = run.outcome.facts.decision;
  auto drawn = draw_ensemble(scope, decision, needs);
  if (drawn) co_return co_await answer_by_ensemble(scope, run.response, run.outcome, std::move(*drawn));
  std::vector<Target> others;
  if (planned.held) others = not_held(scope, decision, needs, planned);
  Scope first = scope;
  first.others_follow = !others.empty() || !planned.cheaper.empty();
  auto failed = co_await run_strategy(first, run, planned.targets);
  if (!others.empty() && may_ask_others(scope, run, failed)) {
    run.outcome.facts.note += ", but could not be answered there";
    scope.policy.metrics.fallbacks->add();
    first.others_follow = !planned.cheaper.empty();
    failed = co_await run_strategy(first, run, others);
  }
  if (planned.cheaper.empty() || !may_ask_others(scope, run, failed)) co_return failed;
  std::string& note = run.outcome.facts.note;
  note += (note.empty() ? "" : "; ") + ("fell to " + quoted_name(planned.cheaper.front().tier)) +
          ": nobody else could answer";
  scope.policy.metrics.fallbacks->add();
  scope.policy.metrics.fell->add();
  failed = co_await answer_straight(scope, run.response, run.outcome.trail, planned.cheaper);
  co_return failed;
}

}  // namespace

Async<Result<void>> read_request(RequestRun& run, Api api) {
  const ClientApi& client = client_at(run.exchange.head());
  const auto sent = co_await run.exchange.read_body();
  if (!sent) co_return sent.error();
  const auto body = run.exchange.decoded_body(*sent);
  if (!body) co_return body.error();
  run.outcome.facts.body_read = Clock::now();
  auto request = client.parse(api, run.exchange.head(), *body, run.snapshot.spec.limits.body_depth);
  if (!request) {
    if (request.error().code == ErrorCode::json_too_deep) run.snapshot.body_depth_hits->add();
    co_return request.error();
  }
  run.request = std::move(*request);
  run.input.emplace(*run.request, run.exchange.head(), run.outcome.facts.key);
  run.outcome.facts.request = &*run.request;
  run.outcome.facts.view = &run.input->view();
  co_return Result<void>();
}

Async<MaybeFailure> handle_api(RequestRun& run, Api api) {
  RequestFacts& facts = run.outcome.facts;
  const auto read = co_await read_request(run, api);
  if (!read) co_return failure_of(read.error());
  const auto resolution = resolve(run.snapshot, *run.input);
  if (!resolution) co_return failure_of(resolution.error());
  const LiveRoute* const route = resolution->route;
  if (route != nullptr) facts.assigned = assign(*route, *run.input, facts.id);
  const Policy& policy = route != nullptr ? *facts.assigned.policy : run.snapshot.direct;
  facts.policy = &policy;
  facts.read_signals = run.services.ledger != nullptr && api != Api::embeddings;
  const RequestHead& head = run.exchange.head();
  facts.asker = asker_of(head, facts.key, *run.request);
  const auto deadline = deadline_of(head, facts.key, policy, facts.body_read);
  const bool hurried = deadline < facts.body_read + policy.spec->timeouts.total;
  const ClientSide client{head,    facts.id,    facts.started, deadline, facts.key, run.exchange.gone(),
                          hurried, &facts.trace};
  const Scope scope{run.snapshot, policy,       *run.request, run.input->view(),
                    client,       run.services, run.ticket,   recorded_text(run.services, policy, api)};
  if (route != nullptr) facts.decision = co_await decide(scope, run.outcome.trail, *run.input);
  const auto conversation = number_of(scope, facts.assigned);
  std::optional<Sessions::Remembered> remembered;
  if (conversation && conversation->continues)
    remembered = run.snapshot.sessions->find(conversation->number, scope.view.turns, facts.body_read);
  const auto held = remembered && admits(policy, remembered->tier) ? remembered : std::nullopt;
  const Needs needs =
      needs_of(scope.request, scope.view, policy.window_least, translates(*resolution, &policy, scope.request));
  auto planned = route != nullptr ? plan(run.snapshot, policy, facts.decision, needs, held, run.ticket)
                                  : plan_named(*resolution->named, needs);
  if (!planned) co_return failure_of(planned.error());
  facts.note = planned->note;
  MaybeFailure failed;
  const auto pinned = pinned_targets(scope, needs, planned->targets);
  if (pinned)
    failed = co_await answer_straight(scope, run.response, run.outcome.trail, *pinned);
  else
    failed = co_await answer(scope, run, needs, *planned);
  if (failed) co_return failed;
  remember_kept(scope, run.outcome);
  grade_answer(scope, run.outcome, cast_shadow(scope, run.outcome, needs));
  if (conversation && run.outcome.outcome() == Outcome::ok && !run.outcome.pair())
    remember(scope, *conversation, run.outcome, remembered);
  co_return std::nullopt;
}

}  // namespace triage
