// The life of a request:
//
//   authenticate -> by path: handle_api | handle_models | handle_feedback | pass_through -> fail, if any of them failed
//
// Whoever sends the last bytes first ends the outcome, which gives the record to the ledger. If nobody has, its
// destructor does. docs/life-of-a-request.md has the story in prose.
#include "pipeline/gateway.hpp"

#include "base/log.hpp"
#include "clients/clients.hpp"
#include "pipeline/authenticate.hpp"
#include "pipeline/own_host.hpp"
#include "pipeline/passage.hpp"
#include "pipeline/socket/socket_route.hpp"
#include "pipeline/steps.hpp"
#include "websocket/upgrade.hpp"

namespace triage {
namespace {

constexpr std::string_view api_prefix = "/v1/";

Failure method_not_allowed(const RequestHead& head, std::string_view allowed) {
  Error error{ErrorCode::method_not_allowed, std::string(head.path.substr(0, 200)) + " takes " + std::string(allowed) +
                                                 ", not " + std::string(head.method.substr(0, 32))};
  error.allow = allowed;
  return failure_of(std::move(error));
}

bool lists_models(std::string_view path) noexcept {
  for (const std::string_view list : {"/v1/models", "/v1beta/models"})
    if (path == list || (path.starts_with(list) && path[list.size()] == '/')) return true;
  return false;
}

RequestFacts facts_of(Exchange& exchange, const Snapshot& snapshot) {
  RequestFacts facts;
  facts.id = exchange.id();
  facts.started = exchange.started();
  facts.path = exchange.head().path;
  facts.exchange = &exchange;
  facts.trace = trace_of(exchange.head(), facts.id, snapshot.spec.opentelemetry);
  return facts;
}

// For load balancers and the curious, without a key: that the gateway runs, and nothing else.
Async<MaybeFailure> say_hello(RequestRun& run, std::string_view text) {
  ResponseHead head;
  head.fields.push_back({"content-type", "application/json"});
  head.fields.push_back({"cache-control", "no-store"});
  co_await run.outcome.end_plain(head.status);
  const auto sent = co_await run.exchange.respond(std::move(head), text);
  if (!sent) co_return failure_of(sent.error());
  co_return std::nullopt;
}

std::string_view greeting_at(std::string_view path) noexcept {
  if (path == "/") return R"({"name":"triage","api":"/v1/","models":"/v1/models"})";
  if (path == "/health") return R"({"status":"ok"})";
  return "";
}

Async<MaybeFailure> dispatch(RequestRun& run) {
  const RequestHead& head = run.exchange.head();
  const std::string_view greeting = greeting_at(head.path);
  if (!greeting.empty() && !head.has_body()) {
    if (head.method != "GET" && head.method != "HEAD") co_return method_not_allowed(head, "GET, HEAD");
    co_return co_await say_hello(run, greeting);
  }
  run.response.speak(client_at(head));
  if (auto foreign = foreign_page(run.snapshot.spec, head)) co_return failure_of(*std::move(foreign));
  const auto key = authenticate(run.snapshot, head);
  if (!key) co_return failure_of(key.error());
  run.outcome.facts.key = *key;
  if (*key != nullptr && !run.snapshot.key_shares.empty())
    run.exchange.count_for(*run.snapshot.key_shares[static_cast<std::size_t>(*key - run.snapshot.spec.keys.data())]);
  if (websocket::asks_for_upgrade(head)) co_return co_await handle_web_socket(run);
  if (head.path == realtime_path && head.method == "GET")
    co_return failure_of(Error{ErrorCode::upgrade_required,
                               "GET /v1/realtime takes a WebSocket (Connection: Upgrade, Upgrade: websocket); if the "
                               "client asked for one, a proxy on the way has dropped that"});
  if (const auto api = api_at(head.path)) {
    if (passes_unread(run.snapshot, *key, head)) co_return co_await pass_through(run);
    if (head.method != "POST") co_return method_not_allowed(head, "POST");
    co_return co_await handle_api(run, *api);
  }
  if (head.path == feedback_path) {
    if (head.method != "POST") co_return method_not_allowed(head, "POST");
    co_return co_await handle_feedback(run);
  }
  if (counts_tokens(head.path) && !passes_unread(run.snapshot, *key, head)) {
    if (head.method != "POST") co_return method_not_allowed(head, "POST");
    co_return co_await count_tokens(run);
  }
  if (lists_models(head.path)) {
    if (head.method == "GET" || head.method == "HEAD") co_return co_await handle_models(run);
    if (head.path.ends_with("/models")) co_return method_not_allowed(head, "GET, HEAD");
  }
  if (head.path.starts_with(api_prefix) && head.method != "CONNECT" && head.method != "TRACE")
    co_return co_await pass_through(run);
  co_return failure_of(Error{ErrorCode::not_found, "there is nothing at " + std::string(head.path.substr(0, 200)) +
                                                       "; the API begins at /v1/, for example POST "
                                                       "/v1/chat/completions"});
}

// An exception in a step is the gateway's own failure, told and recorded like any other.
Failure broken(const Exchange& exchange, const char* what) {
  log::error("request " + std::string(exchange.id()) + " failed inside the gateway: " + what);
  return failure_of(Error{ErrorCode::internal_error, "the gateway failed; its log has the reason"});
}

}  // namespace

RequestRun::RequestRun(const Snapshot& of, const Services& with, Exchange& one, std::uint64_t number)
    : snapshot(of),
      services(with),
      exchange(one),
      ticket(number),
      outcome(of, with.ledger, facts_of(one, of)),
      response(of, one, outcome) {}

Async<void> Gateway::handle(Exchange& exchange) {
  const auto snapshot = snapshot_;  // one version for the whole request
  RequestRun run(*snapshot, services_, exchange, requests_++);
  MaybeFailure failed;
  try {
    failed = co_await dispatch(run);
  } catch (const std::exception& error) {
    failed = broken(exchange, error.what());
  }
  if (failed && failed->code() == ErrorCode::client_gone)
    failed->error = given_up(exchange.gone(), std::move(failed->error.message));
  if (failed) co_await run.response.fail(*failed);
}

}  // namespace triage
