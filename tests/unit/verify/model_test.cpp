// With the model inside the program.
#include "verify/model.hpp"
#include "judged.hpp"

#include "onnx/model_file.hpp"
#include "unit/onnx/golden_models.hpp"

#include <gmock/gmock.h>

namespace triage::verify {
namespace {

using testing::HasSubstr;

const std::string question =
    "A shop sells pencils at 12 cents each. Mia buys 7 pencils and pays with a dollar. How many cents does she get "
    "back?";
const std::string good = "7 pencils cost 7 * 12 = 84 cents. She gets back 100 - 84 = 16 cents. The answer is 16.";
const std::string bad = "7 pencils cost 7 * 12 = 74 cents. She gets back 100 - 74 = 36 cents, or so I think";

class ModelVerifier : public testing::Test {
 protected:
  void SetUp() override {
    const auto session = onnx::session_of(ModelVerifierSpec().file);
    if (!session) GTEST_SKIP() << session.error().message;
  }
  Verdict verdict(const Completion& answer, const QuestionResult& result = {}, bool whole = true) {
    const VerifierSpec spec{"model", spec_};
    const Judged judged(chat(question), answer);
    return make_verifier(spec)->verdict(judged.answered(whole), result);
  }
  ModelVerifierSpec spec_;
};

TEST_F(ModelVerifier, ScoresHowLikelyAnAnswerIsRight) {
  const Verdict right = verdict(says(good));
  const Verdict wrong = verdict(says(bad));
  ASSERT_TRUE(right.score && wrong.score);
  EXPECT_GT(*right.score, *wrong.score + 0.2) << "wrong arithmetic, and no final answer";
  EXPECT_THAT(right.reason, HasSubstr("verifier-"));
  spec_.accept_at = (*right.score + *wrong.score) / 2;
  EXPECT_TRUE(verdict(says(good)).accept);
  EXPECT_FALSE(verdict(says(bad)).accept);
  EXPECT_THAT(verdict(says(bad)).reason, HasSubstr("is below"));
}

TEST_F(ModelVerifier, ASecondAnswerThatAgreesRaisesTheScore) {
  spec_.second = "other";
  const double alone = verdict(says(good)).score.value();
  const double agreed = verdict(says(good), says("So it is 16 cents. The answer is 16.")).score.value();
  const double differs = verdict(says(good), says("So it is 28 cents. The answer is 28.")).score.value();
  EXPECT_GT(agreed, differs + 0.2);
  EXPECT_GE(agreed, alone - 0.05);
  EXPECT_LE(differs, alone + 0.05);
  const VerifierSpec spec{"model", spec_};
  const Judged judged(chat(question), says(good));
  const auto asked = make_verifier(spec)->question(judged.answered());
  ASSERT_TRUE(asked);
  EXPECT_EQ(std::get<ChatQuestion>(*asked).deployment, "other");
  EXPECT_EQ(std::get<ChatQuestion>(*asked).timeout, spec_.second_timeout);
}

TEST_F(ModelVerifier, TakesScoresFromAThread) {
  EXPECT_TRUE(verdict(says(bad), Scores{{0.75F}}).accept);
  EXPECT_NEAR(verdict(says(bad), Scores{{0.75F}}).score.value(), 0.75, 1e-6);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(verdict(says(good), Scores{{nan}}).accept);
  EXPECT_EQ(verdict(says(good), Scores{{nan}}).reason, "the model gave no number: escalate");
  spec_.on_error = OnError::accept;
  EXPECT_TRUE(verdict(says(good), Scores{{nan}}).accept);
}

TEST_F(ModelVerifier, HasNoOpinionOfWhatItDoesNotRead) {
  Completion calls = says("");
  calls.tool_calls.push_back({"search", "{}"});
  for (const Verdict& said : {verdict(calls), verdict(says(bad), {}, false)}) {
    EXPECT_TRUE(said.accept);
    EXPECT_FALSE(said.score);
  }
}

TEST_F(ModelVerifier, ASlowModelIsAskedAfterTheSecondAnswer) {
  spec_.file = onnx::golden_model("slow_answer.onnx");
  spec_.second = "other";
  spec_.timeout = std::chrono::milliseconds(70);
  const VerifierSpec spec{"model", spec_};
  const auto tree = make_verifier_tree(spec);
  const Judged judged(chat(question), says(good));
  const auto score_of_second = [&](const QuestionResult& second) {
    const auto walk = tree->start(judged.answered());
    EXPECT_EQ(std::get<ChatQuestion>(std::get<Question>(walk->next({}))).deployment, "other");
    const auto asked = std::get<ScoreQuestion>(std::get<Question>(walk->next(second)));
    EXPECT_EQ(asked.timeout, spec_.timeout);
    const ModelInput* const only = &asked.input;
    const auto verdict = std::get<Verdict>(walk->next(Scores{asked.model->run({&only, 1})->front()}));
    return verdict.score.value();
  };
  EXPECT_NEAR(score_of_second(says("So it is 16 cents. The answer is 16.")), 0.75, 1e-6) << "they agree";
  EXPECT_NEAR(score_of_second(says("So it is 28 cents. The answer is 28.")), 0.5, 1e-6);
  EXPECT_NEAR(score_of_second({}), 0.25, 1e-6) << "there is none";
  const auto late = tree->start(judged.answered());
  late->next({});
  late->next(says("The answer is 16."));
  EXPECT_EQ(std::get<Verdict>(late->next({})).reason, "no score in time: escalate");
}

TEST_F(ModelVerifier, ASlowModelAloneIsAskedAtOnce) {
  spec_.file = onnx::golden_model("slow_answer.onnx");
  const VerifierSpec spec{"model", spec_};
  const auto tree = make_verifier_tree(spec);
  const Judged judged(chat(question), says(good));
  const auto walk = tree->start(judged.answered());
  EXPECT_TRUE(std::holds_alternative<ScoreQuestion>(std::get<Question>(walk->next({}))));
  EXPECT_NEAR(std::get<Verdict>(walk->next(Scores{{0.9F}})).score.value(), 0.9, 1e-6);
}

}  // namespace
}  // namespace triage::verify
