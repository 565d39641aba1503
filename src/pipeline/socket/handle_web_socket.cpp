// A WebSocket: the request is checked as any other, then
//
//   /v1/realtime    model in the query: route -> open the provider's connection -> accept the client's -> relay
//   /v1/responses   model in the first event: accept the client's connection -> first event -> route -> open -> relay
//
// Until the provider has accepted, another deployment can be asked. What fails before the client's connection is
// accepted is told by an HTTP error, later by an event of type "error" and a close frame.
#include "http1/field_grammar.hpp"
#include "openai/error_body.hpp"
#include "openai/named_model.hpp"
#include "pipeline/answer/client_head.hpp"
#include "pipeline/attempt/attempts.hpp"
#include "pipeline/socket/relay.hpp"
#include "pipeline/socket/socket_route.hpp"
#include "pipeline/steps.hpp"
#include "websocket/upgrade.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace triage {
namespace {

using Clock = Trail::Clock;
using std::chrono::milliseconds;

constexpr int switching = 101;

// A place among the open WebSockets, of which there are so many for all and so many for each key.
class Place {
 public:
  Place(const Snapshot& snapshot, const KeySpec* key) : snapshot_(snapshot) {
    const LimitsSpec& limits = snapshot.spec.limits;
    if (key != nullptr && !snapshot.key_shares.empty())
      of_key_ = &snapshot.key_shares[static_cast<std::size_t>(key - snapshot.spec.keys.data())]->web_sockets;
    const auto most_of_key = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(limits.key_share * static_cast<double>(limits.web_sockets)));
    if (snapshot.web_sockets->fetch_add(1) >= limits.web_sockets) {
      snapshot.web_sockets->fetch_sub(1);
      hit_ = snapshot.web_socket_hits;
    } else if (of_key_ != nullptr && of_key_->fetch_add(1) >= most_of_key) {
      of_key_->fetch_sub(1);
      snapshot.web_sockets->fetch_sub(1);
      hit_ = snapshot.key_share_hits;
    } else {
      snapshot.web_sockets_open->add(1);
    }
    if (hit_ != nullptr) hit_->add();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (hit_ != nullptr) return;
    if (of_key_ != nullptr) of_key_->fetch_sub(1);
    snapshot_.web_sockets->fetch_sub(1);
    snapshot_.web_sockets_open->add(-1);
  }

  /// Why there is none.
  [[nodiscard]] std::optional<Error> refused() const {
    if (hit_ == nullptr) return std::nullopt;
    const bool by_key = hit_ == snapshot_.key_share_hits;
    return Error{ErrorCode::overloaded,
                 std::string(by_key ? "this key has its share of the WebSockets open (limits.key_share of "
                                      "limits.web_sockets); close some, or try again later"
                                    : "too many open WebSockets (limits.web_sockets); try again later"),
                 "", std::chrono::seconds(1)};
  }

 private:
  const Snapshot& snapshot_;
  std::atomic<std::int64_t>* of_key_ = nullptr;
  Counter* hit_ = nullptr;  // the limit that refused it
};

SocketLimits socket_limits(const LimitsSpec& limits) {
  SocketLimits out;
  out.message = limits.web_socket_message.bytes;
  out.write_stall = limits.write_stall;
  out.silence = limits.silence;
  return out;
}

// One client's connection from its request to its end.
class Serving {
 public:
  explicit Serving(RequestRun& run) : run_(run), limits_(socket_limits(run.snapshot.spec.limits)) {}

  Async<MaybeFailure> run_realtime() {
    const RequestHead& head = run_.exchange.head();
    auto model = model_in_query(head.query);
    if (!model) co_return failure_of(model.error());
    auto route = route_socket(run_, std::move(*model));
    if (!route) co_return failure_of(route.error());
    auto failed = co_await open(*route);
    if (failed) co_return failed;
    auto refused = co_await accept();
    if (refused) co_return refused;
    co_await relay(std::nullopt);
    co_return std::nullopt;
  }

  Async<MaybeFailure> run_responses() {
    auto refused = co_await accept();
    if (refused) co_return refused;
    const auto first = co_await first_event();
    if (!first) co_return std::nullopt;
    MaybeFailure failed;
    const auto named = read_named_model(first->bytes, run_.snapshot.spec.limits.body_depth);
    if (!named) {
      failed = failure_of(named.error());
    } else {
      auto route = route_socket(run_, named->model);
      if (route)
        failed = co_await open(*route);
      else
        failed = failure_of(route.error());
    }
    if (failed) {
      co_await tell(*failed);
      co_return std::nullopt;
    }
    co_await relay(first);
    co_return std::nullopt;
  }

 private:
  // The subprotocols that are meant for a provider; the first of them is what a client gets that offered some, where
  // the provider chooses none: browsers end a connection without one.
  std::string offered() const {
    std::string out;
    for (const std::string_view each : websocket::subprotocols(run_.exchange.head()))
      if (!websocket::is_credential(each)) out.append(out.empty() ? "" : ", ").append(each);
    return out;
  }

