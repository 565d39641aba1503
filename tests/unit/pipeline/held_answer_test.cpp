#include "pipeline/held_answer.hpp"

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "support/canned_upstream.hpp"
#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

std::string word(const std::string& text) {
  return R"(data: {"choices":[{"index":0,"delta":{"content":")" + text + "\"}}]}\n\n";
}
const std::string call =
    R"(data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f"}}]}}]})"
    "\n\n";
const std::string done = "data: [DONE]\n\n";

// A client that only listens.
class Heard final : public AnswerOut {
 public:
  [[nodiscard]] bool direct() const noexcept override { return true; }
  Async<Result<void>> whole(ResponseHead head, std::string_view body) override { return say('W', head, body); }
  Async<Result<void>> begin(ResponseHead head, std::string_view events) override { return say('B', head, events); }
  Async<Result<void>> write(std::string_view events) override { return say('w', {}, events); }
  Async<Result<void>> finish(std::string_view events) override { return say('f', {}, events); }

  std::string acts;
  std::string text;
  std::string attempts;

 private:
  Async<Result<void>> say(char act, ResponseHead head, std::string_view bytes) {
    acts += act;
    text += bytes;
    if (const auto field = find_field(head.fields, "x-triage-attempts")) attempts = *field;
    co_return Result<void>();
  }
};

class HeldOutTest : public testing::Test {
 protected:
  HeldOutTest() {
    snapshot_.spec.limits.held.bytes = 1000;
    snapshot_.spec.limits.held_total.bytes = 2000;
    snapshot_.held = &held_;
    snapshot_.held_hits = &metrics_.counter("held", "", {});
    snapshot_.held_total_hits = &metrics_.counter("held_total", "", {});
  }

  HeldOut make(bool drop_logprobs = false) {
    return HeldOut(context_, heard_, hold_, drop_logprobs, [this](const Completion& answer) {
      judged_ = answer.text;
      return verdict_;
    });
  }
  // Runs what never waits.
  bool ok(Async<Result<void>> step) {
    bool out = false;
    asio::io_context io;
    asio::co_spawn(io, std::move(step), [&out](const std::exception_ptr& broken, const Result<void>& result) {
      out = broken == nullptr && result.has_value();
    });
    io.run();
    return out;
  }
  static ResponseHead head() {
    ResponseHead out;
    out.status = 200;
    out.fields.push_back({"x-triage-attempts", "1"});
    return out;
  }

  Metrics metrics_;
  HeldBytes held_;
  Snapshot snapshot_;
  test::FakeExchange exchange_{"POST", "/v1/chat/completions"};
  test::CannedUpstream upstream_;
  Loop loop_{0};
  Context context_{snapshot_, exchange_, upstream_, loop_.deadlines, loop_.io.get_executor(), nullptr, 0};
  Heard heard_;
  HoldSpec hold_;
  std::optional<Verdict> verdict_{Verdict{true, std::nullopt, ""}};
  std::string judged_;
};

TEST_F(HeldOutTest, InFullNothingGoesOut) {
  HeldOut out = make();
  EXPECT_FALSE(out.direct());
  EXPECT_TRUE(ok(out.begin(head(), word("a"))));
  EXPECT_EQ(out.held(), nullptr);
  EXPECT_TRUE(ok(out.write(word("b"))));
  EXPECT_TRUE(ok(out.finish(word("c") + done)));
  EXPECT_EQ(heard_.acts, "");
  ASSERT_NE(out.held(), nullptr);
  EXPECT_EQ(out.held()->completion.text, "abc");
  EXPECT_EQ(held_.held(), static_cast<std::int64_t>(3 * word("a").size() + done.size()));
  context_.record.attempts.resize(2);
  EXPECT_TRUE(ok(release(context_, heard_, *out.held(), 0, false)));
  EXPECT_EQ(heard_.acts, "Bf");
  EXPECT_EQ(heard_.text, word("a") + word("b") + word("c") + done);
  EXPECT_EQ(heard_.attempts, "2") << "of the request, not of the answer's own place";
}

TEST_F(HeldOutTest, WhatIsNotForTheClientIsCutOffWhereverItCame) {
  HeldOut out = make();
  EXPECT_TRUE(ok(out.begin(head(), word("Yes.") + word(" Conf"))));
  EXPECT_TRUE(ok(out.finish(word("idence: 1") + done)));
  EXPECT_TRUE(ok(release(context_, heard_, *out.held(), std::string_view(" Confidence: 1").size(), false)));
  EXPECT_NE(heard_.text.find("Yes."), std::string::npos);
  EXPECT_EQ(heard_.text.find("onf"), std::string::npos);
  EXPECT_EQ(heard_.text.find("idence"), std::string::npos);
  EXPECT_TRUE(heard_.text.ends_with(done));
}

