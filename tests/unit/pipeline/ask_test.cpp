// What the gateway asks models on its own behalf: of providers, and of models in its own process.
#include "pipeline/attempt/ask.hpp"
#include "openai/request_body.hpp"
#include "pipeline/attempt/score_pool.hpp"
#include "support/padded.hpp"
#include "unit/pipeline/gateway_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <future>

namespace triage::gateway_test {
namespace {

using std::chrono::milliseconds;

/// Twice its input; or an error; or, while the test says so, nothing.
class Doubling final : public LocalModel {
 public:
  Result<std::vector<std::vector<float>>> run(std::span<const ModelInput* const> inputs) const override {
    ++runs;
    if (blocked.valid()) blocked.wait();
    std::vector<std::vector<float>> out;
    for (const ModelInput* const input : inputs) {
      if (input->features.empty()) return Error{ErrorCode::internal_error, "no input"};
      for (const float value : input->features) out.emplace_back().push_back(2 * value);
    }
    return out;
  }
  mutable std::atomic<int> runs = 0;
  std::shared_future<void> blocked;
};

ModelInput of(std::vector<float> features) {
  ModelInput out;
  out.features = std::move(features);
  return out;
}

class AskTest : public GatewayTest {
 protected:
  QuestionResult asked(const Question& question) {
    QuestionResult out;
    const Services services{upstream_, loop_.deadlines, loop_.io.get_executor(), nullptr, nullptr, scores_.get()};
    const ClientSide client{head_, "req_1", {}, Trail::Clock::now() + time_, nullptr, gone_};
    const Scope scope{*snapshot_, snapshot_->direct, request_, view_, client, services};
    const auto work = asio::make_work_guard(loop_.io);
    const auto run = [&]() -> Async<void> {
      out = co_await ask(scope, trail_, question, Purpose::route);
      loop_.io.stop();
    };
    asio::co_spawn(loop_.io, run(), [](const std::exception_ptr& broken) { EXPECT_EQ(broken, nullptr); });
    loop_.io.restart();
    loop_.io.run();
    return out;
  }

  const test::Padded body_{R"({"model":"auto","messages":[]})"};
  const ApiRequest request_ = *parse_request_body(Api::chat, body_.view(), 64);
  const ChatView view_{request_};
  RequestHead head_;
  Cancellation gone_;
  milliseconds time_{60'000};
  Trail trail_{Trail::Clock::now()};
  std::shared_ptr<Doubling> model_ = std::make_shared<Doubling>();
  std::unique_ptr<ScorePool> scores_ = std::make_unique<ScorePool>(1);
};

TEST_F(AskTest, ACompletionOfADeployment) {
  upstream_.answers.push_back(whole("large"));
  const auto result = asked(ChatQuestion{"cheap", R"({"model":"-","messages":[]})", milliseconds(500)});
  ASSERT_NE(completion_in(result), nullptr);
  EXPECT_EQ(completion_in(result)->text, "large");
  ASSERT_EQ(trail_.size(), 1U);
  EXPECT_EQ(trail_[0].record.tokens.input, 10) << "it is billed";
}

TEST_F(AskTest, AVectorOfADeployment) {
  Canned answer;
  answer.pieces = {R"({"data":[{"embedding":[0.25,1]}],"usage":{"prompt_tokens":7,"total_tokens":7}})"};
  upstream_.answers.push_back(std::move(answer));
  const auto result = asked(EmbeddingQuestion{"cheap", "a text", milliseconds(500)});
  ASSERT_TRUE(std::holds_alternative<Embedding>(result));
  EXPECT_EQ(std::get<Embedding>(result).values, (std::vector<float>{0.25F, 1}));
  ASSERT_EQ(upstream_.sent.size(), 1U);
  EXPECT_EQ(upstream_.sent[0].target, "/base/v1/embeddings");
  EXPECT_EQ(json::parse(upstream_.sent[0].body)["input"], "a text");
  EXPECT_EQ(json::parse(upstream_.sent[0].body)["model"], "cheap-model");
  ASSERT_EQ(trail_.size(), 1U);
  EXPECT_EQ(trail_[0].record.tokens.input, 7);
}

TEST_F(AskTest, WhatIsNoVectorIsNothing) {
  upstream_.answers.push_back(whole("no list"));
  upstream_.answers.push_back(failing(500));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(asked(EmbeddingQuestion{"cheap", "a text", milliseconds(500)}).index(), 0U);
}

TEST_F(AskTest, AScoreOfAModelInTheProcess) {
  const auto result = asked(ScoreQuestion{model_, of({0.5F}), milliseconds(500)});
  ASSERT_TRUE(std::holds_alternative<Scores>(result));
  EXPECT_EQ(std::get<Scores>(result).values, (std::vector<float>{1}));
  EXPECT_EQ(trail_.size(), 0U) << "nobody is paid";
  EXPECT_EQ(asked(ScoreQuestion{model_, of({}), milliseconds(500)}).index(), 0U) << "an error is no score";
}

TEST_F(AskTest, AScoreThatDoesNotComeInTimeIsGivenUp) {
  std::promise<void> go_on;
  model_->blocked = go_on.get_future().share();
  EXPECT_EQ(asked(ScoreQuestion{model_, of({1}), milliseconds(20)}).index(), 0U);
  EXPECT_EQ(asked(ScoreQuestion{model_, of({1}), milliseconds(20)}).index(), 0U) << "it waits behind the first";
  go_on.set_value();
  ASSERT_NE(asked(ScoreQuestion{model_, of({1}), milliseconds(5'000)}).index(), 0U);
  EXPECT_EQ(model_->runs, 2) << "what nobody waits for is not computed";
  time_ = milliseconds(0);
  EXPECT_EQ(asked(ScoreQuestion{model_, of({1}), milliseconds(500)}).index(), 0U) << "the request has no time left";
}

TEST_F(AskTest, AClientThatLeavesEndsTheWaiting) {
  std::promise<void> go_on;
  model_->blocked = go_on.get_future().share();
  Deadline leaves(loop_.deadlines, [this] { gone_.fire(); });
  leaves.set_in(milliseconds(20));
  const auto began = Trail::Clock::now();
  EXPECT_EQ(asked(ScoreQuestion{model_, of({1}), milliseconds(30'000)}).index(), 0U);
  EXPECT_LT(Trail::Clock::now() - began, std::chrono::seconds(10));
  go_on.set_value();
}

TEST_F(AskTest, ScoresThatWaitAreBounded) {
  scores_ = std::make_unique<ScorePool>(0);
  use(config_text() + "limits: {scores: 1}\n");
  EXPECT_EQ(asked(ScoreQuestion{model_, of({1}), milliseconds(20)}).index(), 0U);
  const double before = metric(R"(triage_limit_hits_total{listener="gateway",limit="scores"})");
  EXPECT_EQ(before, 0);
  EXPECT_EQ(asked(ScoreQuestion{model_, of({1}), milliseconds(5'000)}).index(), 0U);
  EXPECT_EQ(metric(R"(triage_limit_hits_total{listener="gateway",limit="scores"})"), 1);
}

}  // namespace
}  // namespace triage::gateway_test
