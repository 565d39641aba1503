#include "bedrock/answer_reader.hpp"

#include "answer/usage.hpp"
#include "bedrock/event_stream.hpp"
#include "blocks/event_order.hpp"
#include "support/event_frame.hpp"
#include "support/padded.hpp"
#include "unit/bedrock/vectors.hpp"

#include <gtest/gtest.h>

#include <list>

namespace triage::bedrock {
namespace {

using nlohmann::ordered_json;
using test::event_frame;
using test::Padded;

std::string shown(const BlockEvent& event) {
  static constexpr const char* kinds[] = {"begin", "open",   "delta", "signature",
                                          "close", "finish", "usage", "citation"};
  static constexpr const char* blocks[] = {"text", "image",  "document", "audio",
                                           "call", "result", "thought",  "redacted"};
  std::string out = kinds[static_cast<int>(event.kind)];
  const bool of_block = event.kind >= BlockEvent::Kind::block_begin && event.kind <= BlockEvent::Kind::block_end;
  if (of_block) out += " " + std::to_string(event.index) + " " + blocks[static_cast<int>(event.block)];
  const bool begins = event.kind == BlockEvent::Kind::begin;
  EXPECT_TRUE(!begins || event.id.raw.starts_with("msg_")) << event.id.raw;
  if (!begins && !event.id.raw.empty()) out += " " + event.id.text();
  for (const JsonString* text : {&event.name, &event.text, &event.native, &event.stopped_at})
    if (!text->raw.empty()) out += " " + text->text();
  if (event.usage) {
    const Usage usage = settled(*event.usage);
    out += " " + std::to_string(usage.input) + "/" + std::to_string(usage.output) + " cached " +
           std::to_string(usage.input_cached) + " written " + std::to_string(usage.cache_write) + " (1h " +
           std::to_string(usage.cache_write_1h) + ")";
  }
  if (!event.service_tier.empty()) out.append(" ").append(event.service_tier);
  return out + "\n";
}

// The events of a stream that is cut into pieces of this size; the error's message and status at the end, if there is
// one. Pieces of one block are shown as one.
std::string read(std::string_view stream, std::size_t piece = std::string::npos, bool* ended = nullptr) {
  const auto reader = make_block_reader(1 << 20);
  EventOrder order;
  std::string out;
  std::list<Padded> kept;  // as long as the reader needs them
  for (std::size_t at = 0;;) {
    const auto event = reader->next();
    if (!event) return out + event.error().message + " " + std::to_string(event.error().status);
    if (*event != nullptr) {
      EXPECT_EQ(order.next(**event), "") << out << shown(**event);
      out += shown(**event);
      continue;
    }
    if (at >= stream.size()) break;
    kept.emplace_back(stream.substr(at, piece));
    reader->feed(kept.back().view());
    at += kept.back().view().size();
  }
  if (ended != nullptr) *ended = reader->ended();
  return out;
}

std::string whole(const std::string& body) {
  const Padded padded(body);
  BlockAnswer answer;
  if (const auto error = read_whole(padded.view(), answer)) return error->message + " " + std::to_string(error->status);
  EventOrder order;
  std::string out;
  for (const BlockEvent& event : answer.events) {
    EXPECT_EQ(order.next(event), "") << out << shown(event);
    out += shown(event);
  }
  return out;
}

std::string delta(int index, const std::string& delta) {
  return event_frame("contentBlockDelta",
                     R"({"contentBlockIndex":)" + std::to_string(index) + R"(,"delta":)" + delta + R"(,"p":"abc"})");
}
std::string stop(int index) {
  return event_frame("contentBlockStop", R"({"contentBlockIndex":)" + std::to_string(index) + R"(,"p":"a"})");
}
const std::string start = event_frame("messageStart", R"({"role":"assistant","p":"abcd"})");
std::string finish(const std::string& reason) {
  return event_frame("messageStop", R"({"stopReason":")" + reason + R"("})") +
         event_frame("metadata",
                     R"({"usage":{"inputTokens":9,"outputTokens":4,"totalTokens":13},"metrics":{"latencyMs":5}})");
}
const std::string usage_line = "usage 9/4 cached 0 written 0 (1h 0)\n";

TEST(BedrockAnswer, IsReadAlikeHoweverItIsCut) {
  const std::string stream =
      start + delta(0, R"({"reasoningContent":{"text":"H\u006d"}})") +
      delta(0, R"({"reasoningContent":{"signature":"Sig="}})") + stop(0) +
      delta(1, R"({"reasoningContent":{"redactedContent":"AAEC"}})") + stop(1) + delta(2, R"({"text":"Hel"})") +
      delta(2, R"({"text":"lo"})") + stop(2) +
      event_frame("contentBlockStart",
                  R"({"contentBlockIndex":3,"start":{"toolUse":{"name":"f","toolUseId":"t1","type":"tool_use"}}})") +
      delta(3, R"({"toolUse":{"input":""}})") + delta(3, R"({"toolUse":{"input":"{\"a\":1}"}})") + stop(3) +
      event_frame("contentBlockStart", R"({"contentBlockIndex":4,"start":{"toolUse":{"name":"g","toolUseId":"t2"}}})") +
      stop(4) + finish("tool_use");
  const std::string wanted =
      "begin\nopen 0 thought\ndelta 0 thought Hm\nsignature 0 thought Sig=\nclose 0 thought\n"
      "open 1 redacted AAEC\nclose 1 redacted\nopen 2 text\ndelta 2 text Hel\ndelta 2 text lo\nclose 2 text\n"
      "open 3 call t1 f\ndelta 3 call {\"a\":1}\nclose 3 call\nopen 4 call t2 g\nclose 4 call\n"
      "finish tool_use\n" +
      usage_line;
  bool ended = false;
  EXPECT_EQ(read(stream, std::string::npos, &ended), wanted);
  EXPECT_TRUE(ended);
  for (std::size_t piece = 1; piece < 200; ++piece) ASSERT_EQ(read(stream, piece), wanted) << piece;
}

TEST(BedrockAnswer, EndsAtTheUsageBehindItsStopReason) {
  bool ended = true;
  const std::string stream =
      start + delta(0, R"({"text":"Hi"})") + event_frame("messageStop", R"({"stopReason":"end_turn"})");
  EXPECT_EQ(read(stream, std::string::npos, &ended),
            "begin\nopen 0 text\ndelta 0 text Hi\nclose 0 text\nfinish end_turn\n");
  EXPECT_FALSE(ended);
}

TEST(BedrockAnswer, CountsWhatIsReadFromAndWrittenToTheCacheBesideTheInput) {
  const std::string stream =
      start +
      event_frame("metadata",
                  R"({"usage":{"inputTokens":3,"outputTokens":121,"totalTokens":2072,"cacheReadInputTokens":1712,
                      "cacheWriteInputTokens":236,"cacheDetails":[{"inputTokens":200,"ttl":"5m"},
                      {"inputTokens":36,"ttl":"1h"}]},"serviceTier":{"type":"flex"}})");
  EXPECT_EQ(read(stream), "begin\nusage 1951/121 cached 1712 written 236 (1h 36) flex\n");
}

