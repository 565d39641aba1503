#include "anthropic/put_back.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage::anthropic {
namespace {

TEST(PutBack, PutsThoughtsInFrontOfTheTurnsThatCall) {
  const test::Padded body(R"({ "messages" : [{"role":"user","content":"a"},
      {"role":"assistant","content":[{"type":"text","text":"no call"}]},{"role":"user","content":"b"},
      {"content":[ {"type":"tool_use","id":"1","name":"f","input":{"type":"tool_use"}}],"role":"assistant"},
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"1"}]},
      {"role":"assistant","content":[{"type":"text","text":"t"},{"id":"2","type":"tool_use","name":"f","input":{}}]}],
      "odd":1.0})");
  std::string wanted(body.view());
  wanted.insert(wanted.find(R"( {"type":"tool_use","id":"1")"),
                R"({"type":"thinking","thinking":"H\nm","signature":"S=="},{"type":"redacted_thinking","data":"D"},)");
  wanted.insert(wanted.find(R"({"type":"text","text":"t"})"), R"({"type":"thinking","thinking":"","signature":"T"},)");
  EXPECT_EQ(with_thoughts(body.view(), {{0, {{BlockKind::thought, "H\\nm", "S=="}, {BlockKind::redacted, "D", ""}}},
                                        {1, {{BlockKind::thought, "", "T"}}}}),
            wanted);
  EXPECT_EQ(with_thoughts(body.view(), {}), body.view());
  EXPECT_EQ(with_thoughts(body.view(), {{7, {{BlockKind::thought, "", "T"}}}}), body.view());
}

TEST(WithoutThinking, TurnsItOff) {
  const test::Padded body(
      R"({ "thinking" : {"type":"enabled","budget_tokens":2000},"messages":[{"thinking":1}],"x":1.0})");
  EXPECT_EQ(without_thinking(body.view()),
            R"({ "thinking" : {"type":"disabled"},"messages":[{"thinking":1}],"x":1.0})");
  const test::Padded other(R"({"messages":[{"thinking":1}]})");
  EXPECT_EQ(without_thinking(other.view()), other.view());
}

}  // namespace
}  // namespace triage::anthropic
