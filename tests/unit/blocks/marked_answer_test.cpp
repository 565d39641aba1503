#include "blocks/marked_answer.hpp"

#include "blocks/block_request.hpp"
#include "blocks/event_order.hpp"
#include "blocks/own_history.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <forward_list>
#include <map>

namespace triage {
namespace {

using Step = BlockEvent::Kind;

const Origin claude = origin_of(WireForm::anthropic, "anthropic", "claude-sonnet-4-5");
const Origin gemini = origin_of(WireForm::gemini, "google", "gemini-3-pro");

JsonString spelled(std::string_view text) {
  static std::forward_list<test::Padded> texts;
  return {texts.emplace_front(text).view(), text.find('\\') != std::string_view::npos};
}

BlockEvent event(Step kind, BlockKind block = BlockKind::text, std::uint32_t index = 0, std::string_view text = {}) {
  BlockEvent out;
  out.kind = kind;
  out.block = block;
  out.index = index;
  out.text = spelled(text);
  return out;
}

BlockEvent call_begin(std::uint32_t index, std::string_view id, std::string_view name) {
  BlockEvent out = event(Step::block_begin, BlockKind::call, index);
  out.id = spelled(id);
  out.name = spelled(name);
  return out;
}

constexpr auto thought = BlockKind::thought;
constexpr auto call = BlockKind::call;

// A signed thought and a call, as Claude streams them.
std::vector<BlockEvent> thinking_answer() {
  return {event(Step::begin),
          event(Step::block_begin, thought, 0),
          event(Step::delta, thought, 0, "Hm\\n"),
          event(Step::signature, thought, 0, "Eq"),
          event(Step::signature, thought, 0, "Q="),
          event(Step::block_end, thought, 0),
          call_begin(1, "toolu_1", "get"),
          event(Step::delta, call, 1, R"({\"a\":)"),
          event(Step::delta, call, 1, "1}"),
          event(Step::block_end, call, 1),
          event(Step::finish)};
}

// Two calls, the first of which is signed, as Gemini gives them.
std::vector<BlockEvent> signed_calls() {
  return {event(Step::begin),
          call_begin(0, "call_0", "get"),
          event(Step::signature, call, 0, "c2ln"),
          event(Step::delta, call, 0, "{}"),
          event(Step::block_end, call, 0),
          call_begin(1, "call_1", "get"),
          event(Step::delta, call, 1, "{}"),
          event(Step::block_end, call, 1),
          event(Step::finish)};
}

using Kept = std::map<std::uint64_t, KeptTurn>;

BlockAnswer marked_answer(std::vector<BlockEvent> events, const Origin& origin, Kept& kept, std::uint64_t question,
                          bool unsigned_thoughts = false, bool thoughts_only = false) {
  BlockAnswer answer;
  answer.events = std::move(events);
  mark(answer, {origin, question, unsigned_thoughts, thoughts_only,
                [&kept](std::uint64_t key, KeptTurn turn) { kept[key] = std::move(turn); }});
  EventOrder order;
  for (const BlockEvent& each : answer.events) EXPECT_EQ(order.next(each), "");
  return answer;
}

std::vector<std::string> signatures(const BlockAnswer& answer) {
  std::vector<std::string> out;
  for (const BlockEvent& each : answer.events)
    if (each.kind == Step::signature) out.push_back(each.text.text());
  return out;
}

TEST(MarkedAnswer, MarksASignatureThatCameInPiecesOnce) {
  Kept kept;
  const BlockAnswer answer = marked_answer(thinking_answer(), claude, kept, 0);
  EXPECT_EQ(signatures(answer), std::vector{marked("EqQ=", claude)});
  EXPECT_EQ(answer.events.size(), thinking_answer().size() - 1);
}

TEST(MarkedAnswer, ACallsSignatureStandsInFrontOfItsArguments) {
  Kept kept;
  const BlockAnswer answer = marked_answer(signed_calls(), gemini, kept, 0);
  ASSERT_GT(answer.events.size(), 2U);
  EXPECT_EQ(answer.events[2].kind, Step::signature);
  EXPECT_EQ(answer.events[2].text.text(), marked("c2ln", gemini));
}

TEST(MarkedAnswer, UnsignedThoughtsGetAMarkOnlyWhereTheyAreTo) {
  const std::vector<BlockEvent> events{event(Step::begin), event(Step::block_begin, thought, 0),
                                       event(Step::delta, thought, 0, "Hm"), event(Step::block_end, thought, 0),
                                       event(Step::finish)};
  Kept kept;
  EXPECT_TRUE(signatures(marked_answer(events, gemini, kept, 0)).empty());
  EXPECT_EQ(signatures(marked_answer(events, gemini, kept, 0, true)), std::vector{marked("", gemini)});
  EXPECT_TRUE(kept.empty());
}

TEST(MarkedAnswer, AClientWithoutAPlaceForThemSeesNoSignaturesOfCallsAndNoEmptyTexts) {
  std::vector<BlockEvent> events = signed_calls();
  const std::vector<BlockEvent> empty{event(Step::block_begin, BlockKind::text, 0),
                                      event(Step::signature, BlockKind::text, 0, "c2ln"),
                                      event(Step::block_end, BlockKind::text, 0)};
  for (std::size_t i = 1; i + 1 < events.size(); ++i) ++events[i].index;
  events.insert(events.begin() + 1, empty.begin(), empty.end());
  Kept kept;
  const BlockAnswer answer = marked_answer(events, gemini, kept, 0, false, true);
  EXPECT_TRUE(signatures(answer).empty());
  EXPECT_EQ(answer.events.size(), signed_calls().size() - 1);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.begin()->second.signatures.front(), "c2ln");
  const BlockAnswer told = marked_answer(events, gemini, kept, 0);
  EXPECT_EQ(signatures(told).size(), 2U);
}

// A conversation: a question, what the assistant said, results of its calls.
BlockRequest conversation(std::vector<Block> assistant, std::string_view question = "What?") {
  BlockRequest out;
  Block text;
  text.text = spelled(question);
  out.turns.push_back({Role::user, {text}});
  std::vector<Block> results;
  for (const Block& block : assistant) {
    if (block.kind != call) continue;
    Block result;
    result.kind = BlockKind::result;
    result.id = block.id;
    results.push_back(result);
  }
  out.turns.push_back({Role::assistant, std::move(assistant)});
  out.turns.push_back({Role::user, results});
  return out;
}

Block call_block(std::string_view id, std::string_view arguments = R"({"a":1})", std::string_view signature = {}) {
  Block out;
  out.kind = call;
  out.id = spelled(id);
  out.name = spelled("get");
  out.arguments = spelled(arguments).raw;
  out.signature = spelled(signature);
  return out;
}

Block thought_block(std::string_view text, std::string_view signature) {
  Block out;
  out.kind = thought;
  out.text = spelled(text);
  out.signature = spelled(signature);
  return out;
}

HistoryReader reader(const Origin& origin, WireForm client, Kept& kept) {
  return {origin, client, {}, [&kept](std::uint64_t key) -> std::optional<KeptTurn> {
            const auto found = kept.find(key);
            return found == kept.end() ? std::nullopt : std::optional(found->second);
          }};
}

Kept kept_of(std::vector<BlockEvent> events, const Origin& origin) {
  Kept kept;
  const BlockRequest asked = conversation({});
  marked_answer(std::move(events), origin, kept, question_print(asked.turns, 1));
  return kept;
}

const std::vector<Block>& assistant(const OwnHistory& history, const BlockRequest& request) {
  return (history.request ? *history.request : request).turns[1].blocks;
}

TEST(OwnHistory, ThoughtsComeHomeToTheModelThatMadeThemAndToNoOther) {
  Kept none;
  const BlockRequest request = conversation({thought_block("Hm", marked("EqQ=", claude)), call_block("toolu_1")});
  const OwnHistory home = own_history(request, reader(claude, WireForm::openai, none));
  ASSERT_EQ(assistant(home, request).size(), 2U);
  EXPECT_EQ(assistant(home, request)[0].signature.text(), "EqQ=");
  EXPECT_FALSE(home.dropped);
  for (const Origin& other : {gemini, origin_of(WireForm::anthropic, "anthropic", "claude-opus-4-5")}) {
    const OwnHistory away = own_history(request, reader(other, WireForm::openai, none));
    ASSERT_EQ(assistant(away, request).size(), 1U);
    EXPECT_EQ(assistant(away, request)[0].kind, call);
    EXPECT_TRUE(away.dropped);
  }
}

TEST(OwnHistory, WhatIsUnmarkedBelongsToTheClientsOwnDialect) {
  Kept none;
  const BlockRequest request = conversation({thought_block("Hm", "EqQ="), call_block("1", "{}", "c2ln")});
  const OwnHistory same = own_history(request, reader(gemini, WireForm::gemini, none));
  EXPECT_FALSE(same.request);
  const OwnHistory other = own_history(request, reader(claude, WireForm::gemini, none));
  ASSERT_EQ(assistant(other, request).size(), 1U);
  EXPECT_TRUE(assistant(other, request)[0].signature.raw.empty());
  EXPECT_TRUE(other.dropped);
  const OwnHistory chat = own_history(request, reader(claude, WireForm::openai, none));
  ASSERT_EQ(assistant(chat, request).size(), 2U);
  EXPECT_EQ(assistant(chat, request)[0].signature.text(), "EqQ=");
  EXPECT_TRUE(assistant(chat, request)[1].signature.raw.empty());
}

TEST(OwnHistory, NothingChangesWithoutAnythingOpaque) {
  Kept none;
  const BlockRequest request = conversation({call_block("1")});
  const OwnHistory history = own_history(request, reader(gemini, WireForm::openai, none));
  EXPECT_FALSE(history.request);
  EXPECT_FALSE(history.dropped);
  EXPECT_EQ(history.lost, 1U);
}

TEST(OwnHistory, PutsBackWhatTheClientDropped) {
  Kept kept = kept_of(thinking_answer(), claude);
  ASSERT_EQ(kept.size(), 1U);
  // Written anew by the client: other white space, and a number with a fraction.
  const BlockRequest request = conversation({call_block("toolu_1", R"({ "a" : 1.0 })")});
  const OwnHistory history = own_history(request, reader(claude, WireForm::openai, kept));
  ASSERT_EQ(assistant(history, request).size(), 2U);
  EXPECT_EQ(assistant(history, request)[0].kind, thought);
  EXPECT_EQ(assistant(history, request)[0].text.text(), "Hm\n");
  EXPECT_EQ(assistant(history, request)[0].signature.text(), "EqQ=");
  EXPECT_EQ(history.restored, 1U);
}

TEST(OwnHistory, PutsBackSignaturesOfCalls) {
  Kept kept = kept_of(signed_calls(), gemini);
  const BlockRequest request = conversation({call_block("call_0", "{}"), call_block("call_1", "{}")});
  const OwnHistory history = own_history(request, reader(gemini, WireForm::anthropic, kept));
  EXPECT_EQ(assistant(history, request)[0].signature.text(), "c2ln");
  EXPECT_TRUE(assistant(history, request)[1].signature.raw.empty());
}

TEST(OwnHistory, PutsNothingIntoAnotherTurn) {
  Kept kept = kept_of(thinking_answer(), claude);
  for (const BlockRequest& request :
       {conversation({call_block("toolu_1", R"({"a":2})")}), conversation({call_block("toolu_2")}),
        conversation({call_block("toolu_1")}, "What else?"),
        conversation({call_block("toolu_1"), call_block("toolu_2")})}) {
    EXPECT_FALSE(own_history(request, reader(claude, WireForm::openai, kept)).request);
  }
  const BlockRequest same = conversation({call_block("toolu_1")});
  EXPECT_FALSE(own_history(same, reader(gemini, WireForm::openai, kept)).request);
}

TEST(OwnHistory, AnIdThatTheProviderCouldNotTakeIsKnownAgain) {
  std::vector<BlockEvent> events = thinking_answer();
  events[6].id = spelled("functions.get:0");
  Kept kept = kept_of(events, claude);
  const std::string hashed = call_id(spelled("functions.get:0"), "toolu_", 64);
  const BlockRequest request = conversation({call_block(hashed)});
  EXPECT_TRUE(own_history(request, reader(claude, WireForm::openai, kept)).request);
}

TEST(OwnHistory, CallsFromElsewhereAreSignedWhereTheModelWantsThat) {
  Kept none;
  HistoryReader wants = reader(gemini, WireForm::openai, none);
  wants.unsigned_calls = "skip_thought_signature_validator";
  const BlockRequest request = conversation({call_block("1"), call_block("2")});
  const OwnHistory history = own_history(request, wants);
  EXPECT_EQ(assistant(history, request)[0].signature.text(), "skip_thought_signature_validator");
  EXPECT_TRUE(assistant(history, request)[1].signature.raw.empty());
}

TEST(TurnKey, KnowsArgumentsThatSayTheSame) {
  const auto key = [](std::string_view arguments) {
    TurnKey out(1);
    out.add_call(spelled("1"), spelled("get"), arguments);
    return out.value();
  };
  EXPECT_EQ(key(R"({"a":1,"b":["x","\u00e9"]})"), key("{ \"b\" : [\"x\",\"\xc3\xa9\"], \"a\" : 1e0 }"));
  EXPECT_EQ(key(""), key("{}"));
  EXPECT_NE(key(R"({"a":1})"), key(R"({"a":"1"})"));
  EXPECT_NE(key(R"({"a":{"b":1}})"), key(R"({"b":{"a":1}})"));
  EXPECT_NE(key(R"([1,2])"), key(R"([2,1])"));
  EXPECT_NE(key(R"({"a":null})"), key(R"({"a":false})"));
}

}  // namespace
}  // namespace triage
