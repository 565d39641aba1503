// Who asks again, and who only asks much.
#include "pipeline/live/askers.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class AskersTest : public testing::Test {
 protected:
  // Asks at `at`, for half a second.
  std::optional<bool> ask(std::string_view question, seconds at, std::string_view who = "ann", bool answered = true) {
    Askers::Asked asked;
    asked.key = "app";
    asked.route = "chat";
    asked.who = who;
    asked.question = QuestionPrint(question);
    asked.began = Askers::Time() + at;
    asked.ended = asked.began + milliseconds(500);
    asked.answered = answered;
    return askers.ask(asked).retry;
  }

  Askers askers;
};

TEST_F(AskersTest, AskingAgainWithinMinutesIsARetry) {
  EXPECT_EQ(ask("what is two plus two", seconds(0)), false);
  EXPECT_EQ(ask("What is two plus two?", seconds(30)), true);
  EXPECT_EQ(ask("another question", seconds(31)), false);
  EXPECT_EQ(ask("what is two plus two", seconds(60)), true) << "with another in between";
  EXPECT_EQ(ask("what is two plus two", seconds(60) + minutes(6)), false) << "too late";
}

TEST_F(AskersTest, OthersAskForThemselves) {
  ask("what is two plus two", seconds(0), "ann");
  EXPECT_EQ(ask("what is two plus two", seconds(5), "bob"), false);
  EXPECT_EQ(ask("what is two plus two", seconds(6), ""), false);
}

TEST_F(AskersTest, SideBySideIsNoRetry) {
  EXPECT_EQ(ask("what is two plus two", seconds(10)), false);
  EXPECT_EQ(ask("what is two plus two", seconds(10)), false) << "the first had not been answered yet";
}

TEST_F(AskersTest, WhatWasNotAnsweredIsNotAskedAgain) {
  EXPECT_EQ(ask("what is two plus two", seconds(0), "ann", false), false);
  EXPECT_EQ(ask("what is two plus two", seconds(5)), false);
}

TEST_F(AskersTest, WhoAsksTheSameAllTheTimeIsAProgram) {
  EXPECT_EQ(ask("status", seconds(0)), false);
  for (int i = 1; i <= Askers::repeats_most; ++i) EXPECT_EQ(ask("status", seconds(60 * i)), true);
  for (int i = 4; i < 20; ++i) EXPECT_EQ(ask("status", seconds(60 * i)), std::nullopt) << i;
  EXPECT_EQ(ask("status", minutes(60)), false) << "after a pause";
}

TEST_F(AskersTest, OnlyTheLastQuestionsAreKept) {
  ask("the first of all questions", seconds(0));
  for (const char* const other : {"one", "two", "three", "four"}) ask(other, seconds(1));
  EXPECT_EQ(ask("the first of all questions", seconds(2)), false);
}

TEST_F(AskersTest, TheOldestAskerMakesPlace) {
  askers.set_most(16);
  bool forgot = false;
  for (int i = 0; i < 1000; ++i) {
    const std::string who = std::to_string(i);
    Askers::Asked asked{"app", "chat", who, QuestionPrint("a question"), {}, {}, true};
    forgot = askers.ask(asked).forgot || forgot;
  }
  EXPECT_TRUE(forgot);
}

}  // namespace
}  // namespace triage