  std::string chosen() const {
    const std::string all = offered();
    std::string first = all.substr(0, all.find(','));
    if (attempt_ == nullptr) return first;
    const auto said = find_field(attempt_->reply().head().fields, "sec-websocket-protocol");
    bool is_offered = false;
    if (said) grammar::for_each_element(all, [&](std::string_view each) { is_offered = is_offered || each == *said; });
    return is_offered ? std::string(*said) : first;
  }

  // As many deployments as there are, each once.
  Async<MaybeFailure> open(const SocketRoute& route) {
    const RequestHead& head = run_.exchange.head();
    const std::vector<Target>& targets = route.chosen.targets;
    const bool known = route.chosen.known;
    RetrySpec retry = route.policy->spec->retry;
    retry.attempts = 1;
    Failover failover(targets.size(), retry, [&](std::size_t i) {
      Failover::Candidate seen = candidate_of(*targets[i].deployment);
      if (!known) seen.rests = milliseconds(0);  // only the deployment's own model rests
      return seen;
    });
    const auto deadline = run_.outcome.facts.body_read + route.policy->spec->timeouts.total;
    const auto time_left = [&] { return std::chrono::duration_cast<milliseconds>(deadline - Clock::now()); };
    const auto first = failover.first();
    if (!first) co_return all_rest(failover, targets.front());
    Failover::Step step = *first;
    std::size_t shares = targets.size();
    for (AttemptCause cause = AttemptCause::first;; cause = AttemptCause::fallback) {
      const Target& target = targets[step.candidate];
      query_ = query_with_model(head.query, known ? std::string_view(target.deployment->spec->model) : "");
      SocketAsk ask{head, offered()};
      ask.head.query = query_;
      attempt_ = std::make_unique<SocketAttempt>(run_, target, cause, known);
      const CallTimeouts timeouts = timeouts_within(route.policy->spec->timeouts, time_left(), true, shares);
      auto failed = co_await attempt_->open(ask, timeouts, limits_);
      if (!failed) co_return std::nullopt;
      attempt_.reset();
      if (time_left() <= milliseconds(0)) co_return failed;
      const auto next = failover.after(*failed, time_left(), 0, [] { return false; });
      if (!next) co_return failed;
      route.policy->metrics.fallbacks->add();
      step = *next;
      if (shares > 1) --shares;
    }
  }

  Async<MaybeFailure> accept() {
    ResponseHead head;
    if (attempt_ != nullptr) {
      head = client_head(attempt_->reply(), attempt_->target());
      add_experiment_fields(head.fields, run_.outcome.facts.assigned);
      std::erase_if(head.fields, [](const Field& field) {
        return field.name.size() > 13 && iequals(field.name.substr(0, 13), "sec-websocket");
      });
    }
    head.status = switching;
    const std::string subprotocol = chosen();
    std::function<void(std::uint16_t)> stopping = [this](std::uint16_t code) { stop(code, false); };
    const auto accepted = co_await run_.exchange.accept(std::move(head), subprotocol, limits_, std::move(stopping));
    if (!accepted) co_return failure_of(accepted.error());
    client_ = *accepted;
    run_.outcome.answer_begins(attempt_ != nullptr ? attempt_->answered() : Clock::now());
    co_return std::nullopt;
  }

  // nullopt: none came; then the outcome has ended.
  Async<std::optional<SocketMessage>> first_event() {
    Deadline patience(run_.services.deadlines, [this] {
      run_.snapshot.web_socket_idle_hits->add();
      start_close(close_code::policy, "no event came within limits.web_socket_idle");
    });
    patience.set_in(run_.snapshot.spec.limits.web_socket_idle);
    const CancellationHook hook(run_.exchange.gone(), [this] { client_->cut(); });
    waiting_ = true;
    const auto first = co_await client_->read();
    waiting_ = false;
    if (first) co_return first;
    RelayEnd end;
    end.end = client_->end();
    co_await finish(end);
    co_return std::nullopt;
  }

  Async<void> relay(std::optional<SocketMessage> first) {
    const Target& target = attempt_->target();
    const LimitsSpec& limits = run_.snapshot.spec.limits;
    const bool known = attempt_->known();
    const std::string& asked = run_.outcome.facts.model;
    const ModelGuard guard(asked, known ? target.deployment->spec->model : asked,
                           known || model_matters(run_.snapshot, run_.outcome.facts.key, run_.exchange.head()),
                           limits.body_depth);
    Relay relay(run_.services, *client_, *attempt_, guard, limits.web_socket_idle);
    relay_ = &relay;
    if (stopping_) relay.stop(*stopping_, false);
    RelayEnd end;
    {
      const CancellationHook hook(run_.exchange.gone(),
                                  [&] { relay.stop(stopping_.value_or(close_code::going_away), true); });
      end = co_await relay.run(first);
    }
    relay_ = nullptr;
    co_await finish(end);
  }