TEST(BedrockAnswer, ReportsExceptionsWithTheirStatus) {
  const std::string said = test::frame_of({{":exception-type", "throttlingException"},
                                           {":content-type", "application/json"},
                                           {":message-type", "exception"}},
                                          R"({"message":"Too many tokens, please wait."})");
  EXPECT_EQ(read(start + said),
            "begin\nthe provider reports an error in its stream (throttlingException): Too many tokens, please wait. "
            "429");
  const std::string error = test::frame_of(
      {{":error-code", "InternalServerException"}, {":error-message", "oops"}, {":message-type", "error"}}, "");
  EXPECT_EQ(read(start + error),
            "begin\nthe provider reports an error in its stream (InternalServerException): oops 500");
  EXPECT_EQ(status_of("modelStreamErrorException"), 424);
  EXPECT_EQ(status_of("somethingNew"), 0);
}

TEST(BedrockAnswer, TakesAMalformedAnswerForAFailure) {
  EXPECT_EQ(read(start + finish("malformed_tool_use")),
            "begin\nthe model's answer cannot be read (malformed_tool_use) 0");
  EXPECT_EQ(read(start + event_frame("messageStop", "[1]")),
            "begin\nan event of the provider's stream is no valid JSON object 0");
}

TEST(BedrockAnswer, PassesOverWhatIsNotRead) {
  const std::string stream =
      start +
      event_frame(
          "contentBlockStart",
          R"({"contentBlockIndex":0,"start":{"toolUse":{"name":"s","toolUseId":"x","type":"server_tool_use"}}})") +
      delta(0, R"({"toolUse":{"input":"{}"}})") + stop(0) + delta(1, R"({"citation":{"title":"t"}})") +
      delta(1, R"({"text":"So"})") + stop(1) + event_frame("somethingNew", "{}") +
      delta(2, R"({"toolUse":{"input":"{}"}})") + finish("stop_sequence");
  EXPECT_EQ(read(stream), "begin\nopen 0 text\ndelta 0 text So\nclose 0 text\nfinish stop_sequence\n" + usage_line);
}

