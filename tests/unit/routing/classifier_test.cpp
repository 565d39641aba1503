// With the model inside the program: its scores are read first, and thresholds set around them.
#include "routing/classifier.hpp"

#include "onnx/model_file.hpp"
#include "options/type_of.hpp"
#include "unit/routing/routed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage::routing {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

constexpr const char* text = "Prove that there are infinitely many primes.";

class ClassifierTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto session = onnx::session_of(ClassifierSpec().model);
    if (!session) GTEST_SKIP() << session.error().message;
  }

  Opinion opinion(const Asked& asked) {
    route_.route.routers.clear();
    route_.add({"classifier", spec_});
    route_.build();
    return route_.decide(asked).opinions.front();
  }
  double score() {
    spec_.thresholds.by_tier = {{"large", 1}};
    return opinion(asked_).score.value();
  }

  const Asked asked_{Asked::chat(text)};
  ClassifierSpec spec_;
  TestRoute route_;
};

TEST_F(ClassifierTest, PicksTheHighestTierWhoseThresholdIsReached) {
  const double found = score();
  ASSERT_GT(found, 0.01);
  ASSERT_LT(found, 0.99);
  spec_.thresholds.by_tier = {{"large", found + 0.001}, {"medium", found - 0.001}};
  const Opinion middle = opinion(asked_);
  EXPECT_EQ(middle.tier, "medium");
  EXPECT_DOUBLE_EQ(middle.score.value(), found) << "the same text has the same score";
  EXPECT_DOUBLE_EQ(middle.threshold.value(), found - 0.001);
  EXPECT_THAT(middle.reason, MatchesRegex("0\\.[0-9]+ reaches 0\\.[0-9]+"));
  EXPECT_THAT(std::string(middle.model), HasSubstr("difficulty"));
  spec_.thresholds.by_tier = {{"medium", found - 0.002}, {"large", found - 0.001}};
  EXPECT_EQ(opinion(asked_).tier, "large");
  spec_.thresholds.by_tier = {{"medium", found + 0.001}, {"large", found + 0.002}};
  const Opinion low = opinion(asked_);
  EXPECT_EQ(low.tier, "small");
  EXPECT_DOUBLE_EQ(low.threshold.value(), found + 0.001);
  EXPECT_THAT(low.reason, HasSubstr("is below"));
}

TEST_F(ClassifierTest, AnUncertainScorePicksTheHigherTier) {
  const double found = score();
  spec_.thresholds.by_tier = {{"large", found + 0.01}};
  spec_.thresholds.band = 0.005;
  EXPECT_EQ(opinion(asked_).tier, "small");
  spec_.thresholds.band = 0.02;
  const Opinion said = opinion(asked_);
  EXPECT_EQ(said.tier, "large");
  EXPECT_THAT(said.reason, HasSubstr("is uncertain: just below"));
}

TEST_F(ClassifierTest, HasNoOpinionOfARequestWithoutText) {
  spec_.thresholds.by_tier = {{"large", 0.5}};
  const Asked none(R"({"model":"auto","messages":[{"role":"system","content":"be kind"}]})");
  const Opinion said = opinion(none);
  EXPECT_EQ(said.tier, "");
  EXPECT_FALSE(said.score);
  EXPECT_EQ(said.reason, "the request has no text to judge");
}

TEST_F(ClassifierTest, RanksByGainOrByTheWeakModelAlone) {
  spec_.thresholds.by_tier = {{"large", 0.5}};
  opinion(asked_);
  const Router& router = *route_.chain.front();
  // The heads are outputs in the order of the model: weak, strong.
  EXPECT_NEAR(router.answered(asked_.input(), Scores{{0.25F, 0.75F}}).score.value(), 0.75, 1e-6);
  EXPECT_NEAR(router.answered(asked_.input(), Scores{{0.75F, 0.25F}}).score.value(), 0.25, 1e-6);
  EXPECT_EQ(router.answered(asked_.input(), Scores{{0.75F, 0.25F}}).tier, "small");
  spec_.rank = ClassifierRank::weak_wrong;
  opinion(asked_);
  EXPECT_NEAR(route_.chain.front()->answered(asked_.input(), Scores{{0.25F, 0.75F}}).score.value(), 0.75, 1e-6);
  EXPECT_NEAR(route_.chain.front()->answered(asked_.input(), Scores{{0.25F, 0.25F}}).score.value(), 0.75, 1e-6);
}

TEST_F(ClassifierTest, RanksByGainForWhatItCosts) {
  const auto priced = [](const char* name, std::int64_t in, std::int64_t out) {
    Deployment deployment;
    deployment.name = name;
    deployment.price.input = Rate{in * 1'000'000'000};
    deployment.price.output = Rate{out * 1'000'000'000};
    return deployment;
  };
  const std::vector<Deployment> deployments{priced("cheap", 1, 2), priced("dear", 11, 22)};
  route_.route.tiers[0].second = {{"cheap", 1}};
  route_.route.tiers[2].second = {{"dear", 1}};
  spec_.thresholds.by_tier = {{"large", 0.5}};
  spec_.rank = ClassifierRank::gain_per_cost;
  spec_.output_tokens = 250;
  const RouterSpec spec{"classifier", spec_};
  const auto router = make_router(spec, {route_.route, route_.order, deployments});
  const Scores scores{{0.25F, 0.75F}};  // a gain of one half
  // A usual call costs (500 * 10 + 250 * 20) = 10,000 more.
  const Asked brief(Asked::chat("hi"));
  const Asked lengthy(Asked::chat(std::string(8'000, '1')));
  const auto extra = [](const Asked& asked) {
    return (static_cast<double>(asked.input().view().tokens_all()) * 10 + 250 * 20) / 10'000;
  };
  for (const Asked* const asked : {&brief, &lengthy}) {
    const double x = 0.5 / extra(*asked);
    EXPECT_NEAR(router->answered(asked->input(), scores).score.value(), (1 + x / (1 + x)) / 2, 1e-6);
    EXPECT_NEAR(router->answered(asked->input(), Scores{{0.75F, 0.25F}}).score.value(), (1 - x / (1 + x)) / 2, 1e-6);
    EXPECT_NEAR(router->answered(asked->input(), Scores{{0.5F, 0.5F}}).score.value(), 0.5, 1e-6);
  }
  EXPECT_GT(extra(lengthy), 2 * extra(brief)) << "so that the test tests something";
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(router->answered(brief.input(), Scores{{nan, nan}}).score);
}

TEST_F(ClassifierTest, WithoutAScoreTheNextRouterIsAsked) {
  spec_.thresholds.by_tier = {{"large", 0.5}};
  opinion(asked_);
  const Router& router = *route_.chain.front();
  EXPECT_EQ(router.answered(asked_.input(), QuestionResult()).tier, "");
  EXPECT_EQ(router.answered(asked_.input(), QuestionResult()).reason, "no score in time");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Opinion said = router.answered(asked_.input(), Scores{{nan, nan}});
  EXPECT_EQ(said.tier, "");
  EXPECT_EQ(said.reason, "the model gave no score between 0 and 1");
}

}  // namespace
}  // namespace triage::routing
