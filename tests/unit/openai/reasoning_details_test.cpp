#include "openai/reasoning_details.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage::openai {
namespace {

std::string collected(std::initializer_list<std::string_view> deltas) {
  ReasoningDetails details;
  for (const std::string_view delta : deltas) {
    const test::Padded event(R"({"choices":[{"index":0,"delta":)" + std::string(delta) + "}]}");
    details.add(event.view());
  }
  return details.empty() ? "" : details.take();
}

TEST(ReasoningDetails, JoinsThePiecesOfAStream) {
  EXPECT_EQ(collected({R"({"reasoning_details":[]})",
                       R"({"reasoning_details":[{"type":"reasoning.text","text":"","signature":"","index":0}]})",
                       R"({"reasoning_details":[{"type":"reasoning.text","text":"H\"m","format":"f","index":0}]})",
                       R"({"reasoning_details":[{"type":"reasoning.text","text":".","index":0}]})",
                       R"({"reasoning_details":[{"type":"reasoning.text","signature":"Eq==","index":0}]})"}),
            R"([{"type":"reasoning.text","text":"H\"m.","signature":"Eq==","index":0,"format":"f"}])");
}

TEST(ReasoningDetails, KeepsApartWhatIsNotOne) {
  const std::string_view two = R"({"reasoning_details":[{"type":"reasoning.summary","summary":"a","index":0},
      {"type":"reasoning.encrypted","data":"x","id":"rs_1","index":0},{"type":"reasoning.text","text":"b"},
      {"type":"reasoning.text","text":"c"}]})";
  EXPECT_EQ(collected({two}),
            R"([{"type":"reasoning.summary","summary":"a","index":0},)"
            R"({"type":"reasoning.encrypted","data":"x","id":"rs_1","index":0},{"type":"reasoning.text","text":"b"},)"
            R"({"type":"reasoning.text","text":"c"}])");
  EXPECT_EQ(collected({R"({"content":"x"})", R"({"reasoning_details":null})"}), "");
}

TEST(InsideList, IsEmptyUnlessTheTextIsAList) {
  EXPECT_EQ(inside_list(R"([{"a":1},2])"), R"({"a":1},2)");
  EXPECT_EQ(inside_list("[]"), "");
  EXPECT_EQ(inside_list(""), "");
  EXPECT_EQ(inside_list(R"({"a":[]})"), "");
  EXPECT_EQ(inside_list(R"([1],"model":"dear")"), "");
  EXPECT_EQ(inside_list("[1"), "");
}

}  // namespace
}  // namespace triage::openai
