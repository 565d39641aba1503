#include "blocks/block_request.hpp"

#include "blocks/event_order.hpp"
#include "blocks/spelling.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <forward_list>

namespace triage {
namespace {

// With the bytes behind it that a JsonString needs.
JsonString spelled(std::string_view text) {
  static std::forward_list<test::Padded> texts;
  return {texts.emplace_front(text).view(), false};
}

Block block(BlockKind kind, std::string_view id) {
  Block out;
  out.kind = kind;
  out.id = spelled(id);
  return out;
}

BlockTurn turn(Role role, std::vector<Block> blocks) {
  return {role, std::move(blocks)};
}

constexpr auto call = BlockKind::call;
constexpr auto result = BlockKind::result;

TEST(Unpaired, AcceptsResultsOfOneTurnInAnyNumberOfTurns) {
  BlockRequest request;
  request.turns.push_back(turn(Role::user, {block(BlockKind::text, "")}));
  request.turns.push_back(turn(Role::assistant, {block(call, "a"), block(call, "b")}));
  request.turns.push_back(turn(Role::user, {block(result, "b")}));
  request.turns.push_back(turn(Role::user, {block(result, "a")}));
  EXPECT_FALSE(unpaired(request));
}

TEST(Unpaired, NamesTheIdThatIsAlone) {
  BlockRequest lonely_call;
  lonely_call.turns.push_back(turn(Role::assistant, {block(call, "a"), block(call, "b")}));
  lonely_call.turns.push_back(turn(Role::user, {block(result, "a")}));
  ASSERT_TRUE(unpaired(lonely_call));
  EXPECT_NE(unpaired(lonely_call)->message.find("'b'"), std::string::npos);

  BlockRequest lonely_result;
  lonely_result.turns.push_back(turn(Role::user, {block(result, "c")}));
  ASSERT_TRUE(unpaired(lonely_result));
  EXPECT_NE(unpaired(lonely_result)->message.find("'c'"), std::string::npos);

  BlockRequest last;
  last.turns.push_back(turn(Role::assistant, {block(call, "d")}));
  ASSERT_TRUE(unpaired(last));
  EXPECT_EQ(unpaired(last)->code, ErrorCode::invalid_value);
}

TEST(CallId, KeepsWhatIsValidAndHashesTheRest) {
  const auto id = [](std::string_view text) { return call_id(spelled(text), "toolu_", 40); };
  EXPECT_EQ(id("call_9-Z"), "call_9-Z");
  const std::string hashed = id("functions.get:0");
  EXPECT_TRUE(hashed.starts_with("toolu_"));
  EXPECT_LE(hashed.size(), 40U);
  EXPECT_EQ(id("functions.get:0"), hashed);
  EXPECT_NE(id("functions.get:1"), hashed);
  EXPECT_TRUE(id(std::string(41, 'a')).starts_with("toolu_"));
  EXPECT_TRUE(id("").starts_with("toolu_"));
}

TEST(ArgumentsObject, KeepsTheBytesOfAnObject) {
  BlockRequest request;
  const auto object = [&](std::string_view raw) {
    const test::Padded text(raw);
    return std::string(arguments_object({text.view(), raw.find('\\') != std::string_view::npos}, request));
  };
  EXPECT_EQ(object(R"({\"n\":7006652.0,\"b\":12345678901234567890, \"a\":1})"),
            R"({"n":7006652.0,"b":12345678901234567890, "a":1})");
  EXPECT_EQ(object(""), "{}");
  EXPECT_EQ(object(" \\n"), "{}");
  EXPECT_EQ(object(R"({\"cut\":)"), R"({"arguments":"{\"cut\":"})");
  EXPECT_EQ(object("[1]"), R"({"arguments":"[1]"})");
}

TEST(Spelling, EscapesWhatSomeClientsTakeForLineEnds) {
  std::string out;
  append_spelled(out,
                 "a\xe2\x80\xa8"
                 "b\xe2\x80\xa9"
                 "c\xc2\x85"
                 "d\xc3\xa9\xe2\x82\xac");
  EXPECT_EQ(out, "a\\u2028b\\u2029c\\u0085d\xc3\xa9\xe2\x82\xac");
}

TEST(EventOrder, RefusesPiecesOutsideTheirBlock) {
  using Kind = BlockEvent::Kind;
  const auto event = [](Kind kind, BlockKind of = BlockKind::text, std::uint32_t index = 0) {
    BlockEvent out;
    out.kind = kind;
    out.block = of;
    out.index = index;
    return out;
  };
  EventOrder order;
  EXPECT_NE(order.next(event(Kind::finish)), "");
  EXPECT_EQ(order.next(event(Kind::begin)), "");
  EXPECT_NE(order.next(event(Kind::begin)), "");
  EXPECT_NE(order.next(event(Kind::delta)), "");
  EXPECT_EQ(order.next(event(Kind::block_begin)), "");
  EXPECT_EQ(order.next(event(Kind::delta)), "");
  EXPECT_NE(order.next(event(Kind::delta, BlockKind::thought)), "");
  EXPECT_NE(order.next(event(Kind::block_begin, BlockKind::text, 1)), "");
  EXPECT_NE(order.next(event(Kind::finish)), "");
  EXPECT_EQ(order.next(event(Kind::block_end)), "");
  EXPECT_NE(order.next(event(Kind::block_begin, BlockKind::text, 2)), "");
  EXPECT_EQ(order.next(event(Kind::finish)), "");
  EXPECT_TRUE(order.finished());
  EXPECT_NE(order.next(event(Kind::block_begin, BlockKind::text, 1)), "");
}

}  // namespace
}  // namespace triage
