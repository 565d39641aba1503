#pragma once
// The grammar of a stream of the Responses API, checked from outside: what OpenAI's reference ("Streaming events") and
// its SDK's types say of each event, and that all that is said again at the end is what was said before.

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace triage::test {

class ResponseGrammar {
 public:
  using json = nlohmann::json;

  /// Takes whole events in their framing. "" if they may come now, else why not.
  std::string take(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find("\n\n");
      if (end == std::string_view::npos) return "an event does not end";
      const std::string_view event = bytes.substr(0, end);
      bytes.remove_prefix(end + 2);
      const std::size_t line = event.find('\n');
      if (!event.starts_with("event: ") || line == std::string_view::npos) return "an event has no name";
      const std::string name(event.substr(7, line - 7));
      const std::string_view data = event.substr(line + 1);
      if (!data.starts_with("data: ") || data.find_first_of("\r\n") != std::string_view::npos)
        return "an event is not one line of data";
      const json body = json::parse(data.substr(6), nullptr, false);
      if (!body.is_object()) return "an event is no JSON object";
      if (body.value("type", "") != name) return "an event's name is not its type";
      if (auto why = step(name, body); !why.empty()) return name + ": " + why;
    }
    return "";
  }

  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// The response as its last event has it.
  [[nodiscard]] const json& response() const noexcept { return response_; }

 private:
  std::string step(const std::string& name, const json& event) {
    if (ended_) return "it goes on behind its end";
    if (event.value("sequence_number", -1) != sequence_++) return "its number is not the next";
    if (name == "response.created" || name == "response.in_progress") return begin(name, event);
    if (stage_ < 2) return "it comes before the response is in progress";
    if (name == "response.output_item.added") return open_item(event);
    if (name == "response.completed" || name == "response.incomplete" || name == "response.failed")
      return end(name.substr(9), event);
    if (!item_.is_object()) return "no item is open";
    if (event.value("output_index", -1) != static_cast<int>(output_.size())) return "its item is not the open one";
    if (name == "response.output_item.done") return close_item(event["item"]);
    if (event.value("item_id", "") != item_.value("id", "-")) return "its item has another id";
    return piece(name, event);
  }

  std::string begin(const std::string& name, const json& event) {
    if (name != (stage_ == 0 ? "response.created" : "response.in_progress") || stage_ > 1) return "not now";
    ++stage_;
    return complete(event["response"], "in_progress");
  }

  // What the SDK's type of a response demands.
  static std::string complete(const json& response, const std::string& status) {
    for (const char* member : {"id", "object", "created_at", "status", "error", "incomplete_details", "instructions",
                               "metadata", "model", "output", "parallel_tool_calls", "temperature", "tool_choice",
                               "tools", "top_p", "usage", "text", "reasoning", "store"})
      if (!response.contains(member)) return std::string("the response has no ") + member;
    if (response["object"] != "response" || response["status"] != status) return "the response has another status";
    if (!response["id"].is_string() || response["id"].get<std::string>().empty()) return "the response has no id";
    return "";
  }

  std::string open_item(const json& event) {
    if (item_.is_object()) return "an item begins inside another";
    if (event.value("output_index", -1) != static_cast<int>(output_.size())) return "items are not counted from 0";
    item_ = event["item"];
    part_ = json();
    said_.clear();
    const std::string type = item_.value("type", "");
    if (item_.value("id", "").empty()) return "the item has no id";
    if (type == "message") return item_["content"].empty() && item_["role"] == "assistant" ? "" : "it has content";
    if (type == "function_call") return item_["arguments"] == "" ? "" : "it has arguments";
    if (type == "custom_tool_call") return item_["input"] == "" ? "" : "it has input";
    return type == "reasoning" ? "" : "it is of a type that is not written";
  }

  std::string piece(const std::string& name, const json& event) {
    const std::string type = item_["type"];
    if (name == "response.content_part.added" || name == "response.reasoning_summary_part.added") {
      if ((type == "message") != (name == "response.content_part.added")) return "the item has no such parts";
      if (part_.is_object()) return "a part begins inside another";
      part_ = event["part"];
      annotations_ = 0;
      said_.clear();
      return "";
    }
    if (!is_call() && !part_.is_object()) return "no part is open";
    if (name == "response.output_text.annotation.added") return annotation(event);
    if (name.ends_with(".delta"))
      return (said_ += event["delta"].get<std::string>()), name == word() + ".delta" ? "" : "it is of another kind";
    if (name == "response.content_part.done" || name == "response.reasoning_summary_part.done") {
      const json part = event["part"];
      if (part.value(text_name(), "-") != said_) return "it says something else";
      part_ = json();
      parts_.push_back(part);
      return "";
    }
    if (name != word() + ".done") return "it is not known";
    return event.value(is_call() ? call_name() : text_name(), "-") == said_ ? "" : "it says something else";
  }

  std::string annotation(const json& event) {
    if (event.value("annotation_index", -1) != annotations_++) return "annotations are not counted from 0";
    const json& it = event["annotation"];
    const bool whole = it.value("type", "") == "url_citation" && it.contains("url") && it.contains("title") &&
                       it.value("start_index", -1) >= 0 && it.value("end_index", -1) >= it.value("start_index", -1);
    return whole ? "" : "it is no citation";
  }

  [[nodiscard]] bool is_call() const { return item_["type"] == "function_call" || item_["type"] == "custom_tool_call"; }
  [[nodiscard]] std::string call_name() const { return item_["type"] == "function_call" ? "arguments" : "input"; }

  [[nodiscard]] std::string word() const {
    if (item_["type"] == "function_call") return "response.function_call_arguments";
    if (item_["type"] == "custom_tool_call") return "response.custom_tool_call_input";
    if (item_["type"] == "reasoning") return "response.reasoning_summary_text";
    return part_.value("type", "") == "refusal" ? "response.refusal" : "response.output_text";
  }
  [[nodiscard]] std::string text_name() const { return part_.value("type", "") == "refusal" ? "refusal" : "text"; }

  std::string close_item(const json& item) {
    if (part_.is_object()) return "a part is open";
    const std::string type = item_["type"];
    if (item["id"] != item_["id"] || item["type"] != type) return "it is another item";
    if (is_call() && item[call_name()] != said_) return "it says something else";
    if (!is_call() && item[type == "message" ? "content" : "summary"] != json(parts_)) return "it has other parts";
    if (type == "message" && parts_.empty()) return "it has no parts";
    parts_.clear();
    output_.push_back(item);
    item_ = json();
    return "";
  }

  std::string end(const std::string& status, const json& event) {
    ended_ = true;
    response_ = event["response"];
    if (status == "failed") return response_["error"].is_object() ? complete(response_, status) : "there is no error";
    if (item_.is_object()) return "an item is open";
    if (response_["output"] != json(output_)) return "it has other items";
    if (status == "incomplete" && !response_["incomplete_details"].is_object()) return "it does not say why";
    return complete(response_, status);
  }

  int sequence_ = 0;
  int stage_ = 0;
  int annotations_ = 0;  // of the open part
  json item_;
  json part_;
  std::vector<json> parts_;
  std::vector<json> output_;
  std::string said_;
  json response_;
  bool ended_ = false;
};

}  // namespace triage::test
