// What of feedback is read, what is refused with which words, and what a route takes of it.
#include "pipeline/feedback_request.hpp"

#include "pipeline/live/build_snapshot.hpp"
#include "support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
constexpr std::int64_t now = 1'795'000'000'000;

Result<FeedbackRequest> read(const std::string& body) {
  const test::Padded padded(body);
  return read_feedback(padded.view(), 64);
}

TEST(ReadFeedback, TakesEveryMember) {
  const auto all = read(
      R"({"id":"req_1","thumb":"down","score":0.25,"task_completed":false,"comment":"no \"good\"","corrected":"42"})");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->id, "req_1");
  EXPECT_EQ(all->said, (Feedback{Thumb::down, 0.25, false, "no \"good\"", "42"}));
}

TEST(ReadFeedback, OneMemberIsEnoughAndNullIsNone) {
  EXPECT_EQ(read(R"({"id":"c","thumb":"up","score":null,"comment":null})")->said.thumb, Thumb::up);
  EXPECT_EQ(read(R"({"id":"c","score":1})")->said.score, 1.0);
  EXPECT_EQ(read(R"({"id":"c","score":0})")->said.score, 0.0);
  EXPECT_FALSE(std::signbit(*read(R"({"id":"c","score":-0.0})")->said.score));
  EXPECT_EQ(read(R"({"id":"c","score":1e-400})")->said.score, 0.0);
  EXPECT_EQ(read(R"({"id":"c","task_completed":true})")->said.task_completed, true);
  EXPECT_EQ(read(R"({"id":"c","comment":"\u00fc"})")->said.comment, "\xc3\xbc");
}

struct Bad {
  const char* body;
  ErrorCode code;
  const char* param;
  const char* words;
};

TEST(ReadFeedback, AnErrorNamesTheMemberTheValueAndTheRule) {
  const Bad cases[] = {
      {R"({"thumb":"up"})", ErrorCode::missing_parameter, "id", "'id' is missing: send the answer's x-request-id"},
      {R"({"id":null,"thumb":"up"})", ErrorCode::missing_parameter, "id", "'id' is missing"},
      {R"({"id":"","thumb":"up"})", ErrorCode::invalid_value, "id", "1 to 256 bytes"},
      {R"({"id":7,"thumb":"up"})", ErrorCode::invalid_value, "id", "'id' is 7: it must be a text"},
      {R"({"id":"c"})", ErrorCode::missing_parameter, "thumb", "at least one of thumb, score, task_completed"},
      {R"({"id":"c","comment":""})", ErrorCode::missing_parameter, "thumb", "nothing is said"},
      {R"({"id":"c","thumb":"sideways"})", ErrorCode::invalid_value, "thumb", "\"sideways\": it must be \"up\" or"},
      {R"({"id":"c","thumb":true})", ErrorCode::invalid_value, "thumb", "'thumb' is true: it must be"},
      {R"({"id":"c","score":1.01})", ErrorCode::invalid_value, "score", "'score' is 1.01: it must be a number from 0"},
      {R"({"id":"c","score":-0.1})", ErrorCode::invalid_value, "score", "-0.1"},
      {R"({"id":"c","score":1e999})", ErrorCode::invalid_value, "score", "1e999"},
      {R"({"id":"c","score":"0.5"})", ErrorCode::invalid_value, "score", "\"0.5\": it must be a number"},
      {R"({"id":"c","task_completed":"yes"})", ErrorCode::invalid_value, "task_completed", "must be true or false"},
      {R"({"id":"c","comment":["x"]})", ErrorCode::invalid_value, "comment", R"(["x"]: it must be a text)"},
      {R"({"id":"c","corrected":"\ud800"})", ErrorCode::invalid_value, "corrected", "half of a surrogate pair"},
      {R"({"id":"c","thumbs":"up"})", ErrorCode::invalid_value, "thumbs", "those are id, thumb, score"},
      {R"({"id":"c","thumb":"up","thumb":"down"})", ErrorCode::invalid_json, "", "comes twice"},
      {R"([])", ErrorCode::invalid_json, "", "not a valid JSON object"},
      {"", ErrorCode::invalid_json, "", "not a valid JSON object"},
      {"{\"id\":\"\xff\"}", ErrorCode::invalid_json, "", "not UTF-8 at byte 7"},
      {R"({"id":"c","thumb":"up"} x)", ErrorCode::invalid_json, "", "at byte"},
  };
  for (const Bad& bad : cases) {
    const auto result = read(bad.body);
    ASSERT_FALSE(result) << bad.body;
    EXPECT_EQ(result.error().code, bad.code) << bad.body;
    EXPECT_EQ(result.error().param, bad.param) << bad.body;
    EXPECT_THAT(result.error().message, HasSubstr(bad.words)) << bad.body;
  }
}

