#include "routing/similarity.hpp"
#include "base/unit_vector.hpp"
#include "routed.hpp"

namespace triage::routing {
namespace {

using similarity::Example;

Example example(int line, std::string tier, std::string task_class = "", std::string label = "") {
  Example out;
  out.line = line;
  out.tier = std::move(tier);
  out.task_class = std::move(task_class);
  out.label = std::move(label);
  return out;
}

/// Four examples, in four directions of a space of four.
struct SimilarityRoute : TestRoute {
  explicit SimilarityRoute(SimilarityRouterSpec spec = {}) {
    spec.encoder.deployment = "embedder";
    spec.tier = "large";
    std::vector<Example> examples{example(1, ""), example(2, "medium", "", "intent"), example(5, "code", "codegen"),
                                  example(7, "")};
    spec.loaded = std::make_shared<const ExampleSet>(
        ExampleSet{"x.jsonl", std::move(examples),
                   similarity::NearestExamples({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, 4)});
    add({"similarity", std::move(spec)});
    fixed("small");
    build();
  }
  [[nodiscard]] const Router& router() const { return *chain.front(); }
  Opinion answered(const Asked& asked, std::vector<float> vector) const {
    return router().answered(asked.input(), Embedding{std::move(vector)});
  }
};

TEST(SimilarityRouter, AsksForTheVectorOfTheLastTurn) {
  const SimilarityRoute route;
  const Asked asked(
      R"({"model":"auto","messages":[{"role":"user","content":"one"},{"role":"user","content":[{"type":"text","text":"two"}]}]})");
  const auto question = route.router().question(asked.input());
  ASSERT_TRUE(question);
  const auto& embedding = std::get<EmbeddingQuestion>(*question);
  EXPECT_EQ(embedding.deployment, "embedder");
  EXPECT_EQ(embedding.text, "two");
  EXPECT_EQ(embedding.timeout, std::chrono::milliseconds(400));
}

TEST(SimilarityRouter, TheNearestSaysWhereItGoes) {
  const SimilarityRoute route;
  const Asked asked(Asked::chat("prove it"));
  const Opinion hard = route.answered(asked, {2, 0.2F, 0, 0});
  EXPECT_EQ(hard.tier, "large") << "the example names none: the router's";
  EXPECT_EQ(hard.reason, "nearest to line 1, cosine 0.995 of at least 0.88");
  ASSERT_TRUE(hard.score);
  EXPECT_NEAR(*hard.score, 0.995, 0.001);
  const Opinion intent = route.answered(asked, {0, 1, 0, 0});
  EXPECT_EQ(intent.tier, "medium");
  EXPECT_EQ(intent.reason, "nearest to line 2 (intent), cosine 1.000 of at least 0.88");
  const Opinion specialist = route.answered(asked, {0, 0, 1, 0});
  EXPECT_EQ(specialist.tier, "code");
  EXPECT_EQ(specialist.task_class, "codegen");
}

TEST(SimilarityRouter, WhatIsNotNearEnoughPassesWithItsScore) {
  SimilarityRouterSpec spec;
  spec.at_least = 0.75;
  const SimilarityRoute route(spec);
  const Asked asked(Asked::chat("prove it"));
  const Opinion far = route.answered(asked, {0.7F, 0.7F, 0, 0});
  EXPECT_EQ(far.tier, "");
  EXPECT_EQ(far.task_class, "");
  EXPECT_EQ(far.reason, "nearest to line 1, cosine 0.707, below 0.75");
  EXPECT_NEAR(*far.score, 0.707, 0.001);
  const Opinion opposite = route.answered(asked, {-1, -1, -1, -1});
  EXPECT_EQ(opposite.reason, "nearest to line 1, cosine -0.500, below 0.75");
  EXPECT_EQ(*opposite.score, 0) << "a score is 0..1";
}

TEST(SimilarityRouter, WithoutAVectorItHasNoOpinion) {
  const SimilarityRoute route;
  const Asked asked(Asked::chat("prove it"));
  const auto said = [&](const QuestionResult& result) {
    const Opinion out = route.router().answered(asked.input(), result);
    EXPECT_EQ(out.tier, "");
    EXPECT_FALSE(out.score);
    return out.reason;
  };
  EXPECT_EQ(said({}), "no vector from 'embedder', or no nearest example, in time");
  EXPECT_EQ(said(Completion()), "no vector from 'embedder', or no nearest example, in time");
  EXPECT_EQ(said(Embedding{{1, 2}}), "'embedder' gives vectors of 2 numbers, the examples have 4");
  EXPECT_EQ(said(Embedding{{0, 0, 0, 0}}), "'embedder' gives a vector without a direction");
  EXPECT_EQ(route.router().pick(asked.input()).reason, "'embedder' was not asked");
  const Asked silent(Asked::chat(""));
  EXPECT_FALSE(route.router().question(silent.input())) << "nobody is paid for nothing";
  EXPECT_EQ(route.router().pick(silent.input()).reason, "the last user turn has no text to compare");
}

TEST(SimilarityRouter, RemembersPrompts) {
  SimilarityRouterSpec spec;
  spec.encoder.cache = 1;
  const SimilarityRoute route(spec);
  const Asked asked(Asked::chat("prove it"));
  const Asked other(Asked::chat("prove that"));
  const Opinion first = route.answered(asked, {1, 0, 0, 0});
  EXPECT_FALSE(route.router().question(asked.input()));
  EXPECT_EQ(route.router().pick(asked.input()).reason, first.reason);
  EXPECT_EQ(route.router().pick(asked.input()).tier, "large");
  EXPECT_TRUE(route.router().question(other.input()));
  route.answered(other, {0, 1, 0, 0});
  EXPECT_TRUE(route.router().question(asked.input())) << "there is room for one";
  SimilarityRouterSpec forgetful;
  forgetful.encoder.cache = 0;
  const SimilarityRoute none(forgetful);
  none.answered(asked, {1, 0, 0, 0});
  EXPECT_TRUE(none.router().question(asked.input()));
}

TEST(SimilarityRouter, OfALongPromptBothEndsAreEncoded) {
  SimilarityRouterSpec spec;
  spec.sees_max = ByteSize{64};
  const SimilarityRoute route(spec);
  const Asked asked(Asked::chat("BEGIN" + std::string(100'000, 'x') + "END"));
  const auto text = std::get<EmbeddingQuestion>(*route.router().question(asked.input())).text;
  EXPECT_LT(text.size(), 100U);
  EXPECT_TRUE(text.starts_with("BEGIN"));
  EXPECT_TRUE(text.ends_with("END"));
  EXPECT_EQ(text, encoded_part(spec, "BEGIN" + std::string(100'000, 'x') + "END"));
}

/// So many examples that the search runs on a thread of its own.
struct LargeSet {
  static constexpr std::size_t dimensions = 8192;
  static constexpr std::size_t rows = similarity::NearestExamples::quick_numbers_max / dimensions + 1;

  static SimilarityRouterSpec spec() {
    SimilarityRouterSpec out;
    out.tier = "large";
    std::vector<float> vectors(rows * dimensions);
    std::vector<Example> examples;
    for (std::size_t i = 0; i < rows; ++i) {
      vectors[i * dimensions + i] = 1;
      examples.push_back(example(static_cast<int>(i + 1), ""));
    }
    out.loaded = std::make_shared<const ExampleSet>(
        ExampleSet{"x.jsonl", std::move(examples), similarity::NearestExamples(std::move(vectors), dimensions)});
    return out;
  }
  static std::vector<float> near(std::size_t row) {
    std::vector<float> out(dimensions);
    out[row] = 0.9F;
    out[row + 1] = 0.1F;
    return out;
  }
};

QuestionResult answer(const Question& question) {
  const auto& asked = std::get<ScoreQuestion>(question);
  const ModelInput* const only = &asked.input;
  return Scores{asked.model->run({&only, 1})->front()};
}

TEST(SimilarityRouter, SearchesManyExamplesOnAThread) {
  TestRoute route;
  SimilarityRouterSpec spec = LargeSet::spec();
  spec.encoder.deployment = "embedder";
  const auto set = spec.loaded;
  route.add({"similarity", std::move(spec)});
  route.fixed("small");
  route.build();
  const Asked asked(Asked::chat("prove it"));
  Deciding deciding({route.chain, route.order, {}}, asked.input());
  const auto first = deciding.next({});
  ASSERT_TRUE(first);
  EXPECT_EQ(std::get<EmbeddingQuestion>(*first).text, "prove it");
  const auto second = deciding.next(Embedding{LargeSet::near(300)});
  ASSERT_TRUE(second);
  EXPECT_FALSE(deciding.next(answer(*second)));
  const Decision decision = deciding.decision();
  EXPECT_EQ(decision.tier, "large");
  EXPECT_EQ(decision.reason, "nearest to line 301, cosine 0.994 of at least 0.88");
  std::vector<float> vector = LargeSet::near(300);
  normalise(vector);
  EXPECT_NEAR(*decision.opinions.front().score, set->nearest.find(vector)->score, 1e-12)
      << "no digit is lost on the way";
  EXPECT_FALSE(route.chain.front()->question(asked.input())) << "it is remembered";

  const Asked other(Asked::chat("prove that"));
  Deciding late({route.chain, route.order, {}}, other.input());
  ASSERT_TRUE(late.next({}));
  ASSERT_TRUE(late.next(Embedding{LargeSet::near(2)}));
  EXPECT_FALSE(late.next({})) << "no third question";
  EXPECT_EQ(late.decision().tier, "small") << "the search took too long";
  Deciding wrong({route.chain, route.order, {}}, other.input());
  ASSERT_TRUE(wrong.next({}));
  EXPECT_FALSE(wrong.next(Embedding{{1, 2}})) << "nothing to search for";
  EXPECT_EQ(wrong.decision().opinions.front().reason, "'embedder' gives vectors of 2 numbers, the examples have 8192");
}

TEST(SimilarityRouter, WithoutAnEncoderTheWordsOfManyExamplesAreSearchedOnAThread) {
  TestRoute route;
  route.add({"similarity", LargeSet::spec()});
  route.build();
  const Asked asked(Asked::chat("prove it"));
  const auto question = route.chain.front()->question(asked.input());
  ASSERT_TRUE(question);
  const auto& search = std::get<ScoreQuestion>(*question);
  EXPECT_EQ(search.input.text, "prove it");
  EXPECT_TRUE(std::get<Scores>(answer(*question)).values.empty()) << "the words have another number of dimensions";
  EXPECT_FALSE(route.chain.front()->follow_up(asked.input(), Scores{{1, 1, 0}}));
  EXPECT_EQ(route.chain.front()->answered(asked.input(), Scores{{1, 1, 0}}).reason,
            "nearest to line 2, cosine 1.000 of at least 0.88");
}

TEST(SimilarityRouter, TheNextRouterIsAskedIfItPasses) {
  const SimilarityRoute route;
  const Decision decision = route.decide(Asked(Asked::chat("prove it")));
  EXPECT_EQ(decision.tier, "small");
  EXPECT_EQ(decision.router, "fixed");
  ASSERT_EQ(decision.opinions.size(), 2U);
  EXPECT_EQ(decision.opinions[0].router, "similarity");
}

}  // namespace
}  // namespace triage::routing
