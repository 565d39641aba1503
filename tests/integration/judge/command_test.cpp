// Graders that run programs.
#include "judge/graders.hpp"
#include "judge/program.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace triage::judge {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() { std::signal(SIGPIPE, SIG_IGN); }
};

Grade graded_by(std::vector<std::string> command, milliseconds timeout = milliseconds(5'000)) {
  CommandGraderSpec options;
  options.command = std::move(command);
  options.timeout = timeout;
  const GraderSpec spec{"command", options};
  Sample sample;
  sample.turns.push_back({"user", "2 + 2?"});
  sample.answer.text = "it is $(touch /tmp/injected); `four`";
  sample.reference = "4";
  return make_grader(spec)->grade(sample);
}

TEST_F(ProgramTest, ReadsTheMaterialAndPrintsTheScore) {
  EXPECT_EQ(graded_by({"sh", "-c", "grep -q four && echo 0.75"}).score, 0.75);
  const Grade told = graded_by({"sh", "-c", R"(echo '{"score": 0.5, "reason": "half", "more": [1]}')"});
  EXPECT_EQ(told.score, 0.5);
  EXPECT_EQ(told.said, "half");
  EXPECT_EQ(told.reason, "");
  EXPECT_EQ(graded_by({"sh", "-c", R"(echo '{"score": null, "reason": "no idea"}')"}).said, "no idea");
}

TEST_F(ProgramTest, WhatIsNoScoreIsNone) {
  for (const char* printed : {"", "good", "1.5", "-0.1", "nan", "0.5 0.6", "{}", "{\"score\":\"1\"}", "[0.5]",
                              "{\"score\":2}", "{\"score\":1"})
    EXPECT_FALSE(graded_by({"printf", "%s", printed}).score) << printed;
}

TEST_F(ProgramTest, NoShellReadsItsArguments) {
  EXPECT_EQ(graded_by({"printf", "%s", "0.$((2+3))"}).score, std::nullopt);
}

TEST_F(ProgramTest, WhatGoesWrongIsNamed) {
  EXPECT_EQ(graded_by({"sh", "-c", "echo 1; exit 3"}).reason, "the program: it ended with 3");
  EXPECT_FALSE(graded_by({"sh", "-c", "echo 1; exit 3"}).score);
  EXPECT_EQ(graded_by({"sh", "-c", "kill -9 $$"}).reason, "the program: it was ended by signal 9");
  EXPECT_NE(graded_by({"/nowhere/at-all"}).reason.find("it cannot be started: No such file"), std::string::npos);
}

TEST_F(ProgramTest, ASlowOneIsKilledWithItsChildren) {
  const std::string mark = testing::TempDir() + "/judge-mark-" + std::to_string(getpid());
  const auto began = Clock::now();
  const Grade slow = graded_by({"sh", "-c", "(sleep 1; touch " + mark + ") & sleep 30"}, milliseconds(200));
  EXPECT_LT(Clock::now() - began, milliseconds(2'000));
  EXPECT_EQ(slow.reason, "the program: it took longer than 200 ms");
  std::this_thread::sleep_for(milliseconds(1'300));
  EXPECT_FALSE(std::ifstream(mark)) << "what it had started went on";
}

// It closes its output and goes on.
TEST_F(ProgramTest, OneThatDoesNotEndIsKilled) {
  const auto began = Clock::now();
  EXPECT_FALSE(graded_by({"sh", "-c", "echo 1; exec >&-; sleep 30"}, milliseconds(200)).score);
  EXPECT_LT(Clock::now() - began, milliseconds(2'000));
}

TEST_F(ProgramTest, OneThatPrintsTooMuchIsKilled) {
  EXPECT_EQ(graded_by({"yes"}).reason, "the program: it printed more than 65536 bytes");
}

TEST_F(ProgramTest, OneThatIsGivenUpIsKilledSoon) {
  std::atomic<bool> given_up{false};
  ProgramLimits limits;
  limits.given_up = &given_up;
  std::thread later([&] {
    std::this_thread::sleep_for(milliseconds(50));
    given_up = true;
  });
  const auto began = Clock::now();
  EXPECT_FALSE(run_program({"sleep", "30"}, "", limits));
  later.join();
  EXPECT_LT(Clock::now() - began, milliseconds(2'000));
}

TEST_F(ProgramTest, OneThatReadsNothingMayStillAnswer) {
  const std::string long_text(4'000'000, 'x');
  const auto said = run_program({"sh", "-c", "exec <&-; echo 0.5"}, long_text, {});
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(*said, "0.5\n");
  const auto counted = run_program({"wc", "-c"}, long_text, {});
  ASSERT_TRUE(counted);
  EXPECT_EQ(*counted, "4000000\n");
}

TEST_F(ProgramTest, SecretsOfTheEnvironmentStayHere) {
  setenv("TRIAGE_TEST_SECRET", "sk-secret", 1);
  const auto seen = run_program({"env"}, "", {});
  unsetenv("TRIAGE_TEST_SECRET");
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->find("sk-secret"), std::string::npos);
  EXPECT_NE(seen->find("PATH="), std::string::npos);
}

TEST_F(ProgramTest, OpenDescriptorsStayHere) {
  const int leaked = dup(0);
  const auto seen = run_program({"sh", "-c", "ls /proc/$$/fd | sort -n | tail -1"}, "", {});
  close(leaked);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_LE(std::atoi(seen->c_str()), 10) << *seen;
}

}  // namespace
}  // namespace triage::judge
