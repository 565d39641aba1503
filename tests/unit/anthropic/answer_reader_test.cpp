#include "anthropic/answer_reader.hpp"

#include "blocks/event_order.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage::anthropic {
namespace {

using test::Padded;

std::string shown(const BlockEvent& event) {
  static constexpr const char* kinds[] = {"begin", "open",   "delta", "signature",
                                          "close", "finish", "usage", "citation"};
  static constexpr const char* blocks[] = {"text", "image",  "document", "audio",
                                           "call", "result", "thought",  "redacted"};
  std::string out = kinds[static_cast<int>(event.kind)];
  const bool of_block = event.kind >= BlockEvent::Kind::block_begin && event.kind <= BlockEvent::Kind::block_end;
  if (of_block) out += " " + std::to_string(event.index) + " " + blocks[static_cast<int>(event.block)];
  for (const JsonString* text : {&event.id, &event.name, &event.text, &event.native, &event.why})
    if (!text->raw.empty()) out += " " + text->text();
  if (event.usage) out += " " + std::to_string(event.usage->input) + "/" + std::to_string(event.usage->output);
  return out + "\n";
}

std::string event_of(const std::string& json) {
  return "event: x\ndata: " + json + "\n\n";
}

/// The events of a stream that is cut into pieces of this size; the error's message at the end, if there is one.
std::string read(const std::string& stream, std::size_t piece = std::string::npos, bool* ended = nullptr) {
  const auto reader = make_block_reader(1 << 20);
  EventOrder order;
  std::string out;
  std::size_t at = 0;
  for (;;) {
    const auto event = reader->next();
    if (!event) return out + event.error().message + " " + std::to_string(event.error().status);
    if (*event != nullptr) {
      EXPECT_EQ(order.next(**event), "") << out << shown(**event);
      out += shown(**event);
      continue;
    }
    if (at >= stream.size()) break;
    static std::vector<std::unique_ptr<Padded>> fed;  // as long as the reader needs them
    fed.push_back(std::make_unique<Padded>(std::string_view(stream).substr(at, piece)));
    reader->feed(fed.back()->view());
    at += fed.back()->view().size();
  }
  if (ended != nullptr) *ended = reader->ended();
  return out;
}

const std::string start = event_of(
    R"({"type":"message_start","message":{"id":"msg_1","model":"m","content":[],"usage":{"input_tokens":9,"output_tokens":1}}})");
const std::string stop = event_of(R"({"type":"message_stop"})");
std::string finish(const std::string& reason) {
  return event_of(R"({"type":"message_delta","delta":{"stop_reason":")" + reason +
                  R"(","stop_sequence":null},"usage":{"output_tokens":4}})");
}

TEST(AnthropicAnswer, IsReadAlikeHoweverItIsCut) {
  const std::string stream =
      start +
      event_of(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})") +
      event_of(R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"H\u006d"}})") +
      event_of(R"({"type":"ping"})") +
      event_of(R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"Sig="}})") +
      event_of(R"({"type":"content_block_stop","index":0})") +
      event_of(R"({"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"D"}})") +
      event_of(R"({"type":"content_block_stop","index":1})") +
      event_of(
          R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}})") +
      event_of(R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}})") +
      event_of(
          R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}})") +
      event_of(R"({"type":"content_block_stop","index":2})") + finish("tool_use") + stop;
  const std::string wanted =
      "begin msg_1 m 9/1\nopen 0 thought\ndelta 0 thought Hm\nsignature 0 thought Sig=\nclose 0 thought\n"
      "open 1 redacted D\nclose 1 redacted\nopen 2 call toolu_1 f\ndelta 2 call {\"a\":1}\nclose 2 call\n"
      "finish tool_use\nusage 0/4\n";
  bool ended = false;
  EXPECT_EQ(read(stream, std::string::npos, &ended), wanted);
  EXPECT_TRUE(ended);
  for (const std::size_t piece : {1U, 2U, 7U, 64U, 1000U}) EXPECT_EQ(read(stream, piece), wanted) << piece;
}

