#include "verify/answer_chars.hpp"

#include <gtest/gtest.h>

namespace triage::verify {
namespace {

TEST(AnswerChars, WordsStandBetweenBlanks) {
  using Words = std::vector<std::string_view>;
  EXPECT_EQ(words_of("  it is  42 km "), (Words{"it", "is", "42", "km"}));
  EXPECT_EQ(words_of("one"), Words{"one"});
  EXPECT_EQ(words_of("a\tb"), Words{"a\tb"});
  EXPECT_EQ(words_of("   "), Words());
  EXPECT_EQ(words_of(""), Words());
}

TEST(AnswerChars, WordyIsAnyScript) {
  for (const char c : std::string_view("aZ09\xc3\xa9")) EXPECT_TRUE(is_wordy(c));
  for (const char c : std::string_view(" _-.\n")) EXPECT_FALSE(is_wordy(c));
}

}  // namespace
}  // namespace triage::verify
