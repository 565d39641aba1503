#include "pipeline/attempt/failure.hpp"
#include "pipeline/live/writing_speed.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

#include "support/fake_ledger.hpp"

namespace triage {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Timeouts, AWholeAnswerHasTheTotalWhateverTheFirstByteOfStreamsHas) {
  const TimeoutsSpec spec;
  const CallTimeouts whole = timeouts_within(spec, spec.total);
  EXPECT_EQ(whole.first_byte, minutes(10)) << "as long as SDKs wait";
  EXPECT_EQ(whole.first_piece, minutes(10)) << "also behind a head that came at once";
  EXPECT_EQ(whole.total, minutes(10));
  const CallTimeouts stream = timeouts_within(spec, spec.total, true);
  EXPECT_EQ(stream.first_byte, seconds(30));
  EXPECT_EQ(stream.first_event, minutes(5));
}

TEST(Timeouts, WhatIsWrittenCountsForWholeAnswersToo) {
  TimeoutsSpec spec;
  spec.first_byte = seconds(8);
  EXPECT_EQ(timeouts_within(spec, spec.total).first_byte, seconds(8));
  spec.whole = minutes(2);
  EXPECT_EQ(timeouts_within(spec, spec.total).first_byte, minutes(2));
  EXPECT_EQ(timeouts_within(spec, spec.total, true).first_byte, seconds(8));
}

TEST(Timeouts, ACallLeavesTimeForOthers) {
  TimeoutsSpec spec;
  const CallTimeouts stream = timeouts_within(spec, seconds(3), true, 3);
  EXPECT_EQ(stream.connect, seconds(1));
  EXPECT_EQ(stream.first_byte, seconds(1));
  EXPECT_EQ(stream.first_event, seconds(1));
  EXPECT_EQ(stream.total, seconds(3)) << "once it has begun";
  EXPECT_EQ(timeouts_within(spec, seconds(4), false, 3).first_byte, seconds(3)) << "a whole answer has three quarters";
  EXPECT_EQ(timeouts_within(spec, seconds(4), false, 1).first_byte, seconds(4)) << "or all, where nobody is left";
}

TEST(WritingSpeed, OfTheLastAnswers) {
  WritingSpeed speed;
  EXPECT_EQ(speed.tokens_in(seconds(2)), 100);
  speed.add(3, milliseconds(1));
  EXPECT_EQ(speed.tokens_in(seconds(2)), 100) << "too short to say anything";
  speed.add(80, seconds(10));
  EXPECT_EQ(speed.tokens_in(seconds(30)), 240);
  for (int i = 0; i < 50; ++i) speed.add(160, seconds(10));
  EXPECT_NEAR(static_cast<double>(speed.tokens_in(seconds(30))), 480, 2);
  speed.add(100'000, milliseconds(1));
  EXPECT_LE(speed.tokens_in(seconds(1)), 500);
}

}  // namespace
}  // namespace triage

namespace triage::gateway_test {
namespace {

// What a whole answer that was cut may have cost.
class CutTest : public GatewayTest {
 protected:
  CutTest() {
    std::string text = config_text();
    const std::string plain = "model: cheap-model}";
    text.replace(text.find(plain), plain.size(), "model: cheap-model, price: {input: 1, output: 4}}");
    use(text, &ledger_);
    snapshot_->deployments.at("cheap").speed->add(500, std::chrono::milliseconds(1));  // as fast as can be
  }
  json row(const char* body) {
    Canned silent;
    silent.refused = Error{ErrorCode::upstream_total_timeout, "silent"};
    silent.after = std::chrono::milliseconds(200);
    upstream_.answers = {silent};
    chat(body);
    return ledger_.records.back()["attempts"][0];
  }
  test::FakeLedger ledger_;
};

TEST_F(CutTest, AWholeAnswerMayHaveBeenWrittenByThen) {
  const json cut = row(R"({"model":"single","messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(cut["usage_source"], "estimated");
  const std::int64_t output = cut["tokens"]["output"].get<std::int64_t>();
  EXPECT_GE(output, 90);
  EXPECT_LE(output, 500);
  EXPECT_GE(cut["cost_nano_usd"].get<std::int64_t>(), output * 4000);
}

TEST_F(CutTest, ButNotMoreThanWasAskedFor) {
  const json cut = row(R"({"model":"single","max_tokens":7,"n":2,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(cut["tokens"]["output"], 14);
}

TEST_F(CutTest, OfAStreamWhatCame) {
  const json cut = row(R"({"model":"single","stream":true,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(cut["tokens"]["output"], 0);
}

}  // namespace
}  // namespace triage::gateway_test
