#include "openai/error_body.hpp"

#include "json/json.hpp"
#include "text/utf8.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

// What providers answer:
//   {"error":{"message":"..","type":"..","param":null,"code":".."}}    OpenAI; keys may be missing (Azure, Google, xAI)
//   {"error":"text"}  {"error":"text","code":".."}                      Ollama, xAI, llama.cpp
//   {"object":"error","message":"..","type":"..","code":..}             vLLM, Mistral
//   {"message":".."}  {"detail":".."}  {"detail":[..]}  [{"error":..}]  Cohere, FastAPI, Google
//   <html>..</html>  upstream connect error ..  (nothing)               proxies on the way
//                        |
//                        v
//   {"error":{"message":"..","type":"..","param":..,"code":..}}

namespace triage {
namespace {

constexpr std::size_t message_bytes_max = 1024;

void append_error_object(std::string& out, std::string_view message, std::string_view type, std::string_view param,
                         std::string_view code) {
  out += R"({"error":{"message":)";
  append_json_string(out, message);
  out.append(R"(,"type":)").append(type);
  out.append(R"(,"param":)").append(param);
  out.append(R"(,"code":)").append(code);
  out += "}}";
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string_view type_by_status(int status) noexcept {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 429) return "rate_limit_error";
  return status >= 400 && status < 500 ? "invalid_request_error" : "server_error";
}

/// The members of one object that matter here, as JSON text; empty if absent.
struct Members {
  JsonReader::Kind error_kind = JsonReader::Kind::invalid;
  JsonReader::Kind message_kind = JsonReader::Kind::invalid;
  std::string_view error, message, detail, type, param, code, base_resp;
  std::size_t inside = 0;  // offset just behind '{'
  bool empty = true;
};

std::optional<Members> read_members(std::string_view text) {
  JsonReader in(text);
  if (!in.enter_object()) return std::nullopt;
  Members members;
  members.inside = in.offset();
  JsonString name;
  while (in.next_name(name)) {
    members.empty = false;
    const JsonReader::Kind kind = in.kind();
    const std::size_t begin = in.value_offset();
    if (!in.skip()) break;
    const std::string_view value = text.substr(begin, in.offset() - begin);
    if (name.is("error"))
      members.error = value, members.error_kind = kind;
    else if (name.is("base_resp"))  // MiniMax
      members.base_resp = value;
    else if (name.is("message") || name.is("status_msg"))
      members.message = value, members.message_kind = kind;
    else if (name.is("detail"))
      members.detail = value;
    else if (name.is("type"))
      members.type = value;
    else if (name.is("param"))
      members.param = value;
    else if (name.is("code"))
      members.code = value;
  }
  if (!in.finish()) return std::nullopt;
  return members;
}

/// A string's text, or any other value as written; null and nothing are "".
std::string plain(std::string_view value) {
  JsonReader in(value);
  JsonString text;
  std::string out;
  if (in.kind() == JsonReader::Kind::string && in.string(text))
    out = text.text();
  else if (value != "null")
    out = value;
  return std::string(utf8_prefix(out, message_bytes_max));
}

std::string first_message(const Members& members) {
  for (const std::string_view value : {members.message, members.detail, members.error})
    if (std::string text = plain(value); !text.empty()) return text;
  return "";
}

std::string message_of(const Members& members) {
  if (members.error_kind == JsonReader::Kind::object)
    if (const auto inner = read_members(members.error))
      if (std::string text = first_message(*inner); !text.empty()) return text;
  if (const auto inner = read_members(members.base_resp))
    if (std::string text = first_message(*inner); !text.empty()) return text;
  return first_message(members);
}

/// Adds to `error`, the object in body["error"], the keys that it lacks, in front of the others.
std::string completed(std::string_view body, const Members& outer, const Members& error, int status) {
  const bool has_message = error.message_kind == JsonReader::Kind::string;
  const bool bad_message = !has_message && !error.message.empty();
  std::string missing;
  const auto add = [&](std::string_view key, std::string_view present, std::string_view value) {
    if (!present.empty()) return;
    if (!missing.empty()) missing += ',';
    missing.append("\"").append(key).append("\":").append(value);
  };
  std::string message;
  if (!has_message) {
    message = plain(error.message.empty() ? error.detail : error.message);
    if (message.empty()) message = "the provider answered " + std::to_string(status) + " without a message";
    message = json_string(message);
  }
  add("message", error.message, message);
  add("type", error.type, json_string(type_by_status(status)));
  add("param", error.param, "null");
  add("code", error.code, "null");
  if (missing.empty() && !bad_message) return std::string(body);

  std::string out(body);
  const auto error_at = static_cast<std::size_t>(outer.error.data() - body.data());
  if (bad_message)
    out.replace(static_cast<std::size_t>(error.message.data() - body.data()), error.message.size(), message);
  if (!missing.empty() && !error.empty) missing += ',';
  out.insert(error_at + error.inside, missing);
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  std::size_t at = text.find(what);
  if (at == std::string::npos) return;
  std::string out;
  std::size_t kept = 0;
  for (; at != std::string::npos; at = text.find(what, kept)) {
    out.append(text, kept, at - kept).append(with);
    kept = at + what.size();
  }
  text = out.append(text, kept);
}

/// The readable text of a body that is not JSON: an HTML page's title, plain text unchanged.
std::string text_of(std::string_view body) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto find = [&](std::string_view text, std::string_view tag) {
    return static_cast<std::size_t>(std::search(text.begin(), text.end(), tag.begin(), tag.end(), same) - text.begin());
  };
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return "";
  if (body[start] != '<') return std::string(body.substr(start, message_bytes_max));
  const std::size_t title = find(body, "<title>");
  if (title == body.size()) return "";
  body.remove_prefix(title + 7);
  return std::string(body.substr(0, std::min(find(body, "</title>"), message_bytes_max)));
}

std::string wrapped(int status, std::string_view content_type, std::string_view body,
                    const std::vector<std::string_view>& secrets) {
  std::string message;
  std::string type = json_string(type_by_status(status));
  std::string_view param = "null";
  std::string_view code = "null";
  const auto members = read_members(body);
  if (members) {
    message = message_of(*members);
    const auto usable = [](std::string_view value) {
      return !value.empty() && value.front() != '{' && value.front() != '[' && value.size() <= message_bytes_max &&
             !find_invalid_utf8(value);
    };
    if (usable(members->type) && members->type.front() == '"') type = members->type;
    if (usable(members->param)) param = members->param;
    if (usable(members->code)) code = members->code;
  } else {
    message = text_of(body);
  }
  mask(message, secrets);
  if (message.empty()) {
    message = "the provider answered " + std::to_string(status) + " with ";
    message += body.empty() ? "an empty body" : "a body that tells nothing more";
    if (!content_type.empty()) message.append(" (").append(content_type.substr(0, 80)).append(")");
  }
  std::string out;
  append_error_object(out, utf8_prefix(message, message_bytes_max), type, param, code);
  return out;
}

}  // namespace

