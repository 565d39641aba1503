// Read, check, resolve, plan; then an answer.
#include "openai/conversation.hpp"
#include "openai/features.hpp"
#include "openai/request_body.hpp"
#include "pipeline/ask.hpp"
#include "pipeline/attempt.hpp"
#include "pipeline/shadow.hpp"

namespace triage {
namespace {

using Clock = RequestRecord::Clock;

struct ConversationNumber {
  std::uint64_t number = 0;
  bool may_hold = false;  ///< what was remembered under it counts for this request
};

// By the client's own word, else by how its messages begin; the first request of a conversation is then free to go
// anywhere, because the same opening may be the whole of many requests.
std::optional<ConversationNumber> conversation_of(const Context& context, const LiveRoute* route,
                                                  const ApiRequest& request) {
  if (route == nullptr || route->tiers.size() < 2 || route->spec->sticky.count() == 0) return std::nullopt;
  const Sessions& sessions = *context.snapshot.sessions;
  const std::string_view key = context.key != nullptr ? std::string_view(context.key->name) : "";
  const auto named = find_field(context.exchange.head().fields, "x-triage-session");
  if (named && !named->empty() && may_set(context.key, "session"))
    return ConversationNumber{sessions.number(key, route->spec->name, *named), true};
  if (request.api != Api::chat) return std::nullopt;
  const auto conversation = read_conversation(request.body);
  if (!conversation) return std::nullopt;
  return ConversationNumber{sessions.number(key, route->spec->name, conversation->opening), conversation->continued};
}

// Asks the models that routers of the chain want to hear.
Async<void> ask_models(Context& context, const LiveRoute& route, Deciding& deciding, Question question) {
  std::optional<Completion> reply;
  for (;;) {
    reply = co_await ask(context, question, Purpose::route, time_left(context, route.spec->timeouts));
    auto next = deciding.next(reply ? &*reply : nullptr);
    if (!next) co_return;
    question = std::move(*next);
  }
}

// For the record, if there will be one. An embedding has nothing to say.
void read_the_answer(Context& context, const LiveRoute* route, Api api) {
  constexpr std::size_t enough_for_signals = 256 * 1024;
  const bool content = route != nullptr && route->content;
  if (context.ledger == nullptr || (api == Api::embeddings && !content)) return;
  context.seen = std::make_unique<SeenAnswer>(
      content ? std::max(route->content->enough(), enough_for_signals) : enough_for_signals,
      context.snapshot.spec.limits.event.bytes);
}

void remember(Context& context, const ConversationNumber& conversation, std::chrono::milliseconds warm) {
  const RequestRecord& record = context.record;
  const auto now = Clock::now();
  const bool forgot = context.snapshot.sessions->keep(conversation.number, record.asked.tier,
                                                      record.asked.deployment->spec->name, now, now + warm);
  if (forgot) context.snapshot.session_hits->add();
}

}  // namespace

Async<Result<void>> handle_api(Context& context, Api api) {
  Exchange& exchange = context.exchange;
  RequestRecord& record = context.record;
  const auto body = co_await exchange.read_body();
  if (!body) co_return body.error();
  record.body_read = Clock::now();
  const auto request = parse_request_body(api, *body, context.snapshot.spec.limits.body_depth);
  if (!request) {
    const Error error = request.error();
    if (error.code == ErrorCode::json_too_deep) context.snapshot.body_depth_hits->add();
    co_return error;
  }
  record.model = request->model;
  record.streamed = request->stream;
  const RoutingInput input(*request, exchange.head(), context.key, read_features);
  auto resolution = resolve(context.snapshot, input);
  if (!resolution) co_return resolution.error();
  const LiveRoute* const route = resolution->route;
  record.route = route;
  record.metrics = route != nullptr ? &route->metrics : &context.snapshot.direct;
  if (route != nullptr) {
    Deciding deciding(route->chain, input);
    const auto question = deciding.next(nullptr);
    if (question) co_await ask_models(context, *route, deciding, *question);
    resolution->decision = deciding.decision();
  }
  read_the_answer(context, route, api);
  const auto conversation = conversation_of(context, route, *request);
  std::optional<Sessions::Held> held;
  if (conversation && conversation->may_hold)
    held = context.snapshot.sessions->find(conversation->number, record.body_read);
  const Needs needs = needs_of(*request, input.features(), route != nullptr ? route->window_least : std::nullopt);
  auto planned = plan(context.snapshot, *resolution, needs, held, context.ticket);
  record.decision = std::move(resolution->decision);
  if (!planned) co_return planned.error();
  record.note = std::move(planned->note);
  record.request = &*request;
  record.features = &input.features();
  auto drawn = draw_ensemble(context, *request, needs);
  Result<void> answered;
  if (drawn)
    answered = co_await answer_twice(context, *request, std::move(*drawn));
  else
    answered = co_await answer(context, *request, route, planned->targets);
  if (answered) cast_shadow(context, *request, needs);
  record.features = nullptr;
  record.request = nullptr;
  if (answered && conversation && record.outcome == Outcome::ok && !record.pair)
    remember(context, *conversation, route->spec->sticky);
  co_return answered;
}

}  // namespace triage