TEST(BedrockAnswer, ClosesABlockThatAnotherBegins) {
  EXPECT_EQ(read(start + delta(0, R"({"reasoningContent":{"text":"Hm"}})") + delta(1, R"({"text":"Hi"})") +
                 finish("max_tokens")),
            "begin\nopen 0 thought\ndelta 0 thought Hm\nclose 0 thought\nopen 1 text\ndelta 1 text Hi\nclose 1 text\n"
            "finish max_tokens\n" +
                usage_line);
}

TEST(BedrockAnswer, IsReadWhole) {
  EXPECT_EQ(
      whole(R"({"metrics":{"latencyMs":1},"output":{"message":{"content":[
          {"reasoningContent":{"reasoningText":{"signature":"S","text":"Hm"}}},
          {"reasoningContent":{"redactedContent":"AAEC"}},{"text":"Hello"},
          {"citationsContent":{"citations":[{"title":"t"}],"content":[{"text":" and"},{"text":" more"}]}},
          {"toolUse":{"input":{"x":7006652.0,"a":"\u00e9\"b"},"name":"f","toolUseId":"t1"}}],"role":"assistant"}},
          "stopReason":"tool_use","additionalModelResponseFields":{"stop_sequence":"END"},
          "usage":{"inputTokens":2,"outputTokens":5,"totalTokens":1329,"cacheWriteInputTokens":1322}})"),
      "begin\nopen 0 thought\ndelta 0 thought Hm\nsignature 0 thought S\nclose 0 thought\nopen 1 redacted AAEC\n"
      "close 1 redacted\nopen 2 text\ndelta 2 text Hello\nclose 2 text\nopen 3 text\ndelta 3 text  and\n"
      "delta 3 text  more\nclose 3 text\nopen 4 call t1 f\ndelta 4 call {\"x\":7006652.0,\"a\":\"\\u00e9\\\"b\"}\n"
      "close 4 call\nfinish tool_use END\nusage 1324/5 cached 0 written 1322 (1h 0)\n");
  EXPECT_EQ(whole(R"({"message":"no such model"})"),
            "the provider reports an error in place of an answer: no such model 0");
  EXPECT_EQ(whole("{}"), "the provider's answer has neither a message nor an error 0");
  EXPECT_EQ(whole("[]"), "the provider's answer is no valid JSON object 0");
}

// What the events of an answer say, put together.
struct Said {
  std::string text, thought, signature, redacted, calls, reason;
  std::optional<Usage> usage;
  void add(const BlockEvent& event) {
    if (event.usage) usage = settled(*event.usage);
    if (event.kind == BlockEvent::Kind::finish) reason = event.native.text();
    if (event.kind == BlockEvent::Kind::signature) signature += event.text.text();
    if (event.kind == BlockEvent::Kind::block_begin && event.block == BlockKind::redacted)
      redacted += event.text.text();
    if (event.kind == BlockEvent::Kind::block_begin && event.block == BlockKind::call)
      calls += event.id.text() + event.name.text();
    if (event.kind != BlockEvent::Kind::delta) return;
    (event.block == BlockKind::text ? text : event.block == BlockKind::thought ? thought : calls) += event.text.text();
  }
  bool operator==(const Said&) const = default;
};

Said said_in(std::string_view stream, std::size_t piece) {
  const auto reader = make_block_reader(1 << 20);
  EventOrder order;
  Said out;
  for (std::size_t at = 0; at < stream.size();) {
    const Padded fed(stream.substr(at, piece));
    reader->feed(fed.view());
    at += fed.view().size();
    for (;;) {
      const auto event = reader->next();
      EXPECT_TRUE(event) << event.error().message;
      if (!event || *event == nullptr) break;
      EXPECT_EQ(order.next(**event), "");
      out.add(**event);
    }
  }
  EXPECT_TRUE(order.finished());
  EXPECT_TRUE(reader->ended());
  return out;
}

void add_usage(const ordered_json& usage, Said& out) {
  out.usage.emplace();
  out.usage->input_cached = usage.value("cacheReadInputTokens", 0);
  out.usage->cache_write = usage.value("cacheWriteInputTokens", 0);
  out.usage->input = usage.at("inputTokens").get<std::int64_t>() + out.usage->input_cached + out.usage->cache_write;
  out.usage->output = usage.at("outputTokens");
  EXPECT_EQ(out.usage->input + out.usage->output, usage.at("totalTokens").get<std::int64_t>());
}

