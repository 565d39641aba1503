// The print of a request's question: of the text, or, where that is long, of its spelling in JSON.
#include "pipeline/outcome/question.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

// Of a request whose last message has this content, in JSON.
QuestionPrint print(const std::string& content) {
  const test::Padded body(R"({"model":"m","messages":[{"role":"user","content":)" + content + "}]}");
  const auto request = parse_request_body(Api::chat, body.view(), 64);
  EXPECT_TRUE(request.has_value());
  const ChatView view(*request);
  return question_print(view);
}

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// The words of a short text count, whatever their escapes.
TEST(QuestionPrintOfRequest, AShortTextIsUnescaped) {
  EXPECT_TRUE(print(R"("What is a \"B-tree\"?")").nearly_same(QuestionPrint("what is a b tree")));
  const std::string text = repeated("ab ", 50);
  const std::string numbered = repeated(R"(\u0061\u0062 )", 50);
  EXPECT_TRUE(print(quoted(text)).nearly_same(print(quoted(numbered))));
  EXPECT_TRUE(print(quoted(repeated(R"(\n)", 200) + "one two")).nearly_same(QuestionPrint("one two")));
}

TEST(QuestionPrintOfRequest, ALongTextIsComparedAsAWhole) {
  const std::string text = repeated(R"(line of a \"file\"\n)", 40);
  EXPECT_TRUE(print(quoted(text)).nearly_same(print(quoted(text))));
  EXPECT_FALSE(print(quoted(text + "good")).nearly_same(print(quoted(text + "fine"))));
  EXPECT_FALSE(print(quoted("good" + text)).nearly_same(print(quoted("fine" + text))));
  EXPECT_FALSE(print(quoted(text)).nearly_same(print(quoted(text + text))));
}

TEST(QuestionPrintOfRequest, APartOfAMessageIsReadAsText) {
  const std::string text = repeated("word ", 100);
  EXPECT_TRUE(print(R"([{"type":"text","text":)" + quoted(text) + "}]").nearly_same(QuestionPrint(text)));
}

TEST(QuestionPrintOfRequest, NoQuestionIsEmpty) {
  EXPECT_TRUE(print(R"("")").empty());
  EXPECT_TRUE(print("null").empty());
  EXPECT_TRUE(question_print(ChatView()).empty());
}

}  // namespace
}  // namespace triage
