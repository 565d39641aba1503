// The models are written by tests/golden/onnx/make.py, which says what each calculates.
#include "onnx/feature_model.hpp"

#include "onnx/model_file.hpp"
#include "unit/onnx/golden_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage::onnx {
namespace {

using testing::HasSubstr;

constexpr FeatureModelUse use{"difficulty", 7, 3};

bool runtime_is_here() {
  const auto session = session_of(golden_model("sum.onnx"));
  if (!session) std::fprintf(stderr, "%s\n", session.error().message.c_str());
  return session.has_value();
}

class FeatureModels : public testing::Test {
 protected:
  void SetUp() override {
    if (!runtime_is_here()) GTEST_SKIP() << "there is no ONNX Runtime here";
  }
};

ModelInput input(std::vector<float> features, std::vector<std::int64_t> ids = {}, std::vector<float> values = {}) {
  return {{}, std::move(features), std::move(ids), std::move(values)};
}

TEST_F(FeatureModels, GiveEachInputItsScores) {
  const auto model = FeatureModel::load(golden_model("two_heads.onnx"), use);
  ASSERT_TRUE(model) << model.error().message;
  const ModelInput first = input({1, 2, 3}, {1, 3}, {1, 0.5F});
  const ModelInput second = input({0, 0, 0.5F}, {2}, {2});
  const ModelInput third = input({0, 0, 0});
  const std::array inputs{&first, &second, &third};
  const auto scores = (*model)->run(inputs);
  ASSERT_TRUE(scores) << scores.error().message;
  EXPECT_EQ(*scores, (std::vector<std::vector<float>>{{6, 25}, {0.5F, 40}, {0, 0}}));
  EXPECT_EQ((*model)->output("weak"), 0U);
  EXPECT_EQ((*model)->output("strong"), 1U);
  EXPECT_EQ((*model)->output("score"), std::nullopt);
  EXPECT_EQ((*model)->version(), "sums-1");
  EXPECT_TRUE((*model)->reads_ngrams());
  EXPECT_GT((*model)->cost().count(), 0);
}

TEST_F(FeatureModels, NeedNoNgrams) {
  const auto model = FeatureModel::load(golden_model("sum.onnx"), use);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_FALSE((*model)->reads_ngrams());
  const ModelInput only = input({1, 2, 4}, {1}, {1});
  const ModelInput* const inputs[] = {&only};
  EXPECT_EQ(*(*model)->run(inputs), (std::vector<std::vector<float>>{{7}}));
}

TEST_F(FeatureModels, OfOneContentShareASession) {
  PartFile copy = golden_model("sum.onnx");
  copy.written = "another name";
  const auto first = session_of(golden_model("sum.onnx"));
  EXPECT_EQ(*first, *session_of(copy));
  EXPECT_NE(*first, *session_of(golden_model("two_heads.onnx")));
}

std::string problem(const std::string& name) {
  const auto model = FeatureModel::load(golden_model(name), use);
  return model ? "" : model.error().message;
}

TEST_F(FeatureModels, SayWhatIsWrongWithThem) {
  EXPECT_EQ(problem("no_metadata.onnx"),
            "its property triage.kind is '', but must be 'difficulty': tools/train writes such models");
  EXPECT_EQ(problem("other_kind.onnx"),
            "its property triage.kind is 'answer', but must be 'difficulty': tools/train writes such models");
  EXPECT_EQ(problem("other_version.onnx"),
            "it was trained with version '6' of the features, but this program has version 7: train it again");
  EXPECT_EQ(problem("four_features.onnx"), "its input 'features' is float32[?, 4], but must be float32[?, 3]");
  EXPECT_EQ(problem("double_features.onnx"), "its input 'features' is another type[?, 3], but must be float32[?, 3]");
  EXPECT_EQ(problem("one_row.onnx"), "its input 'features' is float32[1, 3], but must be float32[?, 3]");
  EXPECT_EQ(problem("unknown_input.onnx"),
            "its input 'pixels' is not known: it must be features, ngram_ids or ngram_values");
  EXPECT_EQ(problem("wide_output.onnx"),
            "its output 'score' is float32[?, 3], but must be float32[?] or float32[?, 1]");
  EXPECT_EQ(problem("ids_without_values.onnx"), "of its inputs 'ngram_ids' and 'ngram_values' one is missing");
  EXPECT_THAT(problem("fails.onnx"), HasSubstr("indices element out of data bounds"));
  EXPECT_THAT(problem("broken.onnx"), HasSubstr("rotobuf parsing failed"));
  EXPECT_THAT(problem("missing.onnx"), HasSubstr("No such file or directory"));
}

TEST_F(FeatureModels, AChangedFileIsNotTheOneThatWasRead) {
  PartFile changed = golden_model("sum.onnx");
  changed.sha256 = std::string(64, '0');
  EXPECT_THAT(session_of(changed).error().message, HasSubstr("it has changed since the configuration was read"));
}

TEST(BuiltinModels, AreNamed) {
  PartFile file;
  file.written = "builtin:nothing";
  EXPECT_EQ(session_of(file).error().message,
            "there is no 'builtin:nothing' inside triage, only builtin:difficulty, builtin:verifier");
}

TEST_F(FeatureModels, AreMadeOnceForAllWhoUseThem) {
  auto first = FeatureModel::load(golden_model("sum.onnx"), use);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*FeatureModel::load(golden_model("sum.onnx"), use), *first);
  PartFile copy = golden_model("sum.onnx");
  copy.written = copy.path = "elsewhere.onnx";
  EXPECT_EQ(*FeatureModel::load(copy, use), *first) << "the content counts";
  EXPECT_NE(*FeatureModel::load(golden_model("two_heads.onnx"), use), *first);
  EXPECT_FALSE(FeatureModel::load(golden_model("sum.onnx"), {"answer", 7, 3})) << "of another use";
  EXPECT_FALSE(FeatureModel::load(golden_model("sum.onnx"), {"difficulty", 7, 4}));
  const std::weak_ptr<const FeatureModel> held = *first;
  first->reset();
  EXPECT_TRUE(held.expired()) << "nobody keeps what is not used";
}

}  // namespace
}  // namespace triage::onnx
