#include "http1/error_fields.hpp"

namespace triage {

void set_default(ResponseHead& head, std::string_view name, std::string_view value) {
  if (!find_field(head.fields, name)) head.fields.push_back({name, value});
}

void add_error_fields(ResponseHead& head, const Error& error, std::string& storage) {
  set_default(head, "content-type", "application/json");
  storage = error.retry_after ? std::to_string(error.retry_after->count()) : "1";
  if (error.retry_after || head.status == 429 || head.status == 503) set_default(head, "retry-after", storage);
  if (!error.allow.empty()) set_default(head, "allow", error.allow);
  if (error.code == ErrorCode::upgrade_required) set_default(head, "sec-websocket-version", "13");
  if (error.code == ErrorCode::unsupported_content_coding) set_default(head, "accept-encoding", "gzip, deflate");
  if (error.code == ErrorCode::invalid_api_key) set_default(head, "www-authenticate", "Bearer");
}

}  // namespace triage