// The same, read from the JSON of the events.
void add_event(const std::string& type, const ordered_json& event, Said& out) {
  if (type == "messageStop") out.reason = event.at("stopReason");
  if (type == "metadata") add_usage(event.at("usage"), out);
  if (type == "contentBlockStart") {
    const ordered_json& call = event.at("start").at("toolUse");
    out.calls += call.at("toolUseId").get<std::string>() + call.at("name").get<std::string>();
  }
  if (type != "contentBlockDelta") return;
  const ordered_json& delta = event.at("delta");
  out.text += delta.value("text", "");
  const ordered_json thought =
      delta.contains("reasoningContent") ? delta.at("reasoningContent") : ordered_json::object();
  out.thought += thought.value("text", "");
  out.signature += thought.value("signature", "");
  out.redacted += thought.value("redactedContent", "");
  if (delta.contains("toolUse")) out.calls += delta.at("toolUse").value("input", "");
}

void check_stream(std::string_view bytes) {
  Said wanted;
  EventStream stream(1 << 20);
  const Padded padded(bytes);
  stream.feed(padded.view());
  for (auto frame = stream.next(); frame && *frame != nullptr; frame = stream.next())
    add_event(std::string((*frame)->text(":event-type")), ordered_json::parse((*frame)->payload), wanted);
  for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{13}, std::size_t{1000}})
    EXPECT_TRUE(said_in(bytes, piece) == wanted) << piece;
}

void check_whole(const ordered_json& answer) {
  Said out;
  Said wanted;
  const Padded body(answer.dump());
  BlockAnswer read;
  const auto error = read_whole(body.view(), read);
  ASSERT_FALSE(error) << error->message;
  for (const BlockEvent& event : read.events) out.add(event);
  wanted.reason = answer.at("stopReason");
  add_usage(answer.at("usage"), wanted);
  out.usage->cache_write_1h = 0;
  for (const ordered_json& block : answer.at("output").at("message").at("content")) {
    wanted.text += block.value("text", "");
    if (block.contains("citationsContent"))
      for (const ordered_json& part : block.at("citationsContent").at("content")) wanted.text += part.value("text", "");
    const ordered_json thought = block.value("reasoningContent", ordered_json::object());
    wanted.redacted += thought.value("redactedContent", "");
    const ordered_json text = thought.value("reasoningText", ordered_json::object());
    wanted.thought += text.value("text", "");
    wanted.signature += text.value("signature", "");
    if (!block.contains("toolUse")) continue;
    const ordered_json& call = block.at("toolUse");
    wanted.calls +=
        call.at("toolUseId").get<std::string>() + call.at("name").get<std::string>() + call.at("input").dump();
  }
  EXPECT_TRUE(out == wanted) << answer.dump();
}

TEST(BedrockAnswer, ReadsTheRecordings) {
  const auto root = test::provider_vectors();
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no recordings at " << root << " (set TRIAGE_SHARED)";
  int streams = 0;
  int answers = 0;
  for (const char* folder : {"pydantic-ai/bedrock", "langchain-aws/bedrock"})
    for (const auto& file : std::filesystem::directory_iterator(root / folder)) {
      SCOPED_TRACE(file.path().filename());
      const ordered_json recorded = test::json_of(file.path());
      for (const ordered_json& exchange : recorded.at("exchanges")) {
        const ordered_json& response = exchange.at("response");
        if (response.contains("base64") && ++streams != 0)
          check_stream(test::from_base64(response.at("base64").get<std::string>()));
        else if (response.contains("json") && response.at("json").contains("output") && ++answers != 0)
          check_whole(response.at("json"));
      }
    }
  EXPECT_GT(streams, 5);
  EXPECT_GT(answers, 40);
}

TEST(BedrockAnswer, ReadsRecordedPairsOfStreamAndAnswer) {
  const auto root = test::provider_vectors() / "lingua";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no recordings at " << root << " (set TRIAGE_SHARED)";
  int count = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = file.path().filename();
    if (!name.starts_with("bedrock.") || name.find("request") != std::string::npos) continue;
    SCOPED_TRACE(file.path());
    const ordered_json recorded = test::json_of(file.path());
    ++count;
    if (!recorded.contains("events")) {
      check_whole(recorded);
      continue;
    }
    std::string bytes;
    for (const ordered_json& event : recorded.at("events"))
      for (const auto& [type, value] : event.items()) bytes += event_frame(type, value.dump());
    check_stream(bytes);
  }
  EXPECT_GT(count, 5);
}

}  // namespace
}  // namespace triage::bedrock
