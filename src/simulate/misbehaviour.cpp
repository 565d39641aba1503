#include "simulate/misbehaviour.hpp"

#include "base/text.hpp"
#include "json/json.hpp"
#include "simulate/spec.hpp"

#include <charconv>

// header    = directive *( ";" directive )
// directive = name [ "=" value ]      numbers are decimal; names end in -ms when the value is in milliseconds

namespace triage::simulate {

namespace {

constexpr std::uint64_t hour_ms = 3'600'000;

// Reads all of `text` as a number in [least, most].
bool number(std::string_view text, std::uint64_t least, std::uint64_t most, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= least && out <= most;
}

bool count(std::string_view text, std::optional<std::uint32_t>& out) {
  std::uint64_t value = 0;
  if (!number(text, 0, 1'000'000'000, value)) return false;
  out = static_cast<std::uint32_t>(value);
  return true;
}

template <class Duration>
bool duration(std::string_view text, std::uint64_t most, Duration& out) {
  std::uint64_t value = 0;
  if (!number(text, 0, most, value)) return false;
  out = std::chrono::milliseconds(value);
  return true;
}

bool flag(std::string_view value, bool& out) {
  out = true;
  return value.empty();
}

// False: the name is unknown, or its value is invalid.
bool apply(std::string_view name, std::string_view value, Misbehaviour& out) {
  std::uint64_t n = 0;
  if (name == "status") {
    if (!number(value, 200, 599, n)) return false;
    out.status = static_cast<int>(n);
    return true;
  }
  if (name == "retry-after") {
    if (!number(value, 0, 86'400, n)) return false;
    out.retry_after = std::chrono::seconds(n);
    return true;
  }
  if (name == "first") {
    if (!number(value, 1, 1'000'000, n)) return false;
    out.first = static_cast<std::uint32_t>(n);
    return true;
  }
  if (name == "event-bytes") {
    if (!number(value, 1, 64 << 20, n)) return false;
    out.event_bytes = n;
    return true;
  }
  if (name == "model") return !(out.model = value).empty();
  if (name == "code") return !(out.code = value).empty();
  if (name == "key") return !value.empty();
  if (name == "cut-after") return count(value, out.cut_after);
  if (name == "stall-after") return count(value, out.stall_after);
  if (name == "malformed-at") return count(value, out.malformed_at);
  if (name == "error-after") return count(value, out.error_after);
  if (name == "stall-ms") return duration(value, hour_ms, out.stall);
  if (name == "drip-ms") return duration(value, hour_ms, out.drip);
  if (name == "delay-ms") return duration(value, hour_ms, out.delay);
  if (name == "ttft-ms") return duration(value, hour_ms, out.ttft);
  if (name == "drop") return flag(value, out.drop);
  if (name == "html") return flag(value, out.html);
  if (name == "error-body") return flag(value, out.error_body);
  if (name == "empty") return flag(value, out.empty);
  if (name == "no-usage") return flag(value, out.no_usage);
  if (name == "no-done") return flag(value, out.no_done);
  return false;
}

}  // namespace

std::optional<Fault> read_misbehaviour(std::string_view header, Misbehaviour& out) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    const std::string_view directive = trimmed(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    if (directive.empty()) continue;
    const std::size_t equals = directive.find('=');
    const std::string_view name = trimmed(directive.substr(0, equals));
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : trimmed(directive.substr(equals + 1));
    if (!apply(name, value, out)) {
      // A field value may contain bytes that are not UTF-8, which a JSON body may not.
      std::string shown(directive);
      for (char& c : shown)
        if (static_cast<unsigned char>(c) >= 0x7F) c = '?';
      return bad_value(
          "x-simulate: `" + shown + "` is not a directive, or its value is out of range; see docs/simulate.md",
          "x-simulate");
    }
  }
  return std::nullopt;
}

Fault usual_fault(int status) {
  Fault fault;
  fault.status = status;
  switch (status) {
    case 400: fault.message = "The request is not valid."; break;
    case 401:
      fault.message = "Incorrect API key provided.";
      fault.code = "invalid_api_key";
      break;
    case 403: fault.message = "You are not allowed to use this model."; break;
    case 404:
      fault.message = "The model does not exist or you do not have access to it.";
      fault.code = "model_not_found";
      break;
    case 429:
      fault.message = "Rate limit reached.";
      fault.type = "requests";
      fault.code = "rate_limit_exceeded";
      break;
    case 503:
      fault.message = "The engine is currently overloaded, please try again later.";
      fault.type = "server_error";
      fault.code = "overloaded";
      break;
    default:
      fault.message = status >= 500 ? "The server had an error while processing your request." : "Simulated status.";
      if (status >= 500) fault.type = "server_error";
  }
  return fault;
}

std::string fault_text(const Fault& fault) {
  const auto append_or_null = [](std::string& out, std::string_view text) {
    if (text.empty()) {
      out += "null";
    } else {
      append_json_string(out, text);
    }
  };
  std::string text = R"({"error":{"message":)";
  append_json_string(text, fault.message);
  text += R"(,"type":)";
  append_json_string(text, fault.type);
  text += R"(,"param":)";
  append_or_null(text, fault.param);
  text += R"(,"code":)";
  append_or_null(text, fault.code);
  text += "}}";
  return text;
}

}  // namespace triage::simulate
