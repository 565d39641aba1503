#include "app/demo_users.hpp"

#include "simulate/difficulty.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace triage {
namespace {

TEST(DemoUsers, EveryKindOfQuestionComesWithinAMinute) {
  std::map<std::string, int> models;
  std::set<std::string> users;
  int streamed = 0;
  int judged = 0;
  for (std::uint64_t number = 0; number < 480; ++number) {
    const UserQuestion question = user_question(number);
    ++models[question.model];
    users.insert(question.user);
    streamed += question.streamed ? 1 : 0;
    judged += question.judged && !question.streamed ? 1 : 0;
  }
  EXPECT_GT(models["auto"], 180);
  EXPECT_GT(models["support"], 80);
  EXPECT_GT(models["reports"], 80);
  EXPECT_GT(models["no-such-model"], 0);
  EXPECT_GT(users.size(), 50U);
  EXPECT_GT(streamed, 40);
  EXPECT_GT(judged, 150);
}

TEST(DemoUsers, TheyKnowWhatTheSumsComeTo) {
  int sums = 0;
  for (std::uint64_t number = 0; number < 200; ++number) {
    const UserQuestion question = user_question(number);
    const auto sum = simulate::find_arithmetic(question.text);
    if (!question.result) continue;
    ++sums;
    ASSERT_TRUE(sum) << question.text;
    EXPECT_EQ(sum->value, *question.result) << question.text;
    const std::string right = std::string(sum->expression) + " = " + std::to_string(*question.result) + ". And more.";
    EXPECT_TRUE(pleases(question, right));
    EXPECT_FALSE(pleases(question, std::string(sum->expression) + " = " + std::to_string(*question.result + 1) + "."));
    EXPECT_FALSE(pleases(question, "I'm sorry, but I can't help with that. " + right));
  }
  EXPECT_GT(sums, 80);
}

TEST(DemoUsers, TheBodyIsTheQuestion) {
  UserQuestion question;
  question.model = "auto";
  question.user = "user-1";
  question.text = "Hello";
  EXPECT_EQ(body_of(question), R"({"model":"auto","user":"user-1","messages":[{"role":"user","content":"Hello"}]})");
  question.streamed = true;
  EXPECT_EQ(body_of(question),
            R"({"model":"auto","user":"user-1","stream":true,"messages":[{"role":"user","content":"Hello"}]})");
}

}  // namespace
}  // namespace triage