class Accept : public testing::Test {
 protected:
  Result<AcceptedFeedback> accepted(const Feedback& said, std::int64_t age_ms = 0, const std::string& route = "chat") {
    ConfigSpec config;
    config.ledger.emplace();
    config.tiers = {"small"};
    config.providers.emplace_back().name = "p";
    Deployment& deployment = config.deployments.emplace_back();
    deployment.name = "cheap";
    deployment.provider = "p";
    config.providers.back().dialect = "openai";
    spec.name = "chat";
    spec.tiers = {{"small", {{"cheap", 1}}}};
    config.routes = {spec};
    const auto snapshot = build_snapshot(std::move(config), "v", metrics_, live_);
    return accept_feedback(*snapshot, {"req_1", "", route, now - age_ms, std::nullopt}, said, now);
  }
  static Feedback comment(const std::string& text) {
    Feedback said;
    said.comment = text;
    return said;
  }
  static Feedback up() {
    Feedback said;
    said.thumb = Thumb::up;
    return said;
  }

  RouteSpec spec;

 private:
  Metrics metrics_;
  LiveState live_;
};

TEST_F(Accept, ForThirtyDays) {
  EXPECT_TRUE(accepted(up(), 30 * day_ms));
  const auto late = accepted(up(), 30 * day_ms + 1);
  EXPECT_EQ(late.error().code, ErrorCode::feedback_closed);
  EXPECT_THAT(late.error().message, HasSubstr("takes feedback for 30 days after a request (`quality.feedback_for`)"));
  spec.quality.emplace().feedback_for = std::chrono::hours(1);
  EXPECT_TRUE(accepted(up(), 3'600'000));
  EXPECT_THAT(accepted(up(), 3'600'001).error().message, HasSubstr("for 60m after"));
  EXPECT_TRUE(accepted(up(), -5)) << "the clock went back";
}

TEST_F(Accept, ARouteMayTakeNone) {
  spec.quality.emplace().feedback = false;
  const auto refused = accepted(up());
  EXPECT_EQ(refused.error().code, ErrorCode::feedback_closed);
  EXPECT_EQ(refused.error().message, "route 'chat' takes no feedback: `quality.feedback` is false");
  EXPECT_TRUE(accepted(up(), 0, "a route that is gone"));
  EXPECT_TRUE(accepted(up(), 0, ""));
}

TEST_F(Accept, TextsAreKeptAsTheRoutesPromptsAndRedactedWhereThoseAreNotKept) {
  const Feedback said = comment("ask jane@example.com");
  EXPECT_EQ(accepted(said)->said.comment, "ask [email]");
  EXPECT_EQ(accepted(said, 0, "")->said.comment, "ask [email]");
  spec.record.content = RecordContent::full;
  EXPECT_EQ(accepted(said)->said.comment, "ask jane@example.com");
  spec.record.content = RecordContent::hashed;
  EXPECT_EQ(accepted(said)->said.comment.size(), 64U);
  spec.record.content = RecordContent::off;
  spec.record.patterns = {"ask"};
  EXPECT_EQ(accepted(said)->said.comment, "[redacted] [email]");
}

TEST_F(Accept, ATextThatIsTooLongIsRefusedNotCut) {
  spec.record.text_max = {16};
  EXPECT_TRUE(accepted(comment(std::string(16, 'x'))));
  const auto refused = accepted(comment(std::string(17, 'x')));
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_value);
  EXPECT_EQ(refused.error().param, "comment");
  EXPECT_THAT(refused.error().message, HasSubstr("has 17 bytes: the route keeps at most 16"));
}

TEST_F(Accept, WithoutTextsTheRestIsKeptAndSaysSo) {
  spec.quality.emplace().feedback_texts = false;
  Feedback said = comment("fine");
  said.thumb = Thumb::up;
  const auto rest = accepted(said);
  EXPECT_EQ(rest->said, up());
  EXPECT_THAT(rest->left_out, ElementsAre("comment"));
  EXPECT_THAT(accepted(up())->left_out, IsEmpty());
  EXPECT_EQ(accepted(comment("fine")).error().code, ErrorCode::feedback_closed);
}

}  // namespace
}  // namespace triage
