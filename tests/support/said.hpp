#pragma once
// What an answer says, put together independently of the code under test, and where recorded answers are.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace triage::test {

namespace fs = std::filesystem;
using nlohmann::json;

/// What an answer says.
struct Said {
  std::string text;
  std::string thoughts;
  std::vector<std::string> signatures;
  std::vector<std::string> calls;  // id name arguments
  std::string finish;
  std::int64_t input = 0;
  std::int64_t output = 0;
  std::int64_t cached = 0;
  bool operator==(const Said&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Said& said) {
  out << said.text << "\n" << said.thoughts << "\n";
  for (const std::string& signature : said.signatures) out << signature << "\n";
  for (const std::string& call : said.calls) out << call << "\n";
  return out << said.finish << " " << said.input << " " << said.cached << " " << said.output;
}

inline std::string finish_of(const std::string& reason) {
  const std::map<std::string, std::string> words{{"end_turn", "stop"},       {"stop_sequence", "stop"},
                                                 {"pause_turn", "stop"},     {"max_tokens", "length"},
                                                 {"tool_use", "tool_calls"}, {"refusal", "content_filter"}};
  const auto found = words.find(reason);
  return found == words.end() ? reason : found->second;
}

inline std::int64_t number(const json& object, const char* name) {
  return object.contains(name) && object[name].is_number() ? object[name].get<std::int64_t>() : 0;
}

// As the message itself says it.
inline Said said_by(const json& message) {
  Said out;
  for (const json& block : message["content"]) {
    const std::string type = block["type"];
    if (type == "text") out.text += block["text"].get<std::string>();
    if (type == "thinking") out.thoughts += block["thinking"].get<std::string>();
    if (type == "thinking" && !block.value("signature", "").empty()) out.signatures.push_back(block["signature"]);
    if (type == "redacted_thinking") out.signatures.push_back(block["data"]);
    if (type == "tool_use")
      out.calls.push_back(block["id"].get<std::string>() + " " + block["name"].get<std::string>() + " " +
                          block["input"].dump());
  }
  if (message["stop_reason"].is_string()) out.finish = finish_of(message["stop_reason"]);
  const json usage = message.value("usage", json::object());
  out.cached = number(usage, "cache_read_input_tokens");
  out.input = number(usage, "input_tokens") + out.cached + number(usage, "cache_creation_input_tokens");
  out.output = number(usage, "output_tokens");
  return out;
}

// The message that a stream amounts to, put together independently of the code under test.
inline json message_of(const std::string& stream) {
  json message;
  std::map<int, std::string> arguments;
  for (std::size_t at = stream.find("data: "); at != std::string::npos; at = stream.find("\ndata: ", at)) {
    at = stream.find('{', at);
    const json event = json::parse(stream.substr(at, stream.find('\n', at) - at));
    const std::string type = event["type"];
    if (type == "message_start") message = event["message"];
    if (type == "content_block_start") message["content"].push_back(event["content_block"]);
    if (type == "content_block_delta") {
      const json& delta = event["delta"];
      json& block = message["content"][event["index"].get<std::size_t>()];
      for (const char* name : {"text", "thinking", "signature"})
        if (delta.contains(name)) block[name] = block.value(name, "") + delta[name].get<std::string>();
      if (delta.contains("partial_json")) arguments[event["index"]] += delta["partial_json"].get<std::string>();
    }
    if (type == "message_delta") {
      message["stop_reason"] = event["delta"]["stop_reason"];
      for (const auto& [name, value] : event["usage"].items())
        if (value.is_number())
          message["usage"][name] = std::max(value.get<std::int64_t>(), number(message["usage"], name.c_str()));
    }
  }
  for (const auto& [index, text] : arguments)
    if (!text.empty()) message["content"][static_cast<std::size_t>(index)]["input"] = json::parse(text);
  return message;
}

/// `../shared/data/providers`, or below $TRIAGE_SHARED.
inline fs::path recordings() {
  const char* shared = std::getenv("TRIAGE_SHARED");
  return fs::path(shared != nullptr ? shared : TRIAGE_SOURCE_DIR "/../shared") / "data/providers";
}

}  // namespace triage::test
