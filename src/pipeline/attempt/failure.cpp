#include "pipeline/attempt/failure.hpp"

#include "base/ascii.hpp"
#include "http1/http_date.hpp"
#include "openai/error_body.hpp"
#include "pipeline/answer/client_head.hpp"
#include "pipeline/attempt/whole_body.hpp"
#include "providers/openai.hpp"

#include <algorithm>
#include <charconv>

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_asked_max{3'600'000};  // anything longer is a mistake

std::optional<milliseconds> number_of(std::string_view text, std::int64_t unit_ms) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  const double asked = value * static_cast<double>(unit_ms);
  return milliseconds(asked < static_cast<double>(pause_asked_max.count()) ? static_cast<std::int64_t>(asked)
                                                                           : pause_asked_max.count());
}

Remedy remedy_for(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::upstream_unreachable:
    case ErrorCode::upstream_bad_response:
    case ErrorCode::upstream_truncated:
    case ErrorCode::upstream_error: return Remedy::anywhere;
    case ErrorCode::upstream_tls_failed:
    case ErrorCode::upstream_connect_timeout:
    case ErrorCode::upstream_first_byte_timeout:
    case ErrorCode::upstream_idle_timeout:
    case ErrorCode::upstream_total_timeout:
    case ErrorCode::upstream_too_large: return Remedy::elsewhere;
    default: return Remedy::none;
  }
}

