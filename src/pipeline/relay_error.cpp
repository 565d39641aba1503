#include "pipeline/steps.hpp"
#include "wire/error_body.hpp"

#include <algorithm>

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

Async<Result<void>> relay_error(Context& context, const Target& target, Reply& reply) {
  RequestRecord& record = context.record;
  const int status = reply.head().status;
  const bool ours_to_map = status < 400 || status > 599;  // a redirect is not followed: credentials would go elsewhere
  const bool clients_fault =
      status >= 400 && status < 500 && status != 401 && status != 403 && status != 408 && status != 429;
  record.outcome = clients_fault ? Outcome::client_error : Outcome::upstream_error;
  record.error = ErrorCode::upstream_error;
  if (ours_to_map)
    co_return Error{ErrorCode::upstream_bad_response, "the provider answered with status " + std::to_string(status) +
                                                          ", which is neither an answer nor an error"};
  Buffer storage;
  const auto body = co_await read_whole(reply, error_bytes_max, storage);
  const Provider& provider = *target.deployment->provider;
  const std::string text = normalized_error_body(status, find_field(reply.head().fields, "content-type").value_or(""),
                                                 body ? *body : std::string_view(), secrets_of(provider));
  if (body && storage.empty()) co_await reply.next();  // the end, after which its connection serves others
  if (context.exchange.begun()) {
    const std::string event = "data: " + text + "\n\n";
    const auto sent = co_await context.exchange.write(event);
    if (!sent) co_return sent.error();
    co_return co_await context.exchange.finish();
  }
  ResponseHead head = client_head(reply, target);
  std::erase_if(head.fields, [](const Field& field) {
    return iequals(field.name, "content-type") || iequals(field.name, "content-encoding");
  });
  head.fields.push_back({"content-type", "application/json"});
  if ((status == 429 || status == 503) && !find_field(head.fields, "retry-after"))
    head.fields.push_back({"retry-after", "1"});
  co_return co_await context.exchange.respond(std::move(head), text);
}

}  // namespace triage
