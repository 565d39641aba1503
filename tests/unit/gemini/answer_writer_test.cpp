// Answers for clients of Gemini's API.
#include "gemini/answer_writer.hpp"

#include "gemini/answer_reader.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <forward_list>

namespace triage::gemini {
namespace {

using nlohmann::json;
using test::Padded;
using Kind = BlockEvent::Kind;

BlockEvent event_of(Kind kind, BlockKind block = BlockKind::text, std::string_view text = "") {
  BlockEvent out;
  out.kind = kind;
  out.block = block;
  static std::forward_list<test::Padded> kept;  // an escaped text is read in blocks
  out.text = {kept.emplace_front(text).view(), text.find('\\') != std::string_view::npos};
  return out;
}

// A thought that is signed, a text, two calls.
std::vector<BlockEvent> answer() {
  BlockEvent begin = event_of(Kind::begin);
  begin.id = {"msg_1", false};
  begin.name = {"m", false};
  BlockEvent call = event_of(Kind::block_begin, BlockKind::call);
  call.id = {"toolu_1", false};
  call.name = {"f", false};
  BlockEvent finish = event_of(Kind::finish);
  finish.reason = FinishReason::calls;
  BlockEvent usage = event_of(Kind::usage);
  usage.usage.emplace();
  usage.usage->input = 10;
  usage.usage->output = 7;
  usage.usage->total = 17;
  usage.usage->reasoning = 3;
  return {begin,
          event_of(Kind::block_begin, BlockKind::thought),
          event_of(Kind::delta, BlockKind::thought, "H"),
          event_of(Kind::delta, BlockKind::thought, "m"),
          event_of(Kind::signature, BlockKind::thought, "Sig="),
          event_of(Kind::block_end, BlockKind::thought),
          event_of(Kind::block_begin, BlockKind::redacted, "RED="),
          event_of(Kind::block_end, BlockKind::redacted),
          event_of(Kind::block_begin),
          event_of(Kind::delta, BlockKind::text, "a\xe2\x80\xa8"),
          event_of(Kind::block_end),
          call,
          event_of(Kind::delta, BlockKind::call, R"({\"a\":)"),
          event_of(Kind::delta, BlockKind::call, "1.0}"),
          event_of(Kind::block_end, BlockKind::call),
          finish,
          usage};
}

const std::string parts =
    R"([{"text":"Hm","thought":true,"thoughtSignature":"Sig="},{"thought":true,"thoughtSignature":"RED="},)"
    R"({"text":"a\u2028"},{"functionCall":{"id":"toolu_1","name":"f","args":{"a":1.0}}}])";

TEST(GeminiWriter, WritesAWholeAnswer) {
  EXPECT_EQ(
      write_response(answer()),
      R"({"candidates":[{"content":{"parts":)" + parts +
          R"(,"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":10,)"
          R"("candidatesTokenCount":4,"totalTokenCount":17,"thoughtsTokenCount":3},"modelVersion":"m","responseId":"msg_1"})");
}

std::string streamed(Framing framing, const std::vector<BlockEvent>& events) {
  ResponseWriter writer(framing);
  std::string out;
  for (const BlockEvent& event : events) writer.put(event, out);
  writer.end(out);
  return out;
}

TEST(GeminiWriter, WritesAStreamInBothFramings) {
  const std::string events = streamed(Framing::events, answer());
  json all = json::array();
  for (std::size_t at = 0; at < events.size();) {
    const std::size_t end = events.find("\r\n\r\n", at);
    ASSERT_EQ(events.substr(at, 6), "data: ");
    all.push_back(json::parse(events.substr(at + 6, end - at - 6)));
    at = end + 4;
  }
  ASSERT_EQ(all.size(), 7U);
  EXPECT_EQ(json::parse(streamed(Framing::array, answer())), all);
  for (const json& object : all) {
    EXPECT_EQ(object["candidates"][0]["content"]["parts"].size(), 1U);
    EXPECT_EQ(object["responseId"], "msg_1");
  }
  EXPECT_EQ(all[2]["candidates"][0]["content"]["parts"][0],
            (json{{"text", ""}, {"thought", true}, {"thoughtSignature", "Sig="}}));
  EXPECT_EQ(all.back()["candidates"][0]["finishReason"], "STOP");
  EXPECT_EQ(all.back()["usageMetadata"]["totalTokenCount"], 17);
  for (std::size_t i = 0; i + 1 < all.size(); ++i) EXPECT_FALSE(all[i].contains("usageMetadata"));
}

TEST(GeminiWriter, EndsWithoutUsage) {
  std::vector<BlockEvent> events = answer();
  events.pop_back();
  const json all = json::parse(streamed(Framing::array, events));
  EXPECT_EQ(all.back()["candidates"][0]["finishReason"], "STOP");
  EXPECT_FALSE(all.back().contains("usageMetadata"));
  EXPECT_EQ(streamed(Framing::array, {}), "[]");
}

TEST(GeminiWriter, EndsInAnErrorAndNothingBehind) {
  ResponseWriter writer(Framing::array);
  std::string out;
  for (const BlockEvent& event : answer())
    if (event.kind != Kind::finish && event.kind != Kind::usage) writer.put(event, out);
  writer.fail(write_error(503, "gone"), out);
  EXPECT_EQ(json::parse(out).back()["error"]["status"], "UNAVAILABLE");
  ResponseWriter events(Framing::events);
  out.clear();
  events.fail(write_error(429, "slow"), out);
  EXPECT_EQ(out, "data: {\"error\":{\"code\":429,\"message\":\"slow\",\"status\":\"RESOURCE_EXHAUSTED\"}}\r\n\r\n");
}

TEST(GeminiWriter, MakesAnObjectOfWhateverACallSays) {
  std::vector<BlockEvent> events = answer();
  for (BlockEvent& event : events)
    if (event.kind == Kind::delta && event.block == BlockKind::call)
      event.text = event_of(Kind::delta, BlockKind::call, "[1").text;
  const json out = json::parse(write_response(events));
  EXPECT_EQ(out["candidates"][0]["content"]["parts"][3]["functionCall"]["args"], json({{"arguments", "[1[1"}}));
}

TEST(GeminiWriter, SaysWhyItRefused) {
  std::vector<BlockEvent> events{event_of(Kind::begin), event_of(Kind::finish)};
  events.back().reason = FinishReason::refusal;
  events.back().why = {"no", false};
  const json out = json::parse(write_response(events))["candidates"][0];
  EXPECT_EQ(out["finishReason"], "SAFETY");
  EXPECT_EQ(out["finishMessage"], "no");
}

TEST(GeminiWriter, KeepsWhatGoogleSaidOfAnError) {
  EXPECT_EQ(
      own_error(429,
                R"({"error":{"code":429,"message":"m","status":"X","details":[{"retryDelay":"34s"}],"type":"t"}})"),
      R"({"error":{"code":429,"message":"m","status":"X","details":[{"retryDelay":"34s"}]}})");
  EXPECT_EQ(own_error(404, R"({"error":{"message":"m","type":"t","param":null,"code":"c"}})"),
            R"({"error":{"code":404,"message":"m","status":"NOT_FOUND"}})");
}

TEST(GeminiWriter, WhatItWritesReadsAgain) {
  const std::string text = write_response(answer());
  const Padded body(text);
  BlockAnswer read;
  ASSERT_FALSE(read_whole(body.view(), read));
  std::string again = write_response(read.events);
  EXPECT_EQ(json::parse(again)["usageMetadata"], json::parse(text)["usageMetadata"]);
  EXPECT_EQ(json::parse(again)["candidates"][0]["finishReason"], "STOP");
}

}  // namespace
}  // namespace triage::gemini