TEST(AnthropicAnswer, PassesOverBlocksOfTheProvidersOwnTools) {
  const std::string stream =
      start +
      event_of(
          R"({"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}})") +
      event_of(R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}})") +
      event_of(R"({"type":"content_block_stop","index":0})") +
      event_of(R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":"So"}})") +
      event_of(R"({"type":"content_block_stop","index":1})") + finish("end_turn") + stop;
  EXPECT_EQ(read(stream),
            "begin msg_1 m 9/1\nopen 0 text\ndelta 0 text So\nclose 0 text\nfinish end_turn\nusage 0/4\n");
}

TEST(AnthropicAnswer, BeginsAndEndsBlocksThatServersForgetTo) {
  const std::string stream =
      event_of(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}})") +
      event_of(R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})") +
      event_of(R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"b"}})") +
      finish("max_tokens");
  bool ended = true;
  EXPECT_EQ(read(stream, std::string::npos, &ended),
            "begin\nopen 0 text\ndelta 0 text a\nclose 0 text\nopen 1 text\ndelta 1 text b\nclose 1 text\n"
            "finish max_tokens\nusage 0/4\n");
  EXPECT_FALSE(ended);
}

TEST(AnthropicAnswer, ReportsErrorsWithTheirStatus) {
  EXPECT_EQ(read(start + event_of(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})")),
            "begin msg_1 m 9/1\nthe provider reports an error in place of an answer: Overloaded 529");
  EXPECT_EQ(status_of("rate_limit_error"), 429);
  EXPECT_EQ(status_of("new_error"), 0);
  EXPECT_EQ(read(event_of("{\"type\":")), "an event of the provider's stream is no valid JSON object 0");
}

std::string whole(const std::string& body, std::optional<Error>* error = nullptr) {
  const Padded padded(body);
  BlockAnswer answer;
  auto defect = read_whole(padded.view(), answer);
  if (error != nullptr) *error = defect;
  EventOrder order;
  std::string out;
  for (const BlockEvent& event : answer.events) {
    EXPECT_EQ(order.next(event), "") << shown(event);
    out += shown(event);
  }
  return defect ? defect->message : out;
}

TEST(AnthropicAnswer, IsReadWholeInAnyOrderOfMembers) {
  EXPECT_EQ(
      whole(R"({"content":[{"signature":"S","thinking":"Hm","type":"thinking"},{"text":"So","type":"text"},
      {"id":"t","input":{"q":"\"x\"","n":1.0},"name":"f","type":"tool_use"}],"id":"msg_1","model":"m","role":"assistant",
      "stop_reason":"tool_use","type":"message","usage":{"input_tokens":9,"output_tokens":4}})"),
      "begin msg_1 m\nopen 0 thought\ndelta 0 thought Hm\nsignature 0 thought S\nclose 0 thought\nopen 1 text\n"
      "delta 1 text So\nclose 1 text\nopen 2 call t f\ndelta 2 call {\"q\":\"\\\"x\\\"\",\"n\":1.0}\nclose 2 call\n"
      "finish tool_use\nusage 9/4\n");
}

TEST(AnthropicAnswer, IsNoAnswerIfItIsAnErrorOrNoMessage) {
  std::optional<Error> error;
  EXPECT_EQ(whole(R"({"type":"error","error":{"type":"api_error","message":"Oops"}})", &error),
            "the provider reports an error in place of an answer: Oops");
  EXPECT_EQ(error->status, 500);
  EXPECT_EQ(error->code, ErrorCode::upstream_error);
  whole("{}", &error);
  EXPECT_EQ(error->code, ErrorCode::upstream_bad_response);
  whole(R"({"type":"message","content":[)", &error);
  EXPECT_EQ(error->code, ErrorCode::upstream_bad_response);
}

}  // namespace
}  // namespace triage::anthropic
