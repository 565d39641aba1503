// A request's body: refused exactly when an independent parser and a plain search for repeated names refuse it; what
// the provider is sent means the same but for the model and stream_options. And any bytes as a provider's error reply.

#include "fuzz_check.hpp"
#include "openai/error_body.hpp"
#include "openai/request_body.hpp"
#include "providers/providers.hpp"
#include "support/padded.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace triage::fuzz {
namespace {

using nlohmann::json;
constexpr std::size_t depth_max = 8;

/// What the independent parser says of a text.
struct Judge : json::json_sax_t {
  std::vector<std::set<std::string>> open;  // an array has no names
  bool repeated = false;
  bool out_of_range = false;  // a number that it cannot hold, not an error of JSON
  bool object = false;
  std::size_t depth = 0;

  bool enter(bool is_object) {
    if (open.empty()) object = is_object;
    open.emplace_back();
    depth = std::max(depth, open.size());
    return true;
  }
  bool leave() {
    open.pop_back();
    return true;
  }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(true); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(false); }
  bool end_array() override { return leave(); }
  bool key(string_t& name) override {
    repeated = !open.back().insert(name).second || repeated;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
    out_of_range = error.id == 406;
    return false;
  }
};

bool contains_surrogate_escape(std::string_view text) {
  for (std::size_t at = text.find("\\u"); at != std::string_view::npos; at = text.find("\\u", at + 1))
    if (at + 2 < text.size() && (text[at + 2] | 0x20) == 'd') return true;
  return false;
}

/// Inputs on which the two differ by design: the judge takes a byte order mark and ends at a zero byte, and refuses
/// lone surrogates.
bool comparable(std::string_view text) {
  return !text.starts_with("\xef\xbb\xbf") && text.find('\0') == std::string_view::npos &&
         !contains_surrogate_escape(text);
}

void check_sent(const ApiRequest& request, std::string_view text) {
  const json before = json::parse(text, nullptr, false);
  if (before.is_discarded()) return;
  check(before["model"] == request.model, "the model that was found");
  check(request.stream == (before.contains("stream") && before["stream"] == true), "the stream flag that was found");
  Deployment deployment;
  deployment.model = "other\"\\\n";
  const Provider provider;
  const RequestHead client;
  const auto call = find_dialect("openai")->encode(request, client, deployment, provider, {});
  check(call.has_value(), "what was read can be said");
  std::string sent;
  for (const std::string_view piece : call->call.body) sent += piece;
  const json after = json::parse(sent, nullptr, false);
  check(!after.is_discarded(), "what is sent is JSON");
  json expected = before;
  expected["model"] = deployment.model;
  if (request.stream) {
    if (!expected.contains("stream_options") || expected["stream_options"].is_null())
      expected["stream_options"] = json::object();
    expected["stream_options"]["include_usage"] = true;
  }
  check(after == expected, "what is sent differs in the model and stream_options only");
}

void check_error_reply(std::string_view text) {
  const std::string reply = normalized_error_body(500, "text/plain", text, {"secret", "\""});
  const test::Padded padded(reply);
  check(!reported_message(padded.view()).empty(), "an error reply has a message");
  const json parsed = json::parse(reply, nullptr, false);
  if (parsed.is_discarded()) return;  // a number or an escape that this parser refuses
  const json& error = parsed["error"];
  check(error["message"].is_string() && error.contains("type") && error.contains("param") && error.contains("code"),
        "an error reply has all four keys");
}

}  // namespace
}  // namespace triage::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace triage;
  const std::string_view text = fuzz::as_text(data, size);
  const test::Padded body(text);
  const auto request = parse_request_body(Api::chat, body.view(), fuzz::depth_max);
  const bool refused =
      !request && (request.error().code == ErrorCode::invalid_json || request.error().code == ErrorCode::json_too_deep);
  if (fuzz::comparable(text)) {
    fuzz::Judge judge;
    const bool valid = nlohmann::json::sax_parse(text, &judge);
    const bool good = valid && judge.object && !judge.repeated && judge.depth <= fuzz::depth_max;
    if (!judge.out_of_range) fuzz::check(refused == !good, "refused by one, taken by the other");
    if (request) fuzz::check_sent(*request, body.view());
  }
  fuzz::check_error_reply(text);
  return 0;
}
