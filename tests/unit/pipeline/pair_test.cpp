// Who is drawn for a pair, who is asked, and what it may cost.
#include "pipeline/strategy/pair.hpp"

#include "unit/pipeline/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace triage {
namespace {

std::string id_of(int i) {
  return "req_" + std::to_string(i);
}

TEST(Drawn, IsTheSameEverywhereAndForEver) {
  std::string seen;
  for (int i = 0; i < 40; ++i) seen += drawn(id_of(i), "chat", PairKind::ensemble, 0.25) ? '1' : '0';
  EXPECT_EQ(seen, "0000011000100001000100100011000010001000");
}

TEST(Drawn, TakesItsShareForEachRouteAndKindAnew) {
  constexpr int requests = 200'000;
  for (const double share : {0.0, 0.001, 0.05, 0.5, 1.0}) {
    int ensemble = 0;
    int both = 0;
    int other_route = 0;
    for (int i = 0; i < requests; ++i) {
      const bool here = drawn(id_of(i), "chat", PairKind::ensemble, share);
      ensemble += here ? 1 : 0;
      both += here && drawn(id_of(i), "chat", PairKind::shadow, share) ? 1 : 0;
      other_route += here && drawn(id_of(i), "talk", PairKind::ensemble, share) ? 1 : 0;
    }
    const auto bound = [](double p) { return 5 * std::sqrt(requests * p * (1 - p)) + 1e-9; };  // 5 sigma
    EXPECT_NEAR(ensemble, requests * share, bound(share)) << share;
    EXPECT_NEAR(both, requests * share * share, bound(share * share)) << share;
    EXPECT_NEAR(other_route, requests * share * share, bound(share * share)) << share;
  }
}

TEST(Drawn, ALargerShareTakesAllThatASmallerTakes) {
  for (int i = 0; i < 10'000; ++i)
    if (drawn(id_of(i), "chat", PairKind::shadow, 0.1)) {
      EXPECT_TRUE(drawn(id_of(i), "chat", PairKind::shadow, 0.2));
    }
}

LivePair pair_of(const PairSpec& spec) {
  LivePair pair;
  pair.spec = &spec;
  return pair;
}

TEST(PairTargets, AskBothTiersAndNothingThatCannot) {
  std::mt19937 random(7);
  const auto draw = [&random](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  const std::array<std::string, 3> order{"small", "medium", "large"};
  PairSpec spec;
  spec.cheap = "small";
  spec.strong = "large";
  int made = 0;
  for (int round = 0; round < 5'000; ++round) {
    World world;
    for (const std::string& tier : order)
      for (int i = draw(3); i >= 0; --i) {
        Deployment& deployment = world.add(tier, tier + std::to_string(i), static_cast<std::uint32_t>(1 + draw(5)));
        if (draw(2) == 0)
          deployment.capabilities = draw(2) == 0 ? std::vector{Capability::tools} : std::vector<Capability>{};
      }
    Needs needs;
    needs.capabilities = static_cast<std::uint32_t>(draw(2));
    Decision decision;
    decision.tier = order[static_cast<std::size_t>(draw(3))];
    if (draw(3) == 0) decision.floor = order[static_cast<std::size_t>(draw(3))];
    if (draw(3) == 0) decision.ceiling = order[static_cast<std::size_t>(draw(3))];
    const auto targets =
        pair_targets(world.snapshot, world.route, pair_of(spec), decision, needs, static_cast<std::uint64_t>(round));
    if (!targets) continue;
    ++made;
    EXPECT_NE(decision.floor, "medium");
    EXPECT_NE(decision.floor, "large");
    EXPECT_EQ(targets->strong.front().tier, "large");
    for (const Target& target : targets->cheap) EXPECT_EQ(target.tier, "small");
    for (const auto* list : {&targets->cheap, &targets->strong})
      for (const Target& target : *list) EXPECT_EQ(lacking(*target.deployment->spec, needs), 0U);
    for (const Target& target : targets->strong) EXPECT_NE(target.tier, "small");
  }
  EXPECT_GT(made, 1'000);
}

TEST(DailyBudget, IsNeverOverspentByWhatCostsNoMoreThanItsEstimate) {
  std::mt19937 random(3);
  DailyBudget budget;
  budget.use(10'000);
  std::vector<std::int64_t> under_way;
  std::int64_t spent = 0;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0 || under_way.empty()) {
      const auto estimate = static_cast<std::int64_t>(random() % 300);
      if (budget.take(estimate, 5))
        under_way.push_back(estimate);
      else
        ++refused;
    } else {
      std::swap(under_way[random() % under_way.size()], under_way.back());
      const auto actual = static_cast<std::int64_t>(random() % static_cast<unsigned>(under_way.back() + 1));
      budget.settle(under_way.back(), actual, 5);
      under_way.pop_back();
      spent += actual;
    }
    ASSERT_LE(spent, 10'000);
    ASSERT_EQ(budget.spent(5), spent);
  }
  EXPECT_GT(spent, 9'000);
  EXPECT_GT(refused, 100);
}

TEST(DailyBudget, BeginsAnewEachDay) {
  DailyBudget budget;
  budget.use(100);
  EXPECT_TRUE(budget.take(100, 1));
  EXPECT_FALSE(budget.take(1, 1));
  budget.settle(100, 90, 1);
  EXPECT_FALSE(budget.take(11, 1));
  EXPECT_TRUE(budget.take(11, 2));
  budget.settle(11, 30, 2);
  EXPECT_EQ(budget.spent(1), 30) << "a clock that was set back changes nothing";
  budget.use(20);
  EXPECT_FALSE(budget.take(0, 2)) << "nothing is left, not even for what costs nothing";
}

TEST(SetAside, CountsItsEstimateUnlessItIsToldOtherwise) {
  DailyBudget budget;
  budget.use(100);
  const std::int64_t day = today();
  ASSERT_TRUE(budget.take(40, day));
  { const SetAside kept(budget, 40); }
  EXPECT_EQ(budget.spent(day), 40);
  ASSERT_TRUE(budget.take(40, day));
  {
    SetAside first(budget, 40);
    SetAside moved(std::move(first));
    moved.spent(3);
  }
  EXPECT_EQ(budget.spent(day), 43);
  EXPECT_TRUE(budget.take(57, day));
}

}  // namespace
}  // namespace triage
