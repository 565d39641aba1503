// The models are written by tests/golden/onnx/make.py, which says what each calculates.
#include "onnx/text_model.hpp"

#include "onnx/model_file.hpp"
#include "unit/onnx/golden_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace triage::onnx {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::StartsWith;

class TextModels : public testing::Test {
 protected:
  void SetUp() override {
    const auto session = session_of(golden_model("sum.onnx"));
    if (!session) GTEST_SKIP() << session.error().message;
  }
};

TextModelSpec spec_of(const std::string& model) {
  TextModelSpec out;
  out.model = golden_model(model);
  out.tokenizer = golden_model("vocab.txt");
  out.tokens_max = 16;
  return out;
}

std::shared_ptr<const TextModel> loaded(const TextModelSpec& spec) {
  TextModelProblem problem;
  auto model = TextModel::load(spec, problem);
  EXPECT_NE(model, nullptr) << problem.message;
  return model;
}

std::vector<std::vector<float>> run(const TextModel& model, const std::vector<std::string>& texts) {
  std::vector<ModelInput> inputs(texts.size());
  std::vector<const ModelInput*> all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    inputs[i].text = texts[i];
    all.push_back(&inputs[i]);
  }
  const auto out = model.run(all);
  EXPECT_TRUE(out) << out.error().message;
  return out ? *out : std::vector<std::vector<float>>();
}

TEST_F(TextModels, ClassifyTextsOfAnyLengthTogether) {
  const auto model = loaded(spec_of("text_classifier.onnx"));
  EXPECT_EQ(model->width(), 2U);
  const auto logits = run(*model, {"Easy!", "hard PROOFS hard", ""});
  ASSERT_EQ(logits.size(), 3U);
  EXPECT_THAT(logits[0], ElementsAre(1, 0));
  EXPECT_THAT(logits[1], ElementsAre(0, 7)) << "2 + 3 + 2: the padding of the others counts for nothing";
  EXPECT_THAT(logits[2], ElementsAre(0, 0));
}

TEST_F(TextModels, ReadNoMoreTokensThanAllowed) {
  TextModelSpec spec = spec_of("text_classifier.onnx");
  spec.tokens_max = 4;
  EXPECT_THAT(run(*loaded(spec), {"hard hard hard hard hard"})[0], ElementsAre(0, 4)) << "[CLS] hard hard [SEP]";
}

TEST_F(TextModels, GiveTokenTypes) {
  const auto logits = run(*loaded(spec_of("text_one_logit.onnx")), {"easy hard"});
  EXPECT_THAT(logits[0], ElementsAre(4)) << "[CLS] easy hard [SEP], all of type 0";
}

TEST_F(TextModels, EncodeTextsAsVectorsOfLengthOne) {
  TextModelSpec spec = spec_of("text_encoder.onnx");
  spec.encodes = true;
  const auto vectors = run(*loaded(spec), {"easy", "easy hard proof"});
  EXPECT_THAT(vectors[0], ElementsAre(1, 0));
  const float length = std::sqrt(26.0F);  // (1, 5)
  EXPECT_THAT(vectors[1], ElementsAre(FloatNear(1 / length, 1e-6F), FloatNear(5 / length, 1e-6F)));
  spec.pooling = Pooling::first;
  EXPECT_THAT(run(*loaded(spec), {"easy"})[0], ElementsAre(0, 0)) << "of [CLS], which has no weight here";
}

TextModelProblem problem_of(const TextModelSpec& spec) {
  TextModelProblem out;
  EXPECT_EQ(TextModel::load(spec, out), nullptr);
  return out;
}

TEST_F(TextModels, SayWhatIsWrongWithThem) {
  EXPECT_EQ(problem_of(spec_of("sum.onnx")).message,
            "its input 'features' is not known: it must be input_ids, attention_mask or token_type_ids");
  EXPECT_EQ(problem_of(spec_of("text_encoder.onnx")).message,
            "it has no output 'logits' that is float32[?, ?], as classifiers have");
  TextModelSpec spec = spec_of("text_classifier.onnx");
  spec.encodes = true;
  spec.model = golden_model("text_one_logit.onnx");
  EXPECT_NE(TextModel::load(spec, *std::make_unique<TextModelProblem>()), nullptr) << "a single float32[?, ?]";
  EXPECT_THAT(problem_of(spec_of("text_few_embeddings.onnx")).message,
              StartsWith("it does not take the last of the tokenizer's 8 ids: "));
  spec = spec_of("text_few_positions.onnx");
  loaded(spec);
  spec.tokens_max = 17;
  EXPECT_THAT(problem_of(spec).message, StartsWith("it does not take 17 tokens, as tokens_max allows: "));
}

TEST_F(TextModels, SayWhatIsWrongWithTheirTokenizer) {
  TextModelSpec spec = spec_of("text_classifier.onnx");
  spec.tokenizer = golden_model("no-such-file.txt");
  EXPECT_TRUE(problem_of(spec).tokenizer);
  EXPECT_THAT(problem_of(spec).message, HasSubstr("No such file or directory"));
  spec.tokenizer = golden_model("vocab.txt");
  spec.tokens_max = 2;
  EXPECT_EQ(problem_of(spec).message, "it adds 2 special tokens, which leaves no room within tokens_max");
}

TEST_F(TextModels, AreMadeOnceForAllWhoUseThem) {
  const TextModelSpec spec = spec_of("text_classifier.onnx");
  const auto first = loaded(spec);
  EXPECT_EQ(loaded(spec), first);
  TextModelSpec other = spec;
  other.tokens_max = 8;
  EXPECT_NE(loaded(other), first);
  other = spec;
  other.lowercase = false;
  EXPECT_NE(loaded(other), first);
}

}  // namespace
}  // namespace triage::onnx
