#include "gemini/answer_reader.hpp"

#include "blocks/event_order.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage::gemini {
namespace {

using test::Padded;

std::string shown(const BlockEvent& event) {
  static constexpr const char* kinds[] = {"begin", "open",   "delta", "signature",
                                          "close", "finish", "usage", "citation"};
  static constexpr const char* blocks[] = {"text", "image",  "document", "audio",
                                           "call", "result", "thought",  "redacted"};
  static constexpr const char* reasons[] = {"stop", "stop_sequence", "length", "calls", "refusal", "other"};
  std::string out = kinds[static_cast<int>(event.kind)];
  const bool of_block = event.kind >= BlockEvent::Kind::block_begin && event.kind <= BlockEvent::Kind::block_end;
  if (of_block) out += " " + std::to_string(event.index) + " " + blocks[static_cast<int>(event.block)];
  if (event.kind == BlockEvent::Kind::finish) out += std::string(" ") + reasons[static_cast<int>(event.reason)];
  for (const JsonString* text : {&event.id, &event.name, &event.text, &event.native, &event.why})
    if (!text->raw.empty()) out += " " + text->text();
  if (event.usage)
    out += " " + std::to_string(event.usage->input) + "/" + std::to_string(event.usage->cached) + "/" +
           std::to_string(event.usage->output) + "/" + std::to_string(event.usage->reasoning);
  if (!event.service_tier.empty()) out += " " + std::string(event.service_tier);
  return out + "\n";
}

/// The events of a stream that is cut into pieces of this size; the error's message at the end, if there is one.
std::string read(const std::string& stream, std::size_t piece = std::string::npos, bool* ended = nullptr) {
  const auto reader = make_block_reader(1 << 20);
  EventOrder order;
  std::vector<std::unique_ptr<Padded>> fed;
  std::string out;
  bool over = false;
  for (std::size_t at = 0;;) {
    const auto event = reader->next();
    if (!event) return out + event.error().message + " " + std::to_string(event.error().status);
    if (*event != nullptr) {
      EXPECT_EQ(order.next(**event), "") << out << shown(**event);
      out += shown(**event);
    } else if (at < stream.size()) {
      fed.push_back(std::make_unique<Padded>(std::string_view(stream).substr(at, piece)));
      reader->feed(fed.back()->view());
      at += fed.back()->view().size();
    } else if (!over) {
      EXPECT_FALSE(reader->ended());
      reader->end();
      over = true;
    } else {
      break;
    }
  }
  if (ended != nullptr) *ended = reader->ended();
  return out;
}

std::string whole(const std::string& json) {
  const Padded body(json);
  BlockAnswer answer;
  if (const auto error = read_whole(body.view(), answer)) return error->message + " " + std::to_string(error->status);
  EventOrder order;
  std::string out;
  for (const BlockEvent& event : answer.events) {
    EXPECT_EQ(order.next(event), "") << out << shown(event);
    out += shown(event);
  }
  EXPECT_TRUE(order.finished());
  return out;
}

std::string events_of(const std::vector<std::string>& objects) {
  std::string out;
  for (const std::string& object : objects) out += "data: " + object + "\r\n\r\n";
  return out;
}

std::string array_of(const std::vector<std::string>& objects) {
  std::string out = "[";
  for (const std::string& object : objects) out += (out.size() > 1 ? "\n,\r\n" : "") + object;
  return out + "\n]\n";
}

std::string response(const std::string& parts, const std::string& more = "") {
  return R"({"candidates":[{"content":{"parts":[)" + parts + R"(],"role":"model"})" + more +
         R"(,"index":0}],"modelVersion":"gemini-x","responseId":"r1"})";
}
const std::string usage =
    R"(,"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"thoughtsTokenCount":3,"totalTokenCount":18,)"
    R"("toolUsePromptTokenCount":2,"cachedContentTokenCount":5,"trafficType":"ON_DEMAND_FLEX"})";
std::string with_usage(std::string object) {
  object.insert(object.size() - 1, usage);
  return object;
}