TEST_F(HeldOutTest, AWindowEndsWithItsTokens) {
  hold_.mode = "window";
  hold_.tokens = 3;
  HeldOut out = make();
  EXPECT_TRUE(ok(out.begin(head(), word("one "))));
  EXPECT_EQ(heard_.acts, "");
  EXPECT_TRUE(ok(out.write(word("two three four "))));
  EXPECT_EQ(judged_, "one two three four ");
  EXPECT_EQ(heard_.acts, "B");
  EXPECT_TRUE(ok(out.write(word("five"))));
  EXPECT_TRUE(ok(out.finish(done)));
  EXPECT_EQ(heard_.acts, "Bwf");
  EXPECT_EQ(out.held(), nullptr) << "the client has it";
  EXPECT_EQ(held_.held(), 0);
}

TEST_F(HeldOutTest, ABeginningThatIsRefusedEndsTheAttempt) {
  hold_.mode = "window";
  hold_.tokens = 2;
  verdict_ = Verdict{false, std::nullopt, "a refusal"};
  HeldOut out = make();
  EXPECT_FALSE(ok(out.begin(head(), word("I am sorry to say "))));
  EXPECT_EQ(out.refused(), "a refusal");
  EXPECT_EQ(heard_.acts, "");
}

TEST_F(HeldOutTest, WhoCannotTellByTheBeginningIsNotAskedAgain) {
  hold_.mode = "window";
  hold_.tokens = 2;
  verdict_.reset();
  HeldOut out = make();
  EXPECT_TRUE(ok(out.begin(head(), word("one two three "))));
  verdict_ = Verdict{true, std::nullopt, ""};
  EXPECT_TRUE(ok(out.write(word("four"))));
  EXPECT_TRUE(ok(out.finish(done)));
  EXPECT_EQ(heard_.acts, "");
  ASSERT_NE(out.held(), nullptr);
}

TEST_F(HeldOutTest, ToolCallsWaitBeforeAndBehindAWindow) {
  hold_.mode = "window";
  hold_.tokens = 2;
  {
    HeldOut out = make();
    EXPECT_TRUE(ok(out.begin(head(), call)));
    EXPECT_TRUE(ok(out.write(word("one two three four "))));
    EXPECT_TRUE(ok(out.finish(done)));
    EXPECT_EQ(heard_.acts, "");
  }
  HeldOut out = make();
  EXPECT_TRUE(ok(out.begin(head(), word("one two three four "))));
  EXPECT_TRUE(ok(out.write(call)));
  EXPECT_TRUE(ok(out.write(word("five"))));
  EXPECT_EQ(heard_.acts, "B");
  EXPECT_TRUE(ok(out.finish(done)));
  EXPECT_EQ(heard_.acts, "Bwf");
  EXPECT_EQ(heard_.text, word("one two three four ") + call + word("five") + done);
}

TEST_F(HeldOutTest, ALargeAnswerIsRefusedAndSoIsOneTooMany) {
  const std::string large = word(std::string(800, 'x'));
  HeldOut first = make();
  EXPECT_TRUE(ok(first.begin(head(), large)));
  EXPECT_FALSE(ok(first.write(large)));
  EXPECT_EQ(first.refused(), "the answer is larger than limits.held");
  HeldOut second = make();
  EXPECT_TRUE(ok(second.begin(head(), large)));
  HeldOut third = make();
  EXPECT_FALSE(ok(third.begin(head(), large)));
  EXPECT_EQ(third.refused(), "no room is left within limits.held_total");
  EXPECT_FALSE(ok(third.whole(head(), large)));
  EXPECT_LE(held_.held(), 2000);
}

TEST_F(HeldOutTest, NothingStaysOfAFailedAttempt) {
  {
    HeldOut out = make();
    EXPECT_TRUE(ok(out.begin(head(), word("broken"))));
    EXPECT_TRUE(ok(out.begin(head(), word("next"))));
    EXPECT_TRUE(ok(out.finish(done)));
    EXPECT_EQ(out.held()->completion.text, "next");
  }
  EXPECT_EQ(held_.held(), 0);
}

TEST_F(HeldOutTest, AWholeAnswerBehindACommentIsAnError) {
  HeldOut out = make();
  EXPECT_TRUE(ok(out.whole(head(), R"({"choices":[{"message":{"content":"a"}}]})")));
  EXPECT_TRUE(ok(exchange_.begin(head(), std::nullopt, ": \n\n")));
  EXPECT_FALSE(ok(release(context_, heard_, *out.held(), 0, false)));
  EXPECT_EQ(heard_.acts, "");
}

}  // namespace
}  // namespace triage
