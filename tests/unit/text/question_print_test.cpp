// The same question in other words is seen, another question is not.
#include "text/question_print.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

bool same(std::string_view a, std::string_view b) {
  const QuestionPrint one(a);
  const QuestionPrint other(b);
  EXPECT_EQ(one.nearly_same(other), other.nearly_same(one));
  return one.nearly_same(other);
}

TEST(QuestionPrint, CaseAndPunctuationDoNotCount) {
  EXPECT_TRUE(same("What is the capital of France?", "what is the  capital of france"));
  EXPECT_TRUE(same("Wie hei\xc3\x9ft der Fluss?", "Wie hei\xc3\x9ft der Fluss"));
  EXPECT_TRUE(same("hi", "Hi!!"));
}

TEST(QuestionPrint, AWordMoreIsNearlyTheSame) {
  EXPECT_TRUE(same("What is the capital of France?", "What is the capital of France please?"));
  EXPECT_TRUE(same("Please summarise the third chapter of this book for a child of ten",
                   "Please summarise the third chapter of this book for a child of nine"));
}

TEST(QuestionPrint, AnotherQuestionIsAnother) {
  EXPECT_FALSE(same("What is the capital of France?", "What is the capital of Germany?"));
  EXPECT_FALSE(same("add 12 and 13", "add 12 and 14"));
  EXPECT_FALSE(same("yes", "no"));
  EXPECT_FALSE(
      same("\xe4\xbb\x8a\xe5\xa4\xa9\xe5\xa4\xa9\xe6\xb0\x94", "\xe6\x98\x8e\xe5\xa4\xa9\xe4\xb8\x8b\xe9\x9b\xa8"));
}

TEST(QuestionPrint, ATextWithoutWordsIsLikeNone) {
  EXPECT_TRUE(QuestionPrint("").empty());
  EXPECT_TRUE(QuestionPrint(" ?! ").empty());
  EXPECT_FALSE(same("", ""));
  EXPECT_FALSE(same("?", "?"));
}

// A template with another text in it is another question, however long the template.
TEST(QuestionPrint, ALongTextMustBeTheSame) {
  const std::string shared = std::string(600, 'a') + " classify this review: ";
  EXPECT_TRUE(same(shared + "good", shared + "good"));
  EXPECT_FALSE(same(shared + "good", shared + "fine"));
  EXPECT_FALSE(same("good " + shared, "fine " + shared));
  EXPECT_FALSE(same(shared, shared + shared));
  EXPECT_FALSE(same(shared, "good"));
}

TEST(QuestionPrint, EveryLengthUpToTheShortIsRead) {
  std::string text;
  for (int i = 0; text.size() + 8 < QuestionPrint::short_bytes_max; ++i) {
    text += "w" + std::to_string(i) + " ";
    EXPECT_TRUE(same(text, text + ".")) << text.size();
    EXPECT_FALSE(same(text, "another question altogether"));
  }
}

}  // namespace
}  // namespace triage