TEST(GeminiAnswer, IsReadAlikeHoweverItIsFramedAndCut) {
  const std::vector<std::string> objects{
      with_usage(response(R"({"text":"H\u006d [","thought":true})")), response(R"({"text":"a \"]\" b"})"),
      response(R"({"text":"","thoughtSignature":"Sig="})"),
      with_usage(response(R"({"functionCall":{"name":"f","args":{"a": 1.0}},"thoughtSignature":"S2"},)"
                          R"({"functionCall":{"id":"own","name":"g","args":{}}})",
                          R"(,"finishReason":"STOP")"))};
  const std::string wanted =
      "begin r1 gemini-x\nopen 0 thought\ndelta 0 thought Hm [\nclose 0 thought\n"
      "open 1 text\ndelta 1 text a \"]\" b\nsignature 1 text Sig=\nclose 1 text\n"
      "open 2 call call_6ylc7pbbvcuf7vvfq4zqiyco f\nsignature 2 call S2\ndelta 2 call {\"a\": 1.0}\nclose 2 call\n"
      "open 3 call own g\ndelta 3 call {}\nclose 3 call\nfinish calls STOP\nusage 11/5/7/3 flex\n";
  for (const std::string& stream : {events_of(objects), array_of(objects)}) {
    bool ended = false;
    const std::string once = read(stream, std::string::npos, &ended);
    EXPECT_TRUE(ended);
    const std::size_t id = once.find("call call_");
    ASSERT_NE(id, std::string::npos) << once;
    std::string named = once;
    named.replace(id + 5, 29, "call_6ylc7pbbvcuf7vvfq4zqiyco");
    EXPECT_EQ(named, wanted);
    for (std::size_t piece = 1; piece < 80; ++piece) EXPECT_EQ(read(stream, piece), once) << piece;
  }
  EXPECT_EQ(read(events_of(objects)), read(array_of(objects)));
}

TEST(GeminiAnswer, ReadsAWholeOneAndTheArrayOfAStream) {
  const std::string first = response(R"({"text":"a"})");
  const std::string last = with_usage(response(R"({"text":"b"})", R"(,"finishReason":"MAX_TOKENS")"));
  EXPECT_EQ(whole(last),
            "begin r1 gemini-x\nopen 0 text\ndelta 0 text b\nclose 0 text\nfinish length MAX_TOKENS\nusage "
            "11/5/7/3 flex\n");
  EXPECT_EQ(whole(array_of({first, last})),
            "begin r1 gemini-x\nopen 0 text\ndelta 0 text a\ndelta 0 text b\nclose 0 text\nfinish length "
            "MAX_TOKENS\nusage 11/5/7/3 flex\n");
  EXPECT_EQ(whole(with_usage(first)),
            "begin r1 gemini-x\nopen 0 text\ndelta 0 text a\nclose 0 text\nfinish other\nusage 11/5/7/3 flex\n");
}

TEST(GeminiAnswer, MayHaveNoParts) {
  EXPECT_EQ(whole(R"({"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}]})"),
            "begin\nfinish length MAX_TOKENS\n");
}

TEST(GeminiAnswer, TellsRefusals) {
  EXPECT_EQ(whole(R"({"promptFeedback":{"blockReason":"MODEL_ARMOR","blockReasonMessage":"no"},"responseId":"r"})"),
            "begin r\nfinish refusal MODEL_ARMOR no\n");
  EXPECT_EQ(whole(R"({"candidates":[{"finishReason":"SAFETY","finishMessage":"no"}]})"),
            "begin\nfinish refusal SAFETY no\n");
}

TEST(GeminiAnswer, IsAFailureWhereTheModelsCallCameToNothing) {
  EXPECT_EQ(whole(R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"print(f"}]})"),
            "the model's answer ended with MALFORMED_FUNCTION_CALL: print(f 0");
  EXPECT_EQ(whole(response("", R"(,"finishReason":"UNEXPECTED_TOOL_CALL")")),
            "the model's answer ended with UNEXPECTED_TOOL_CALL 0");
  EXPECT_NE(whole(response(R"({"functionCall":{"id":"i","name":"f"}})", R"(,"finishReason":"UNEXPECTED_TOOL_CALL")"))
                .find("finish calls UNEXPECTED_TOOL_CALL"),
            std::string::npos);
}

TEST(GeminiAnswer, ReportsErrorsWithTheirStatus) {
  const std::string error = R"({"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}})";
  const std::string wanted = "the provider reports an error in place of an answer: overloaded 503";
  EXPECT_EQ(whole(error), wanted);
  EXPECT_EQ(whole("[" + error + "]"), wanted);
  EXPECT_EQ(read(events_of({response(R"({"text":"a"})"), error})),
            "begin r1 gemini-x\nopen 0 text\ndelta 0 text a\n" + wanted);
  EXPECT_EQ(whole("{}"), "the provider's answer has no candidates 0");
  EXPECT_EQ(read("data: {\"a\":\r\n\r\n"), "the provider's answer is no valid JSON object 0");
  EXPECT_EQ(read("[1]"), "the provider's stream is no JSON array of objects 0");
}