constexpr std::uint64_t error_bytes_max = 1024 * 1024;
constexpr milliseconds pause_after_429{1'000};        // when a provider does not say how long
constexpr milliseconds stream_begins_within{30'000};  // the default of timeouts.first_byte

// Whether a provider's 404 is about the model, or of a server that has no such API.
bool tells_of_a_model(std::string_view body) noexcept {
  constexpr std::string_view words[] = {"model", "deployment", "no route", "tells nothing more"};
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  return std::ranges::any_of(words, [body, same](std::string_view word) {
    return std::search(body.begin(), body.end(), word.begin(), word.end(), same) != body.end();
  });
}

// Why a provider's error is about what is the gateway's own; nullopt: it is not.
std::optional<Error> own_fault(const Target& target, int status, std::string_view body, AskedModel model) {
  const Provider& provider = *target.deployment->provider;
  if (status == 401 || (status < 500 && openai::says_key(body)))
    return Error{ErrorCode::upstream_refused_key,
                 "provider '" + provider.name + "' does not take the gateway's own key; the gateway's log has more"};
  if (status != 404 || model != AskedModel::own || !tells_of_a_model(body)) return std::nullopt;
  return Error{ErrorCode::upstream_refused_model, "provider '" + provider.name + "' knows no model '" +
                                                      target.deployment->spec->model +
                                                      "', or has another base_url; the gateway's log has more"};
}

void tell(ErrorReply& reply, const Error& error) {
  reply.status = traits(error.code).status;
  reply.body = error_body(error);
}

void add_triage_fields(ErrorReply& reply, const Target& target) {
  std::vector<Field> fields;
  add_triage_fields(fields, target);
  for (const Field& field : fields) reply.fields.emplace_back(field.name, field.value);
}

// Some models write a broken call now and then, and their provider reports it as the request's fault.
Remedy remedy_of(const Target& target, int status, std::string_view body) {
  const LiveDeployment& deployment = *target.deployment;
  if (const auto& retried = deployment.spec->quirks.retried; status == 400 && retried)
    for (const std::string& phrase : *retried)
      if (body.find(phrase) != std::string_view::npos) return Remedy::anywhere;
  return deployment.dialect->classify(status, body);
}

// Whether a provider's reply says that there is no such API, and not that there is no such model, response or item.
bool lacks_path(int status, std::string_view body) noexcept {
  if (status != 404 && status != 405 && status != 501) return false;
  constexpr std::string_view others[] = {"model", "deployment", "with id"};
  const auto same = [](char a, char b) { return to_lower(a) == b; };
  return std::ranges::none_of(others, [&](std::string_view words) {
    return std::search(body.begin(), body.end(), words.begin(), words.end(), same) != body.end();
  });
}

}  // namespace

Outcome outcome_of(ErrorCode code) noexcept {
  if (code == ErrorCode::client_gone) return Outcome::cancelled;
  switch (traits(code).source) {
    case ErrorSource::client: return Outcome::client_error;
    case ErrorSource::gateway: return Outcome::gateway_error;
    case ErrorSource::upstream: return Outcome::upstream_error;
  }
  return Outcome::gateway_error;
}

Error given_up(const Cancellation& gone, std::string message) {
  if (gone.fired() && gone.reason() == ErrorCode::shutting_down)
    return {ErrorCode::shutting_down, "the gateway is stopping, and the time for requests under way is over"};
  return {ErrorCode::client_gone, std::move(message)};
}

Failure failure_of(Error error) {
  Failure out;
  out.remedy = remedy_for(error.code);
  out.error = std::move(error);
  return out;
}

std::vector<std::string_view> secrets_of(const Provider& provider) {
  std::vector<std::string_view> secrets;
  for (const Secret* const secret : {&provider.api_key, &provider.access_key_id, &provider.secret_access_key,
                                     &provider.session_token, &provider.proxy_password})
    if (!secret->empty()) secrets.push_back(secret->reveal());
  for (const ProviderKey& key : provider.keys) secrets.push_back(key.key.reveal());
  for (const auto& [name, value] : provider.headers)
    if (value.reveal().size() >= 4) secrets.push_back(value.reveal());
  return secrets;
}

Failure reported_failure(const Target& target, const Error& error) {
  Failure out;
  out.error = error;
  ErrorReply& said = out.reply.emplace();
  said.status = error.status;
  said.body =
      normalized_error_body(error.status, "text/plain", error.message, secrets_of(*target.deployment->provider));
  add_triage_fields(said, target);
  out.remedy = remedy_of(target, error.status, said.body);
  if (const auto own = own_fault(target, error.status, said.body, AskedModel::own)) tell(said, *own);
  if (error.status == 429) out.retry_after = pause_after_429;
  return out;
}

Async<Failure> read_failure(const Target& target, Reply& reply, Additions added, AskedModel model) {
  const int status = reply.head().status;
  const ResponseHead head = client_head(reply, target);
  Failure out;
  ErrorReply& said = out.reply.emplace();
  said.status = status;
  Buffer storage;
  const auto body = co_await read_whole(reply, error_bytes_max, storage);
  if (status >= 400 && status <= 599) {
    said.body = normalized_error_body(status, find_field(head.fields, "content-type").value_or(""),
                                      body ? *body : std::string_view(), secrets_of(*target.deployment->provider));
  } else {  // mostly a redirect, which is not followed, because credentials would go elsewhere
    const Error error{ErrorCode::upstream_bad_response, "the provider answered with status " + std::to_string(status) +
                                                            ", which is neither an answer nor an error"};
    tell(said, error);
  }
  for (const Field& field : head.fields)
    if (!iequals(field.name, "content-type") && !iequals(field.name, "content-encoding"))
      said.fields.emplace_back(field.name, field.value);
  out.no_path = lacks_path(status, said.body);
  out.remedy = remedy_of(target, status, said.body);
  // Only OpenAI has a word for it.
  if (out.remedy == Remedy::larger_window && target.deployment->spec->form != WireForm::openai)
    said.body = with_code(std::move(said.body), traits(ErrorCode::context_length_exceeded).name);
  if (body) out.refused = target.deployment->dialect->refused(status, *body, added);
  if (const auto own = own_fault(target, status, said.body, model)) tell(said, *own);
  if (status == 429 || status >= 500) out.retry_after = asked_pause(reply.head().fields, std::time(nullptr));
  if (status == 429 && body && !out.retry_after) out.retry_after = target.deployment->dialect->retry_after(*body);
  out.asked = out.retry_after.has_value();
  if (status == 429 && !out.retry_after) out.retry_after = pause_after_429;
  if (body && storage.empty()) co_await reply.next();  // the end, after which its connection can serve others
  co_return out;
}

CallTimeouts timeouts_within(const TimeoutsSpec& spec, milliseconds left, bool streamed, std::size_t shares) {
  const auto share = left / static_cast<std::int64_t>(shares);
  CallTimeouts out;
  out.connect = std::min(spec.connect, share);
  out.idle = spec.idle;
  out.total = left;
  if (streamed) {
    out.first_byte = std::min(spec.first_byte.value_or(stream_begins_within), share);
    out.first_event = std::min(spec.first_event, share);
    out.first_piece = left;
  } else {
    const milliseconds whole = spec.whole.value_or(spec.first_byte.value_or(left));
    out.first_byte = std::min(whole, shares > 1 ? left * 3 / 4 : left);
    out.first_piece = out.first_byte;
  }
  return out;
}

std::optional<milliseconds> asked_pause(const std::vector<Field>& fields, std::time_t now) {
  if (const auto field = find_field(fields, "retry-after-ms"))
    if (const auto asked = number_of(*field, 1)) return asked;
  const auto field = find_field(fields, "retry-after");
  if (!field) return std::nullopt;
  if (const auto asked = number_of(*field, 1000)) return asked;
  const std::chrono::sys_seconds today{std::chrono::seconds(now)};
  const auto date = parse_http_date(*field, today);
  if (!date) return std::nullopt;
  return std::clamp<milliseconds>(*date - today, milliseconds(0), pause_asked_max);
}

}  // namespace triage
