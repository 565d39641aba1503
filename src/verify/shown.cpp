#include "verify/shown.hpp"

#include "base/sha256.hpp"
#include "json/json.hpp"
#include "text/utf8.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace triage::verify {
namespace {

using Kind = JsonReader::Kind;

constexpr std::size_t request_max = 24'000;  // bytes shown of each
constexpr std::size_t answer_max = 24'000;

// Leaves no three '<' in a row.
std::string without_marks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<' && out.ends_with("<<")) out += ' ';
    out += c;
  }
  return out;
}

std::string number_of(const std::vector<ShownPart>& parts) {
  std::string all;
  for (const ShownPart& part : parts) all.append(part.text).push_back('\0');
  const std::array<std::uint8_t, 32> hash = sha256(all);
  std::string out;
  char pair[3];
  for (std::size_t i = 0; i < 8; ++i) {
    std::snprintf(pair, sizeof pair, "%02x", hash[i]);
    out += pair;
  }
  return out;
}

}  // namespace

std::string shown_request(const ChatView& request) {
  std::string out;
  request.each_text([&](std::string_view text) {
    if (!out.empty()) out += "\n\n";
    out += utf8_suffix(text, request_max);
    if (out.size() > 4 * request_max) out = std::string(utf8_suffix(out, request_max));
    return true;
  });
  return without_marks(utf8_suffix(out, request_max));
}

std::string shown_answer(const Completion& answer) {
  std::string all = answer.text;
  for (const ToolCall& call : answer.tool_calls) {
    if (all.size() > 8 * answer_max) break;
    all.append(all.empty() ? "" : "\n").append("calls ").append(call.name).append(" with ").append(call.arguments);
  }
  if (answer.media) all.append(all.empty() ? "" : "\n").append("[sound or pictures, which are not shown]");
  if (all.size() > answer_max)
    all = std::string(utf8_prefix(all, answer_max / 2)) + "\n[the middle is left out]\n" +
          std::string(utf8_suffix(all, answer_max / 2));
  return without_marks(all);
}

std::string judging_body(std::string_view deployment, std::string_view system, const std::vector<ShownPart>& parts,
                         std::string_view reply_schema) {
  const std::string number = number_of(parts);
  std::string shown;
  for (const auto& [name, text] : parts) {
    shown.append("<<<").append(name).append(" ").append(number).append(">>>\n").append(text);
    shown.append("\n<<<end ").append(name).append(" ").append(number).append(">>>\n");
  }
  std::string body = R"({"model":)";
  append_json_string(body, deployment);
  body += R"(,"messages":[{"role":"system","content":)";
  append_json_string(body, system);
  body += R"(},{"role":"user","content":)";
  append_json_string(body, shown);
  body += R"(}],"temperature":0,"max_tokens":60,"response_format":{"type":"json_schema","json_schema":)";
  body.append(R"({"name":"verdict","strict":true,"schema":)").append(reply_schema).append("}}}");
  return body;
}

std::optional<std::vector<ReplyValue>> read_reply(const Completion& reply,
                                                  std::initializer_list<std::string_view> names) {
  if (!reply.refusal.empty() || !reply.tool_calls.empty()) return std::nullopt;
  std::string padded = reply.text;
  padded.append(body_padding, '\0');
  JsonNames known;
  JsonReader in(std::string_view(padded).substr(0, reply.text.size()), 1, &known);
  if (in.kind() != Kind::object || !in.enter_object()) return std::nullopt;
  std::vector<ReplyValue> out(names.size());
  std::size_t seen = 0;
  JsonString name;
  while (in.next_name(name)) {
    const auto found = std::ranges::find_if(names, [&](std::string_view wanted) { return name.is(wanted); });
    if (found == names.end()) return std::nullopt;
    ReplyValue& value = out[static_cast<std::size_t>(found - names.begin())];
    JsonString word;
    std::string_view number;
    if (in.kind() == Kind::string && in.string(word))
      value = {std::string(word.text()), false};
    else if (in.kind() == Kind::number && in.number(number))
      value = {std::string(number), true};
    else
      return std::nullopt;
    ++seen;
  }
  if (!in.finish() || seen != names.size()) return std::nullopt;
  return out;
}

std::optional<double> ReplyValue::share() const {
  const double value = std::strtod(text.c_str(), nullptr);
  if (!is_number || !(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

}  // namespace triage::verify
