// Answers of the Responses API, read and written: recorded ones say the same behind it, however their bytes are cut.
#include "responses/answer_reader.hpp"
#include "blocks/event_order.hpp"
#include "responses/answer_writer.hpp"
#include "responses/echo.hpp"
#include "support/padded.hpp"
#include "support/response_grammar.hpp"
#include "support/said.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace triage::responses {
namespace {

using nlohmann::json;
using test::Padded;
using test::ResponseGrammar;

std::string event_of(const json& data) {
  return "event: " + data["type"].get<std::string>() + "\ndata: " + data.dump() + "\n\n";
}

struct Read {
  std::string shown;
  std::string written;
  std::string error;
  int status = 0;
  bool ended = false;
};

std::string shown(const BlockEvent& event) {
  static constexpr const char* kinds[] = {"begin", "open",   "delta", "signature",
                                          "close", "finish", "usage", "citation"};
  static constexpr const char* blocks[] = {"text", "image",  "document", "audio",
                                           "call", "result", "thought",  "redacted"};
  std::string out = kinds[static_cast<int>(event.kind)];
  const bool of_block = event.kind >= BlockEvent::Kind::block_begin && event.kind <= BlockEvent::Kind::block_end;
  if (of_block) out += " " + std::to_string(event.index) + " " + blocks[static_cast<int>(event.block)];
  if (event.refuses) out += " refuses";
  for (const JsonString* text : {&event.id, &event.name, &event.text, &event.native, &event.why})
    if (!text->raw.empty()) out += " " + text->text();
  if (event.kind == BlockEvent::Kind::finish) out += " " + std::to_string(static_cast<int>(event.reason));
  if (event.usage)
    out += " " + std::to_string(event.usage->input) + "/" + std::to_string(event.usage->cached) + "/" +
           std::to_string(event.usage->output) + "/" + std::to_string(event.usage->reasoning);
  return out + "\n";
}

Asked asked() {
  const Padded request(R"({"model":"auto","input":"Hi"})");
  return {1, echo_of(request.view()), "m"};
}

/// A stream that is cut into pieces of this size.
Read read(const std::string& stream, std::size_t piece = std::string::npos) {
  const auto reader = make_block_reader(1 << 24);
  ResponseWriter writer(asked());
  EventOrder order;
  Read out;
  std::vector<std::unique_ptr<Padded>> fed;
  std::size_t at = 0;
  for (;;) {
    const auto event = reader->next();
    if (!event) {
      out.error = event.error().message;
      out.status = event.error().status;
      return out;
    }
    if (*event != nullptr) {
      EXPECT_EQ(order.next(**event), "") << out.shown << shown(**event);
      out.shown += shown(**event);
      writer.put(**event, out.written);
      continue;
    }
    if (at >= stream.size()) break;
    fed.push_back(std::make_unique<Padded>(std::string_view(stream).substr(at, piece)));
    reader->feed(fed.back()->view());
    at += fed.back()->view().size();
  }
  writer.end(out.written);
  out.ended = reader->ended();
  return out;
}

// What a response says, whoever wrote it: texts that follow each other are one.
json said_by(const json& response) {
  json out = json::array();
  const auto add_text = [&out](const std::string& text, const char* kind) {
    if (text.empty()) return;
    if (!out.empty() && out.back()[0] == kind)
      out.back()[1] = out.back()[1].get<std::string>() + text;
    else
      out.push_back({kind, text});
  };
  for (const json& item : response["output"]) {
    const std::string type = item["type"];
    if (type == "message")
      for (const json& part : item["content"])
        add_text(part.value("text", part.value("refusal", "")), part["type"] == "refusal" ? "refusal" : "text");
    if (type == "function_call")
      out.push_back({"call", item["call_id"], item["name"], item["arguments"] == "" ? json("{}") : item["arguments"]});
    if (type == "custom_tool_call") out.push_back({"custom", item["call_id"], item["name"], item["input"]});
    if (type != "reasoning") continue;
    std::string text;
    for (const char* list : {"summary", "content"})
      if (item.contains(list) && item[list].is_array() && text.empty())
        for (const json& part : item[list]) text += (text.empty() ? "" : "\n\n") + part["text"].get<std::string>();
    if (!text.empty()) out.push_back({"thought", text});
    if (item.contains("encrypted_content") && item["encrypted_content"].is_string()) {
      const std::string sealed = item["encrypted_content"];
      out.push_back({"sealed", sealed.substr(sealed.find('#') + 1)});
    }
  }
  const json usage = response.value("usage", json());
  return {out, response["status"] == "incomplete", usage.is_object() ? usage["total_tokens"] : json()};
}

void check_stream(const std::string& stream, const json& wanted, const std::string& where) {
  ResponseGrammar grammar;
  EXPECT_EQ(grammar.take(stream), "") << where;
  EXPECT_TRUE(grammar.ended()) << where;
  EXPECT_EQ(said_by(grammar.response()), said_by(wanted)) << where;
}

void check_recorded(const std::string& stream, const std::string& where) {
  const Read whole = read(stream);
  json wanted;
  std::vector<std::pair<int, json>> items;  // the last event has them again, encrypted another time
  for (std::size_t at = stream.find("data: {"); at != std::string::npos; at = stream.find("\ndata: {", at)) {
    at = stream.find('{', at);
    const json event = json::parse(stream.substr(at, stream.find_first_of("\r\n", at) - at));
    if (event["type"] == "response.completed" || event["type"] == "response.incomplete") wanted = event["response"];
    if (event["type"] == "response.output_item.done") items.emplace_back(event.value("output_index", 0), event["item"]);
  }
  if (!wanted.is_object()) return;
  std::ranges::stable_sort(items, {}, [](const auto& each) { return each.first; });  // they may end in another order
  if (!items.empty()) wanted["output"] = json::array();
  for (const auto& [index, item] : items) wanted["output"].push_back(item);
  EXPECT_TRUE(whole.ended) << where << whole.error;
  check_stream(whole.written, wanted, where);
  for (const std::size_t piece : {1, 7, 4096}) EXPECT_EQ(read(stream, piece).shown, whole.shown) << where;
}

void check_whole(const json& response, const std::string& where) {
  const Padded body(response.dump());
  BlockAnswer answer;
  if (read_whole(body.view(), answer)) {
    EXPECT_NE(response["status"], "completed") << where;
    return;
  }
  EventOrder order;
  for (const BlockEvent& event : answer.events) EXPECT_EQ(order.next(event), "") << where << shown(event);
  EXPECT_EQ(said_by(json::parse(write_response(answer.events, asked()))), said_by(response)) << where;
  ResponseWriter writer(asked());
  std::string stream;
  for (const BlockEvent& event : answer.events) writer.put(event, stream);
  writer.end(stream);
  check_stream(stream, response, where);
}

TEST(Responses, RecordedAnswersSayTheSameBehindIt) {
  namespace fs = std::filesystem;
  const fs::path folder = test::recordings();
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there";
  std::size_t checked = 0;
  for (const fs::directory_entry& file : fs::recursive_directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    const std::string path = file.path().string();
    const std::string name = file.path().filename().string();
    const json recorded = json::parse(std::ifstream(path), nullptr, false);
    if (name.starts_with("responses.") && name.find("-streaming") != std::string::npos) {
      std::string stream;
      for (const json& event : recorded["events"]) stream += event_of(event);
      check_recorded(stream, path);
      ++checked;
    } else if (name.starts_with("responses.") && name.ends_with("response.json")) {
      check_whole(recorded, path);
      ++checked;
    } else if (path.find("pydantic-ai") != std::string::npos) {
      for (const json& exchange : recorded["exchanges"]) {
        if (!exchange["request"]["path"].get<std::string>().ends_with("/responses")) continue;
        const json& response = exchange["response"];
        if (response["status"] != 200) continue;
        if (response.contains("text")) check_recorded(response["text"], path);
        if (response.contains("json")) check_whole(response["json"], path);
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 0U);
}

const json created{{"type", "response.created"}, {"response", {{"id", "resp_1"}, {"model", "m"}}}};

json item_event(const char* type, int index, const json& item) {
  return {{"type", type}, {"output_index", index}, {"item", item}};
}
json delta(const char* kind, int index, const std::string& text) {
  return {{"type", std::string("response.") + kind + ".delta"},
          {"output_index", index},
          {"content_index", 0},
          {"delta", text}};
}
json completed(const json& members = json::object()) {
  json response{{"id", "resp_1"}, {"status", "completed"}, {"output", json::array()}};
  response.update(members);
  return {{"type", "response.completed"}, {"response", response}};
}

TEST(Responses, EachSignatureCarriesTheIdOfItsItem) {
  const json thought{{"id", "rs_1"}, {"type", "reasoning"}, {"summary", json::array()}};
  json sealed = thought;
  sealed["encrypted_content"] = "gAAA";
  const Read out = read(event_of(created) + event_of(item_event("response.output_item.added", 0, thought)) +
                        event_of(item_event("response.output_item.done", 0, sealed)) + event_of(completed()));
  EXPECT_EQ(out.shown,
            "begin resp_1 m\nopen 0 thought\nsignature 0 thought rs_1#gAAA\nclose 0 thought\nfinish completed 0\n");
}

TEST(Responses, WhatDeltasLeftOutIsReadAtTheEnd) {
  const json message{
      {"id", "msg_1"},
      {"type", "message"},
      {"content", {{{"type", "output_text"}, {"text", "Hello"}}, {{"type", "refusal"}, {"refusal", "No"}}}}};
  const json call{
      {"id", "fc_1"}, {"type", "function_call"}, {"call_id", "c"}, {"name", "f"}, {"arguments", "{\"a\":1}"}};
  const std::string wanted =
      "begin resp_1 m\nopen 0 text\ndelta 0 text Hello\nclose 0 text\nopen 1 text refuses\ndelta 1 text refuses No\n"
      "close 1 text\nopen 2 call c f\ndelta 2 call {\"a\":1}\nclose 2 call\nfinish completed 4\nusage 5/2/3/1\n";
  const json usage{{"input_tokens", 5},
                   {"input_tokens_details", {{"cached_tokens", 2}}},
                   {"output_tokens", 3},
                   {"output_tokens_details", {{"reasoning_tokens", 1}}},
                   {"total_tokens", 8}};
  const std::string items = event_of(item_event("response.output_item.done", 0, message)) +
                            event_of(item_event("response.output_item.done", 1, call));
  const json end = completed({{"output", {message, call}}, {"usage", usage}});
  EXPECT_EQ(read(event_of(created) + items + event_of(end)).shown, wanted);
  EXPECT_EQ(read(event_of(created) + event_of(end)).shown, wanted);
}

TEST(Responses, ItemsThatAllHaveTheIndex0AreTheirOwn) {
  const json call{{"id", "fc"}, {"type", "function_call"}, {"call_id", "c"}, {"name", "f"}, {"arguments", ""}};
  std::string stream = event_of(created);
  for (const char* id : {"a", "b"}) {
    json item = call;
    item["call_id"] = id;
    stream += event_of(item_event("response.output_item.added", 0, item));
    stream += event_of(delta("function_call_arguments", 0, "{}"));
    stream += event_of(item_event("response.output_item.done", 0, item));
  }
  EXPECT_EQ(read(stream + event_of(completed())).shown,
            "begin resp_1 m\nopen 0 call a f\ndelta 0 call {}\nclose 0 call\nopen 1 call b f\ndelta 1 call {}\n"
            "close 1 call\nfinish completed 3\n");
}

TEST(Responses, PartsOfASummaryAreApart) {
  const json thought{{"id", "rs_1"}, {"type", "reasoning"}, {"summary", json::array()}};
  std::string stream = event_of(created) + event_of(item_event("response.output_item.added", 0, thought));
  for (int part = 0; part < 2; ++part) {
    json event = delta("reasoning_summary_text", 0, "Hm");
    event["summary_index"] = part;
    event.erase("content_index");
    stream += event_of(event);
    event["type"] = "response.reasoning_summary_text.done";
    event["text"] = "Hm";
    event.erase("delta");
    stream += event_of(event);
  }
  EXPECT_EQ(read(stream + event_of(completed())).shown,
            "begin resp_1 m\nopen 0 thought\ndelta 0 thought Hm\ndelta 0 thought \n\n\ndelta 0 thought Hm\n"
            "close 0 thought\nfinish completed 0\n");
}

TEST(Responses, ErrorsOfAProviderAreErrors) {
  const json failed{
      {"type", "response.failed"},
      {"response",
       {{"id", "r"}, {"status", "failed"}, {"error", {{"code", "rate_limit_exceeded"}, {"message", "Slow down"}}}}}};
  const Read slow = read(event_of(created) + event_of(failed));
  EXPECT_EQ(slow.status, 429);
  EXPECT_NE(slow.error.find("Slow down"), std::string::npos);
  const json error{{"type", "error"}, {"code", "server_error"}, {"message", "Broken"}, {"param", nullptr}};
  EXPECT_EQ(read(event_of(created) + event_of(error)).status, 500);
  EXPECT_FALSE(read(event_of(created)).ended);
  for (const char* body :
       {R"({"object":"response","status":"in_progress","output":[]})", R"({"status":"completed"})", "[]", "x",
        R"({"status":"failed","error":{"code":"server_error","message":"Broken"},"output":[]})"}) {
    BlockAnswer answer;
    EXPECT_TRUE(read_whole(Padded(body).view(), answer)) << body;
  }
}

TEST(Responses, AnIncompleteAnswerSaysWhy) {
  const auto reason = [](const char* why) {
    json event = completed({{"status", "incomplete"}, {"incomplete_details", {{"reason", why}}}});
    event["type"] = "response.incomplete";
    const Read out = read(event_of(created) + event_of(delta("output_text", 0, "Hel")) + event_of(event));
    ResponseGrammar grammar;
    EXPECT_EQ(grammar.take(out.written), "");
    EXPECT_EQ(grammar.response()["incomplete_details"]["reason"], why);
    return grammar.response()["output"][0]["status"].get<std::string>();
  };
  EXPECT_EQ(reason("max_output_tokens"), "incomplete");
  EXPECT_EQ(reason("content_filter"), "completed");
}

}  // namespace
}  // namespace triage::responses
