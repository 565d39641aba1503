#include "admin/admin.hpp"

#include "wire/error_body.hpp"

namespace triage::admin {
namespace {

struct Answer {
  int status = 200;
  std::string_view type = "application/json";
  std::string body;
};

Answer refused(const Error& error) {
  return {traits(error.code).status, "application/json", error_body(error)};
}

Answer answer(const RequestHead& head, const Metrics& metrics, bool ready) {
  const std::string_view path = head.path;
  if (path != "/health/live" && path != "/health/ready" && path != "/metrics")
    return refused({ErrorCode::not_found, "the admin address serves /health/live, /health/ready and /metrics"});
  if (head.method != "GET" && head.method != "HEAD")
    return refused({ErrorCode::method_not_allowed, std::string(path) + " takes GET"});
  if (path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", metrics.text()};
  if (path == "/health/ready" && !ready) return {503, "application/json", R"({"status":"stopping"})"};
  return {200, "application/json", path == "/health/ready" ? R"({"status":"ready"})" : R"({"status":"live"})"};
}

}  // namespace

Async<void> Admin::handle(Exchange& exchange) {
  const Answer made = answer(exchange.head(), metrics_, ready_());
  ResponseHead head;
  head.status = made.status;
  head.fields.push_back({"content-type", made.type});
  if (made.status == 503) head.fields.push_back({"retry-after", "1"});
  co_await exchange.respond(std::move(head), made.body);
}

}  // namespace triage::admin
