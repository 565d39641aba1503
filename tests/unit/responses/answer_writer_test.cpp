// Answers of other dialects as the Responses API has them.
#include "responses/answer_writer.hpp"

#include "blocks/event_order.hpp"
#include "responses/echo.hpp"
#include "support/padded.hpp"
#include "support/response_grammar.hpp"

#include <gtest/gtest.h>

namespace triage::responses {
namespace {

using nlohmann::json;
using test::Padded;
using test::ResponseGrammar;

Asked asked() {
  const Padded request(R"({"model":"auto","input":"Hi"})");
  return {1, echo_of(request.view()), "m"};
}

// The events that another dialect's reader makes.
class Story {
 public:
  Story() {
    BlockEvent& begin = add(BlockEvent::Kind::begin);
    begin.id = {"msg_1", false};
    begin.name = {"claude", false};
  }
  BlockEvent& add(BlockEvent::Kind kind, BlockKind block = BlockKind::text, std::string_view text = {}) {
    if (kind == BlockEvent::Kind::block_begin) ++blocks_;
    BlockEvent& event = events_.emplace_back();
    event.kind = kind;
    event.block = block;
    event.index = blocks_ == 0 ? 0 : blocks_ - 1;
    event.text = {text, text.find('\\') != std::string_view::npos};
    return event;
  }
  void block(BlockKind kind, std::string_view text, std::string_view signature = {}) {
    BlockEvent& begin = add(BlockEvent::Kind::block_begin, kind);
    if (kind == BlockKind::redacted) begin.text = {text, false};
    if (kind == BlockKind::call) begin.id = {"call_1", false}, begin.name = {"f", false};
    if (kind != BlockKind::redacted && !text.empty()) add(BlockEvent::Kind::delta, kind, text);
    if (!signature.empty()) add(BlockEvent::Kind::signature, kind, signature);
    add(BlockEvent::Kind::block_end, kind);
  }
  void finish(FinishReason reason, std::string_view why = {}) {
    BlockEvent& event = add(BlockEvent::Kind::finish);
    event.reason = reason;
    event.why = {why, false};
  }
  [[nodiscard]] json streamed() const {
    ResponseWriter writer(asked());
    std::string out;
    EventOrder order;
    for (const BlockEvent& event : events_) {
      EXPECT_EQ(order.next(event), "");
      writer.put(event, out);
    }
    writer.end(out);
    ResponseGrammar grammar;
    EXPECT_EQ(grammar.take(out), "") << out;
    EXPECT_TRUE(grammar.ended());
    json whole = json::parse(write_response(events_, asked()));
    EXPECT_EQ(whole, grammar.response());
    return whole;
  }

 private:
  std::vector<BlockEvent> events_;
  std::uint32_t blocks_ = 0;
};

TEST(Responses, OpaqueThingsOfOtherDialectsHaveAPlace) {
  Story story;
  story.block(BlockKind::thought, "Hm\\u2028", "Sig=");
  story.block(BlockKind::redacted, "Data=");
  story.block(BlockKind::text, "A");
  story.block(BlockKind::text, "B", "TextSig");
  story.block(BlockKind::text, "", "EmptySig");
  story.block(BlockKind::call, "", "CallSig");
  story.finish(FinishReason::calls);
  const json out = story.streamed()["output"];
  std::vector<std::string> kinds;
  std::vector<std::string> sealed;
  for (const json& item : out) {
    kinds.push_back(item["type"]);
    sealed.push_back(item.value("encrypted_content", ""));
  }
  EXPECT_EQ(kinds, (std::vector<std::string>{"reasoning", "reasoning", "message", "reasoning", "reasoning",
                                             "function_call", "reasoning"}));
  EXPECT_EQ(sealed, (std::vector<std::string>{"Sig=", "redacted#Data=", "", "item#TextSig", "text#EmptySig", "",
                                              "item#CallSig"}));
  EXPECT_EQ(out[2]["content"][0]["text"], "AB");
  EXPECT_EQ(out[5]["arguments"], "{}");
}

TEST(Responses, ARefusalIsNoEmptySuccess) {
  Story explained;
  explained.block(BlockKind::text, "Well");
  explained.finish(FinishReason::refusal, "No.");
  const json out = explained.streamed();
  EXPECT_EQ(out["output"][1]["content"][0], (json{{"type", "refusal"}, {"refusal", "No."}}));
  EXPECT_EQ(out["status"], "completed");
  Story silent;
  silent.finish(FinishReason::refusal);
  EXPECT_EQ(silent.streamed()["incomplete_details"]["reason"], "content_filter");
}

TEST(Responses, AnEmptyAnswerHasAnEmptyText) {
  Story story;
  story.finish(FinishReason::length);
  const json out = story.streamed();
  EXPECT_EQ(out["output"][0]["content"][0]["text"], "");
  EXPECT_EQ(out["status"], "incomplete");
}

TEST(Responses, AFailureEndsTheStreamInItsOwnForm) {
  ResponseWriter writer(asked());
  Story story;
  std::string out;
  BlockEvent begin;
  begin.id = {"resp_7", false};
  writer.put(begin, out);
  writer.fail(503, "the line\u2028 broke", out);
  ResponseGrammar grammar;
  EXPECT_EQ(grammar.take(out), "");
  EXPECT_EQ(grammar.response()["error"], (json{{"code", "server_error"}, {"message", "the line\u2028 broke"}}));
  EXPECT_EQ(grammar.response()["id"], "resp_7");
  EXPECT_EQ(grammar.response()["model"], "m");
  EXPECT_EQ(out.find("\u2028"), std::string::npos);
}

TEST(Responses, TheRequestIsRepeated) {
  const Padded request(
      "{\"model\":\"m\",\n\"tools\":[\r\n{\"type\":\"function\",\"name\":\"f\"}],\"user\":null,\"top_p\":0.50}");
  const std::string echo = echo_of(request.view());
  EXPECT_EQ(echo.find_first_of("\r\n"), std::string::npos);
  const json out = json::parse("{" + echo + "}");
  EXPECT_EQ(out["tools"][0]["name"], "f");
  EXPECT_EQ(out["top_p"], 0.5);
  EXPECT_EQ(out["user"], nullptr);
  EXPECT_EQ(out["store"], false);
}

}  // namespace
}  // namespace triage::responses
