#include "openai/stream_piece.hpp"

#include "triage/body_padding.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using nlohmann::json;

struct Read {
  std::string bytes;
  std::string text;
  StreamPiece piece;
};
std::unique_ptr<Read> read(const std::string& event) {
  auto out = std::make_unique<Read>();
  out->bytes = event + std::string(body_padding, '"');
  out->piece = read_stream_piece(std::string_view(out->bytes).substr(0, event.size()), out->text);
  return out;
}
std::unique_ptr<Read> read_delta(const std::string& delta, const std::string& more = "") {
  return read(R"({"choices":[{"index":0,"delta":)" + delta + more + "}]}");
}

TEST(StreamPiece, TheTextOfAChatAndOfACompletion) {
  EXPECT_EQ(read_delta(R"({"content":"H\u00e9"})")->text, "H\u00e9");
  EXPECT_EQ(read(R"({"choices":[{"text":"He","index":0}]})")->text, "He");
  const auto none = read(R"({"choices":[],"usage":{"prompt_tokens":1}})");
  EXPECT_FALSE(none->piece.choices);
  const auto named = read(R"({"id":"a\"b","created": 12 ,"model":"m","choices":[{"delta":{}}]})");
  EXPECT_EQ(named->piece.id, R"("a\"b")");
  EXPECT_EQ(named->piece.created, "12");
  EXPECT_EQ(named->piece.model, R"("m")");
  EXPECT_TRUE(named->piece.choices);
}

TEST(StreamPiece, WhatIsNullOrEmptySaysNothing) {
  const auto seen = read_delta(
      R"({"role":null,"content":"x","refusal":null,"tool_calls":[],"function_call":null,"reasoning":"","annotations":[]})",
      R"(,"logprobs":null,"finish_reason":null,"stop_reason":null,"content_filter_results":{"hate":{"filtered":false}})");
  EXPECT_EQ(seen->text, "x");
  EXPECT_FALSE(seen->piece.role || seen->piece.finished || seen->piece.acts || seen->piece.more);
}

TEST(StreamPiece, WhatATextDoesNotHold) {
  EXPECT_TRUE(read_delta(R"({"role":"assistant"})")->piece.role);
  EXPECT_TRUE(read_delta("{}", R"(,"finish_reason":"stop")")->piece.finished);
  EXPECT_FALSE(read_delta("{}", R"(,"finish_reason":"null")")->piece.finished) << "as some spell 'not yet'";
  EXPECT_TRUE(read_delta(R"({"tool_calls":[{"index":0}]})")->piece.acts);
  EXPECT_TRUE(read_delta(R"({"function_call":{"name":"f"}})")->piece.acts);
  EXPECT_TRUE(read_delta(R"({"refusal":"No"})")->piece.acts);
  EXPECT_TRUE(read_delta(R"({"reasoning_content":"Hm"})")->piece.more);
  EXPECT_TRUE(read_delta(R"({"content":[{"type":"text","text":"x"}]})")->piece.more);
  EXPECT_TRUE(read_delta("{}", R"(,"logprobs":{"content":[]})")->piece.more);
  EXPECT_TRUE(read(R"({"choices":[{"index":1,"delta":{}}]})")->piece.more);
  EXPECT_TRUE(read(R"({"choices":[{"delta":{}},{"delta":{}}]})")->piece.more);
}

TEST(StreamPiece, AnythingCanBeRead) {
  for (const char* each : {"", "{", "[]", "1", R"({"choices":7})", R"({"choices":[7,{"delta":[]}]})", R"({"id":)"}) {
    EXPECT_EQ(read(each)->text, "") << each;
    EXPECT_FALSE(read(each)->piece.acts) << each;
  }
}

json edited(const std::string& event, std::optional<std::string_view> text, bool role) {
  const auto out = edited_stream_event(event, {R"("first")", "1", ""}, text, role);
  EXPECT_TRUE(out && out->starts_with("data: ") && out->ends_with("\n\n"));
  return json::parse(out->substr(6));
}

TEST(StreamPiece, AnEventOfAnotherStream) {
  const std::string event =
      R"({"id":"b","created":2,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"ab"},"finish_reason":null}],"x":1.50})";
  json wanted = json::parse(event);
  wanted["id"] = "first";
  wanted["created"] = 1;
  EXPECT_EQ(edited(event, std::nullopt, true), wanted);
  wanted["choices"][0]["delta"] = {{"content", "b"}};
  EXPECT_EQ(edited(event, "b", false), wanted);
  const std::string finish = R"({"choices":[{"delta":{},"finish_reason":"stop"}]})";
  EXPECT_EQ(edited(finish, "z", false)["choices"][0]["delta"]["content"], "z");
  EXPECT_EQ(edited(R"({"choices":[{"text":"ab"}]})", "b", false)["choices"][0]["text"], "b");
  EXPECT_EQ(edited(R"({"choices":[],"usage":{}})", std::nullopt, false)["id"], "first");
  EXPECT_EQ(edited_stream_event("[1]", {}, std::nullopt, false), std::nullopt);
  EXPECT_EQ(edited_stream_event(R"({"choices":[{"delta":{"content":"\ud800"}}]})", {}, std::nullopt, false),
            std::nullopt)
      << "half a surrogate pair has no UTF-8";
}

}  // namespace
}  // namespace triage
