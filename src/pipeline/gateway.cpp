// The life of a request:
//
//   authenticate -> by path: handle_api | handle_models | pass_through -> fail, if any of them did
//
// handle_api is the long one: read the body, check it, resolve (route, routers), plan (deployments), then attempts:
// encode in the provider's dialect, send, relay the answer. Whoever sends the last bytes calls conclude() first, which
// gives the record to the ledger. docs/life-of-a-request.md tells it in prose.
#include "pipeline/gateway.hpp"

#include "pipeline/authenticate.hpp"
#include "pipeline/steps.hpp"

namespace triage {
namespace {

constexpr std::string_view api_prefix = "/v1/";

Error method_not_allowed(const RequestHead& head, std::string_view allowed) {
  Error error{ErrorCode::method_not_allowed, std::string(head.path.substr(0, 200)) + " takes " + std::string(allowed) +
                                                 ", not " + std::string(head.method.substr(0, 32))};
  error.allow = allowed;
  return error;
}

Async<Result<void>> api_call(Context& context, Api api) {
  const RequestHead& head = context.exchange.head();
  if (head.method != "POST") co_return method_not_allowed(head, "POST");
  co_return co_await handle_api(context, api);
}

Async<Result<void>> dispatch(Context& context) {
  const RequestHead& head = context.exchange.head();
  const auto key = authenticate(context.snapshot, head);
  if (!key) co_return key.error();
  context.key = *key;
  const auto api = api_at(head.path);
  if (api) co_return co_await api_call(context, *api);
  if (head.path == "/v1/models" || head.path.starts_with("/v1/models/")) {
    if (head.method == "GET" || head.method == "HEAD") co_return co_await handle_models(context);
    if (head.path == "/v1/models") co_return method_not_allowed(head, "GET, HEAD");
  }
  if (head.path.starts_with(api_prefix) && head.method != "CONNECT" && head.method != "TRACE")
    co_return co_await pass_through(context);
  co_return Error{ErrorCode::not_found, "there is nothing at " + std::string(head.path.substr(0, 200)) +
                                            "; the API begins at /v1/, for example POST /v1/chat/completions"};
}

}  // namespace

Async<void> Gateway::handle(Exchange& exchange) {
  const auto snapshot = snapshot_;  // one version for the whole request
  Context context{*snapshot, exchange, upstream_, loop_.deadlines, loop_.io.get_executor(), ledger_, requests_++};
  context.shadows = &shadows_;
  const auto done = co_await dispatch(context);
  if (!done) {
    const Error error = done.error();
    co_await fail(context, error);
  }
  co_await conclude(context);
}

}  // namespace triage
