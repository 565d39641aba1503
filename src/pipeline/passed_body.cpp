// Bodies that are held, up to limits.body:
//
//   JSON                          always; if it is larger and its model does not matter, it is streamed unread
//   a multipart form              if its length is known; likewise
//   anything for a path of files  never, except JSON
//   anything else                 only if the model matters, because it may be JSON or a form under another type
#include "pipeline/passed_body.hpp"

#include "json/json.hpp"
#include "pipeline/passage.hpp"

#include <algorithm>

namespace triage {
namespace {

std::string_view media_type(std::string_view content_type) noexcept {
  return content_type.substr(0, std::min(content_type.find_first_of("; \t"), content_type.size()));
}

bool is_json_type(std::string_view content_type) noexcept {
  const std::string_view type = media_type(content_type);
  constexpr std::string_view suffix = "+json";
  return iequals(type, "application/json") || iequals(type, "text/json") ||
         (type.size() > suffix.size() && iequals(type.substr(type.size() - suffix.size()), suffix));
}

bool begins_object(std::string_view bytes) noexcept {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && bytes[first] == '{';
}

bool is_held(const RequestHead& head, std::string_view type, bool model_matters, std::uint64_t most) noexcept {
  if (!head.has_body()) return false;
  const bool json = is_json_type(type);
  if (keeps_files(head.path) && !json) return false;
  if (model_matters) return true;
  if (head.content_length.value_or(0) > most) return false;
  return json || (iequals(media_type(type), "multipart/form-data") && head.content_length);
}

Error unreadable(std::string what) {
  return {ErrorCode::invalid_value,
          "which model this call asks for cannot be checked: " + std::move(what) +
              "; send JSON or a multipart form that names it in 'model'",
          "model"};
}

// What may name a model beside the body's own `model`.
std::optional<Error> named_elsewhere(const RequestHead& head, const NamedModel& named) {
  if (named.named && named.model.empty()) return unreadable("'model' is not the name of one");
  if (named.more) return unreadable("it is named in more than one place");
  if (names_a_model(head.path)) return unreadable("the path names one");
  for (std::string_view query = head.query; !query.empty();) {
    const std::size_t end = std::min(query.find('&'), query.size());
    if (iequals(query.substr(0, std::min(query.find('='), end)), "model")) return unreadable("the query names one");
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  if (named.model.empty() && head.method == "POST" && needs_a_model(head.path))
    return Error{ErrorCode::missing_parameter,
                 "'model' is missing: this key or route takes only some models, so name one in the body", "model"};
  return std::nullopt;
}

Result<void> read_model(const RequestHead& head, std::string_view type, std::uint32_t depth_max, PassedBody& body) {
  const auto encoding = find_field(head.fields, "content-encoding");
  if (encoding && !iequals(*encoding, "identity")) return unreadable("the body is encoded");
  if (is_json_type(type) || begins_object(body.bytes)) {
    auto named = read_named_model(body.bytes, depth_max);
    if (!named) return named.error();
    body.named = std::move(*named);
    body.json = true;
    return {};
  }
  auto named = read_form_model(type, body.bytes);
  if (!named) return unreadable("the body is neither JSON nor a form that every server reads alike");
  body.named = std::move(*named);
  body.form = true;
  return {};
}

}  // namespace

Async<Result<PassedBody>> read_passed_body(RequestRun& run, bool model_matters) {
  const RequestHead& head = run.exchange.head();
  const LimitsSpec& limits = run.snapshot.spec.limits;
  const std::string_view type = find_field(head.fields, "content-type").value_or("");
  PassedBody body;
  body.held = is_held(head, type, model_matters, limits.body.bytes);
  if (body.held) {
    const auto bytes = co_await run.exchange.read_body();
    if (!bytes) co_return bytes.error();
    body.bytes = *bytes;
  }
  if (!body.bytes.empty()) {
    const auto read = read_model(head, type, limits.body_depth, body);
    if (!read && read.error().code == ErrorCode::json_too_deep) run.snapshot.body_depth_hits->add();
    if (!read && model_matters) co_return read.error();
  }
  if (model_matters)
    if (auto error = named_elsewhere(head, body.named)) co_return *std::move(error);
  co_return body;
}

std::vector<std::string_view> with_model(const PassedBody& body, std::string_view model, std::string& quoted) {
  const NamedModel& named = body.named;
  if (named.value.empty() || named.model.empty() || named.model == model) return {body.bytes};
  quoted.clear();
  body.json ? append_json_string(quoted, model) : void(quoted = model);
  return {body.bytes.substr(0, named.value.begin), quoted, body.bytes.substr(named.value.end)};
}

}  // namespace triage
