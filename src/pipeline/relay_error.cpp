#include "openai/error_body.hpp"
#include "pipeline/attempt.hpp"

namespace triage {
namespace {

constexpr std::uint64_t error_bytes_max = 1024 * 1024;

}  // namespace

std::vector<std::string_view> secrets_of(const Provider& provider) {
  std::vector<std::string_view> secrets;
  if (!provider.api_key.empty()) secrets.push_back(provider.api_key.reveal());
  for (const auto& [name, value] : provider.headers)
    if (value.reveal().size() >= 4) secrets.push_back(value.reveal());
  return secrets;
}

Async<ProviderError> read_error(const Target& target, Reply& reply) {
  const Provider& provider = *target.deployment->provider;
  const ResponseHead head = client_head(reply, target);
  ProviderError out;
  out.status = head.status;
  Buffer storage;
  const auto body = co_await read_whole(reply, error_bytes_max, storage);
  if (head.status >= 400 && head.status <= 599) {
    out.body = normalized_error_body(head.status, find_field(head.fields, "content-type").value_or(""),
                                     body ? *body : std::string_view(), secrets_of(provider));
  } else {  // a redirect, mostly: it is not followed, because credentials would go elsewhere
    const Error error{ErrorCode::upstream_bad_response, "the provider answered with status " +
                                                            std::to_string(head.status) +
                                                            ", which is neither an answer nor an error"};
    out.status = traits(error.code).status;
    out.body = error_body(error);
  }
  for (const Field& field : head.fields)
    if (!iequals(field.name, "content-type") && !iequals(field.name, "content-encoding"))
      out.fields.emplace_back(field.name, field.value);
  if (body && storage.empty()) co_await reply.next();  // the end, after which its connection serves others
  co_return out;
}

Async<Result<void>> send_error(Context& context, const ProviderError& error) {
  Exchange& exchange = context.exchange;
  context.record.status = exchange.begun() ? 200 : error.status;
  co_await conclude(context);
  if (exchange.begun()) {
    const std::string event = "data: " + error.body + "\n\n";
    const auto sent = co_await exchange.finish(event);
    co_return sent;
  }
  ResponseHead head;
  head.status = error.status;
  for (const auto& [name, value] : error.fields) head.fields.push_back({name, value});
  head.fields.push_back({"content-type", "application/json"});
  if ((error.status == 429 || error.status == 503) && !find_field(head.fields, "retry-after"))
    head.fields.push_back({"retry-after", "1"});
  const auto sent = co_await exchange.respond(std::move(head), error.body);
  co_return sent;
}

}  // namespace triage
