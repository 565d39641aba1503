#include "features/final_answer.hpp"

#include "features/choices.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage::features {
namespace {

FinalAnswer read(std::string_view text, bool choices = false) {
  const FoldedText folded(text, 16384);
  return final_answer(tokens_of(folded), choices);
}

TEST(FinalAnswer, IsTheMarkedNumber) {
  const FinalAnswer hashes = read("3 + 4 = 7\n#### 7\n\n");
  EXPECT_EQ(hashes.marker, Marker::hashes);
  EXPECT_EQ(hashes.number, 7);
  const FinalAnswer phrase = read("The answer is $1,250.50. It took 3 steps.");
  EXPECT_EQ(phrase.marker, Marker::phrase);
  EXPECT_EQ(phrase.number, 1250.5);
  EXPECT_EQ(phrase.decimals, 2);
  EXPECT_EQ(read("so \\boxed{42} follows from 6 and 7").marker, Marker::boxed);
  EXPECT_EQ(read("{\"reasoning\": \"9 - 4\", \"answer\": \"18\"}").number, 18);
}

TEST(FinalAnswer, IsTheLastNumberWhereNoneIsMarked) {
  const FinalAnswer found = read("He has 3 and gets 4, which makes 7.");
  EXPECT_EQ(found.kind, FinalAnswer::Kind::number);
  EXPECT_EQ(found.marker, Marker::none);
  EXPECT_EQ(found.number, 7);
  EXPECT_EQ(read("no number at all").kind, FinalAnswer::Kind::none);
  EXPECT_EQ(read("").kind, FinalAnswer::Kind::none);
}

TEST(FinalAnswer, HasASign) {
  EXPECT_EQ(read("The answer is -5.").number, -5);
  EXPECT_EQ(read("the rest: 12-5").number, 5) << "a subtraction is no sign";
}

TEST(FinalAnswer, IsALetterWhereThereAreChoices) {
  EXPECT_EQ(read("The sum is 8. The answer is (C).", true).letter, 'C');
  EXPECT_EQ(read("The answer is B", true).letter, 'B');
  EXPECT_EQ(read("It must be (D) because (A) is wrong, so (D)", true).letter, 'D');
  EXPECT_EQ(read("B\n", true).letter, 'B');
  EXPECT_EQ(read("A man has 3 apples", true).kind, FinalAnswer::Kind::none);
}

TEST(Choices, AreFoundOnLinesAndInParentheses) {
  const Choices lines = read_choices("Which?\nA. one\nB. two words\nC. three\nAnswer:");
  ASSERT_EQ(lines.count, 3U);
  EXPECT_EQ(lines.texts[1], "two words");
  EXPECT_EQ(lines.texts[2], "three");
  EXPECT_EQ(lines.stem, 7U);
  const Choices inlined = read_choices("Pick: (A) red (B) green (C) blue");
  ASSERT_EQ(inlined.count, 3U);
  EXPECT_EQ(inlined.texts[0], "red");
}

TEST(Choices, AreTheLastList) {
  const Choices found = read_choices("A. old\nB. older\nNow:\nA. new\nB. newer\nC. newest");
  ASSERT_EQ(found.count, 3U);
  EXPECT_EQ(found.texts[0], "new");
}

TEST(Choices, NeedTwoInOrder) {
  EXPECT_EQ(read_choices("A. Smith wrote it").count, 0U);
  EXPECT_EQ(read_choices("A. one\nC. three").count, 0U);
  EXPECT_EQ(read_choices("").count, 0U);
  EXPECT_EQ(read_choices("What is (A)").stem, 11U);
}

}  // namespace
}  // namespace triage::features
