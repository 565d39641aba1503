#include "openai/answer_usage.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

namespace triage {
namespace {

using Form = AnswerUsage::Form;

void feed(AnswerUsage& usage, std::string_view text, std::size_t size) {
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size()))) {
    const test::Padded piece(text.substr(0, size));
    usage.feed(piece.view());
  }
  usage.end();
}

const std::string response =
    R"({"id":"resp_1","output":[{"type":"reasoning"},{"type":"message"}],"service_tier":"default",)"
    R"("usage":{"input_tokens":75,"input_tokens_details":{"cached_tokens":5},"output_tokens":1186,)"
    R"("output_tokens_details":{"reasoning_tokens":1024},"total_tokens":1261}})";

TEST(AnswerUsage, OfAWholeAnswerHoweverItComes) {
  for (const std::size_t size : {1, 7, 100'000}) {
    AnswerUsage usage(Form::json, 1 << 20);
    feed(usage, response, size);
    ASSERT_TRUE(usage.usage());
    EXPECT_EQ(usage.usage()->input, 75);
    EXPECT_EQ(usage.usage()->cached, 5);
    EXPECT_EQ(usage.usage()->output, 1186);
    EXPECT_EQ(usage.usage()->reasoning, 1024);
    EXPECT_EQ(usage.service_tier(), "");
    EXPECT_EQ(usage.searches() + usage.billed_tools(), 0);
  }
}

TEST(AnswerUsage, OfAStream) {
  const std::string events =
      "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"usage\":null}}\n\n"
      "data: {\"type\":\"response.output_text.delta\",\"delta\":\"\\\"usage\\\"\"}\n\n"
      "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":" +
      response + "}\n\n";
  for (const std::size_t size : {1, 50, 100'000}) {
    AnswerUsage usage(Form::events, 1 << 20);
    feed(usage, events, size);
    ASSERT_TRUE(usage.usage());
    EXPECT_EQ(usage.usage()->output, 1186);
  }
}

TEST(AnswerUsage, ToolsAndServiceTiersCostMoreThanTokens) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string other = response;
    other.replace(other.find(from), from.size(), to);
    auto usage = std::make_unique<AnswerUsage>(Form::json, 1 << 20);
    feed(*usage, other, 100'000);
    return usage;
  };
  EXPECT_EQ(with("\"message\"", "\"web_search_call\"")->searches(), 1);
  EXPECT_EQ(with("\"message\"", "\"code_interpreter_call\"")->billed_tools(), 1);
  EXPECT_EQ(with("\"message\"", "\"function_call\"")->billed_tools(), 0);
  EXPECT_EQ(with("\"default\"", "\"flex\"")->service_tier(), "flex");
}

TEST(AnswerUsage, NothingIsMadeUp) {
  for (const std::string_view text : {"{}", "not json \"usage\"", R"({"usage":{}})", R"({"usage":{"input_tokens":1})",
                                      R"({"output":[{"usage":{"input_tokens":1}}]})"}) {
    AnswerUsage usage(Form::json, 1 << 20);
    feed(usage, text, 3);
    EXPECT_FALSE(usage.usage()) << text;
  }
  for (const Form form : {Form::json, Form::events}) {
    AnswerUsage usage(form, 100);
    feed(usage, (form == Form::events ? "data: " : "") + response, 64);
    EXPECT_TRUE(usage.too_large());
    EXPECT_FALSE(usage.usage());
  }
}

TEST(AnswerUsage, FormByItsMediaType) {
  EXPECT_EQ(AnswerUsage::form_of("application/json; charset=utf-8", false), Form::json);
  EXPECT_EQ(AnswerUsage::form_of("text/event-stream", false), Form::events);
  EXPECT_EQ(AnswerUsage::form_of("application/json", true), Form::none);
  EXPECT_EQ(AnswerUsage::form_of("audio/mpeg", false), Form::none);
}

}  // namespace
}  // namespace triage
