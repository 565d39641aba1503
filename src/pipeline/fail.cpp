#include "openai/error_body.hpp"
#include "pipeline/steps.hpp"

namespace triage {

Async<void> fail(Context& context, const Error& error) {
  Exchange& exchange = context.exchange;
  const ErrorTraits& what = traits(error.code);
  context.record.outcome = outcome_of(error);
  context.record.error = error.code;
  if (exchange.begun()) {
    context.record.status = 200;
  } else if (error.code != ErrorCode::client_gone) {
    context.record.status = what.status;
  }
  if (what.source != ErrorSource::client) context.record.why = error.message;
  co_await conclude(context);
  if (error.code == ErrorCode::client_gone) co_return exchange.abort();
  if (exchange.begun()) {
    const std::string event = error_event(error);
    const auto sent = co_await exchange.write(event);
    if (sent) co_await exchange.finish();
    co_return;
  }
  const std::string body = error_body(error);
  const bool may_retry_soon = what.status == 429 || what.status == 503;
  const std::string retry_after = error.retry_after ? std::to_string(error.retry_after->count())
                                  : may_retry_soon  ? "1"
                                                    : "";
  ResponseHead head;
  head.status = what.status;
  head.fields.push_back({"content-type", "application/json"});
  if (!retry_after.empty()) head.fields.push_back({"retry-after", retry_after});
  if (!error.allow.empty()) head.fields.push_back({"allow", error.allow});
  if (what.status == 401) head.fields.push_back({"www-authenticate", "Bearer"});
  co_await exchange.respond(std::move(head), body);
}

}  // namespace triage