  void stop(std::uint16_t code, bool now) {
    stopping_ = code;
    if (relay_ != nullptr) return relay_->stop(code, now);
    if (waiting_) start_close(code, "the gateway is restarting");
  }

  void start_close(std::uint16_t code, std::string_view reason) {
    asio::co_spawn(run_.services.executor, client_->close(code, reason), asio::detached);
  }

  // What went wrong; nullopt: nothing.
  static std::optional<Error> fault_of(const RelayEnd& end) {
    using How = SocketEnd::How;
    using By = RelayEnd::By;
    const How how = end.end.how;
    if (end.by == By::idle) return std::nullopt;
    if (end.by == By::stopping) {
      if (!end.busy) return std::nullopt;
      return Error{ErrorCode::shutting_down, "the gateway stopped in the middle of a response"};
    }
    if (end.by == By::client) {
      if (how == How::too_large)
        return Error{ErrorCode::body_too_large, "a message of the client is larger than limits.web_socket_message"};
      if (how == How::broken)
        return Error{ErrorCode::malformed_http, "the client broke the WebSocket protocol: " + end.end.reason};
      if (how == How::closed && !end.busy) return std::nullopt;
      return Error{ErrorCode::client_gone, "the client left"};
    }
    switch (how) {
      case How::too_large:
        return Error{ErrorCode::upstream_too_large,
                     "a message of the provider is larger than limits.web_socket_message"};
      case How::broken: return Error{ErrorCode::upstream_bad_response, "the provider broke the WebSocket protocol"};
      case How::silent:
      case How::stalled: return Error{ErrorCode::upstream_idle_timeout, "the provider does not answer any more"};
      case How::cut: return Error{ErrorCode::upstream_truncated, "the provider cut the connection"};
      case How::closed: break;
    }
    const std::uint16_t code = end.end.code;
    const bool wrong = code == 1002 || code == 1003 || (code >= 1007 && code <= 1011) || code == 1014;
    if (!end.busy && !wrong) return std::nullopt;
    return Error{wrong ? ErrorCode::upstream_error : ErrorCode::upstream_truncated,
                 "the provider closed the connection with code " + std::to_string(code)};
  }

  Async<void> finish(const RelayEnd& end) {
    if (end.by == RelayEnd::By::idle) run_.snapshot.web_socket_idle_hits->add();
    if (end.end.how == SocketEnd::How::too_large) run_.snapshot.web_socket_message_hits->add();
    const auto fault = fault_of(end);
    if (attempt_ != nullptr) attempt_->end(fault ? &*fault : nullptr);
    if (fault)
      co_await run_.outcome.end_failed(failure_of(*fault), switching);
    else
      co_await run_.outcome.end_plain(switching);
  }

  // The client's connection is open, the provider's could not be.
  Async<void> tell(const Failure& failure) {
    const ErrorCode code = failure.code();
    const int status = failure.reply ? failure.reply->status : traits(code).status;
    co_await run_.outcome.end_failed(failure, switching);
    const std::string body = failure.reply ? failure.reply->body : error_body(failure.error);
    const std::string event = error_as_event(status, body);
    const SocketMessage told{event, true};
    co_await client_->write(told);
    const bool client_fault = status < 500 && status != 429;
    const bool later = status == 429 || status == 503;
    co_await client_->close(client_fault ? close_code::policy
                            : later      ? close_code::try_again_later
                                         : close_code::internal_error,
                            traits(code).name);
  }

  RequestRun& run_;
  const SocketLimits limits_;
  std::string query_;
  std::unique_ptr<SocketAttempt> attempt_;
  WebSocket* client_ = nullptr;
  Relay* relay_ = nullptr;
  std::optional<std::uint16_t> stopping_;
  bool waiting_ = false;  // for the first event
};

}  // namespace

Async<MaybeFailure> handle_web_socket(RequestRun& run) {
  const RequestHead& head = run.exchange.head();
  if (!websocket::asks_for_web_socket(head) || !takes_web_sockets(head.path))
    co_return failure_of(Error{ErrorCode::invalid_value,
                               std::string(head.path.substr(0, 200)) + " cannot be upgraded to " +
                                   grammar::quote(find_field(head.fields, "upgrade").value_or("")) +
                                   ": GET /v1/realtime and GET /v1/responses take WebSockets, and nothing else is "
                                   "upgraded; leave out the field 'Upgrade'",
                               "upgrade"});
  if (auto fault = websocket::handshake_fault(head)) co_return failure_of(*std::move(fault));
  const Place place(run.snapshot, run.outcome.facts.key);
  if (auto error = place.refused()) co_return failure_of(*std::move(error));
  run.outcome.facts.streamed = true;
  Serving serving(run);
  if (head.path == realtime_path) co_return co_await serving.run_realtime();
  co_return co_await serving.run_responses();
}

}  // namespace triage