// js-genai (Apache-2.0), MCP_related_client_Tests_generateContentStream_with_streamFunctionCallingArguments, shortened.
TEST(GeminiAnswer, ArgumentsThatComeInPiecesAreOneCall) {
  const std::string stream = events_of(
      {response(R"({"functionCall":{"id":"i","name":"greet","willContinue":true},"thoughtSignature":"Sig="})"),
       response(
           R"({"functionCall":{"partialArgs":[{"jsonPath":"$.greeting","stringValue":"Hello","willContinue":true}],)"
           R"("willContinue":true}})"),
       response(
           R"({"functionCall":{"partialArgs":[{"jsonPath":"$.greeting","stringValue":" \"you\""}],"willContinue":true}})"),
       response(R"({"functionCall":{"partialArgs":[{"jsonPath":"$.times","numberValue":2}],"willContinue":true}})"),
       response(R"({"functionCall":{}})", R"(,"finishReason":"STOP")")});
  const std::string wanted =
      "begin r1 gemini-x\nopen 0 call i greet\nsignature 0 call Sig=\n"
      "delta 0 call {\"greeting\":\"Hello \\\"you\\\"\",\"times\":2}\nclose 0 call\nfinish calls STOP\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{50}, std::string::npos})
    EXPECT_EQ(read(stream, piece), wanted);
  EXPECT_EQ(read(events_of({response(R"({"functionCall":{"name":"f","partialArgs":[{"jsonPath":"f"}]}})")})),
            "the provider's stream has arguments whose place cannot be read 0");
}

// js-genai (Apache-2.0), Chats_Tests_sendMessage_multiple_messages_with_server_side_MCP_tools_stream, shortened.
TEST(GeminiAnswer, ACallThatTheProviderAnswersIsNoneOfTheClients) {
  const std::vector<std::string> objects{
      response(R"({"functionCall":{"name":"weather","args":{}}})", R"(,"finishReason":"STOP")"),
      response(R"({"functionResponse":{"name":"weather","response":{"r":"18"}}})"), response(R"({"text":"It is 18."})"),
      response(R"({"functionCall":{"id":"own","name":"f","args":{}}})", R"(,"finishReason":"STOP")")};
  const std::string wanted =
      "begin r1 gemini-x\nopen 0 text\ndelta 0 text It is 18.\nclose 0 text\n"
      "open 1 call own f\ndelta 1 call {}\nclose 1 call\nfinish calls STOP\n";
  EXPECT_EQ(read(events_of(objects)), wanted);
  EXPECT_EQ(whole(array_of(objects)), wanted);
}

// pydantic-ai (MIT), test_code_execution, shortened: what its own tools say and sign is not the text's.
TEST(GeminiAnswer, PartsOfItsOwnToolsAreNotRead) {
  EXPECT_EQ(
      whole(response(R"({"executableCode":{"code":"1"},"thoughtSignature":"A"},{"codeExecutionResult":{"output":"1"}},)"
                     R"({"text":"One.","thoughtSignature":"B"},{"toolCall":{"id":"t"},"thoughtSignature":"C"})",
                     R"(,"finishReason":"STOP")")),
      "begin r1 gemini-x\nopen 0 text\ndelta 0 text One.\nsignature 0 text B\nclose 0 text\nfinish stop STOP\n");
}

TEST(GeminiAnswer, HasNotEndedWithoutAFinishReason) {
  bool ended = true;
  read(events_of({response(R"({"text":"a"})")}), std::string::npos, &ended);
  EXPECT_FALSE(ended);
}

TEST(GeminiAnswer, IsBounded) {
  for (const std::string& stream : {std::string("data: {\"a\":\"" + std::string(300, 'x') + "\"}\n\n"),
                                    std::string("[{\"a\":\"" + std::string(300, 'x') + "\"}]")}) {
    const auto reader = make_block_reader(200);
    const Padded body(stream);
    reader->feed(body.view());
    const auto event = reader->next();
    ASSERT_FALSE(event.has_value());
    EXPECT_EQ(event.error().code, ErrorCode::upstream_too_large);
  }
}

}  // namespace
}  // namespace triage::gemini