void mask(std::string& text, const std::vector<std::string_view>& secrets) {
  for (const std::string_view secret : secrets) {
    if (secret.empty()) continue;
    replace_all(text, secret, "***");
    std::string escaped = json_string(secret);
    escaped = escaped.substr(1, escaped.size() - 2);
    if (escaped != secret) replace_all(text, escaped, "***");
    replace_all(escaped, "/", "\\/");  // as PHP writes it
    replace_all(text, escaped, "***");
  }
}

std::string error_body(const Error& error) {
  const ErrorTraits& what = traits(error.code);
  std::string out;
  append_error_object(out, error.message, json_string(what.type),
                      error.param.empty() ? std::string("null") : json_string(error.param), json_string(what.name));
  return out;
}

std::string error_event(const Error& error) {
  return "data: " + error_body(error) + "\n\n";
}

std::string normalized_error_body(int status, std::string_view content_type, std::string_view body,
                                  const std::vector<std::string_view>& secrets) {
  std::string text(body);
  mask(text, secrets);
  text.append(body_padding, '\0');
  std::string_view json = std::string_view(text).substr(0, text.size() - body_padding);
  if (find_invalid_utf8(json)) return wrapped(status, content_type, json, secrets);

  JsonReader in(json);
  if (in.kind() == JsonReader::Kind::array && in.enter_array() && in.next_element()) {
    const std::size_t begin = in.value_offset();
    if (in.skip()) json = json.substr(begin, in.offset() - begin);
  }
  if (const auto outer = read_members(json); outer && outer->error_kind == JsonReader::Kind::object)
    if (const auto error = read_members(outer->error)) return completed(json, *outer, *error, status);
  return wrapped(status, content_type, json, secrets);
}

std::string with_code(std::string body, std::string_view code) {
  const std::size_t size = body.size();
  body.append(body_padding, '\0');
  const auto outer = read_members(std::string_view(body).substr(0, size));
  if (!outer || outer->error_kind != JsonReader::Kind::object) return body.substr(0, size);
  const auto error = read_members(outer->error);
  std::string out = body.substr(0, size);
  if (error && !error->code.empty())
    out.replace(static_cast<std::size_t>(error->code.data() - body.data()), error->code.size(), json_string(code));
  return out;
}

std::string reported_message(std::string_view json) {
  const auto members = read_members(json);
  return members ? message_of(*members) : "";
}

}  // namespace triage
