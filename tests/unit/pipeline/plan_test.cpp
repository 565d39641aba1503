// Where a request may go, for hand-made and for random routes.
#include "unit/pipeline/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace triage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint32_t tools = 1;
constexpr std::uint32_t images = 2;

std::vector<std::string> names(const Result<Plan>& plan) {
  std::vector<std::string> out;
  if (!plan) return {plan.error().message};
  for (const Target& target : plan->targets)
    out.push_back(std::string(target.tier) + ":" + target.deployment->spec->name);
  return out;
}

Needs needing(std::uint32_t capabilities, std::int64_t tokens = 0) {
  Needs needs;
  needs.capabilities = capabilities;
  needs.tokens = tokens;
  return needs;
}

TEST(Plan, GoesFromThePickedTierUp) {
  World world;
  world.add("small", "a");
  world.add("medium", "b", 1);
  world.add("medium", "c", 5);
  world.add("large", "d");
  EXPECT_THAT(names(world.planned("small")), ElementsAre("small:a", "medium:b", "medium:c", "large:d"));
  EXPECT_THAT(names(world.planned("medium")), ElementsAre("medium:b", "medium:c", "large:d"));
  EXPECT_THAT(names(world.planned("large")), ElementsAre("large:d"));
}

TEST(Plan, CheaperTiersAreNamedOnlyByTheRoutesWord) {
  World world;
  world.add("small", "a");
  world.add("medium", "b");
  world.add("large", "c");
  EXPECT_TRUE(world.planned("large")->cheaper.empty());
  world.spec.fallback = FallbackTiers::any;
  const auto cheaper = [&](std::string_view floor) {
    std::vector<std::string> out;
    const auto planned = world.planned("large", {}, floor);
    EXPECT_THAT(names(planned), ElementsAre("large:c"));
    for (const Target& target : planned->cheaper) out.push_back(target.deployment->spec->name);
    return out;
  };
  EXPECT_THAT(cheaper(""), ElementsAre("b", "a"));
  EXPECT_THAT(cheaper("medium"), ElementsAre("b"));
  EXPECT_THAT(cheaper("large"), ElementsAre());
  EXPECT_TRUE(world.planned("small")->cheaper.empty());
}

TEST(Plan, AListedTierKeepsItsOrderAlsoForAConversation) {
  World world;
  world.add("small", "a", 1);
  world.add("small", "b", 0);
  world.add("small", "c", 0);
  world.route.tiers.front().listed = true;
  const Sessions::Remembered held{"small", "c", 0};
  for (std::uint64_t ticket = 0; ticket < 9; ++ticket)
    EXPECT_THAT(names(world.planned("small", {}, "", "", held, ticket)), ElementsAre("small:a", "small:b", "small:c"));
}

TEST(Plan, HasEachOfAThousandOnce) {
  World world;
  for (int i = 0; i < 1000; ++i) world.add("small", "d" + std::to_string(i), static_cast<std::uint32_t>(i % 3));
  for (const std::uint64_t ticket : {0ULL, 7ULL, 123'456'789ULL}) {
    auto planned = names(world.planned("small", {}, "", "", std::nullopt, ticket));
    std::ranges::sort(planned);
    EXPECT_EQ(planned.size(), 1000u);
    EXPECT_TRUE(std::ranges::adjacent_find(planned) == planned.end());
  }
}

TEST(Plan, ACeilingAlsoBoundsTheFallbacks) {
  World world;
  for (const char* tier : {"small", "medium", "large"}) world.add(tier, tier);
  EXPECT_THAT(names(world.planned("small", {}, "", "medium")), ElementsAre("small:small", "medium:medium"));
}

TEST(Plan, ASpecialistFallsBackToTheHighestTier) {
  World world;
  for (const char* tier : {"small", "large", "code"}) world.add(tier, tier);
  EXPECT_THAT(names(world.planned("code")), ElementsAre("code:code", "large:large"));
}

TEST(Plan, WeightsSpreadTheTicketsOverThoseThatCan) {
  World world;
  world.add("small", "no", 90).capabilities = std::vector<Capability>{};
  world.add("small", "a", 3).capabilities = {Capability::tools};
  world.add("small", "b", 1).capabilities = {Capability::tools};
  int a = 0;
  for (std::uint64_t ticket = 0; ticket < 400; ++ticket)
    a += names(world.planned("small", needing(tools), "", "", std::nullopt, ticket)).front() == "small:a" ? 1 : 0;
  EXPECT_EQ(a, 300);
}

TEST(Plan, WhoComesSecondIsDrawnByWeightToo) {
  World world;
  world.add("small", "a", 1);
  world.add("small", "b", 1);
  world.add("small", "c", 3);
  std::map<std::string, int> second;  // behind a
  for (std::uint64_t ticket = 0; ticket < 5 * 4 * 100; ++ticket) {
    const auto order = names(world.planned("small", {}, "", "", std::nullopt, ticket));
    ASSERT_EQ(order.size(), 3U);
    if (order[0] == "small:a") ++second[order[1]];
  }
  EXPECT_EQ(second["small:b"], 100);
  EXPECT_EQ(second["small:c"], 300);
}

TEST(Plan, IsRaisedToTheCheapestTierThatCan) {
  World world;
  world.add("small", "a").capabilities = std::vector<Capability>{};
  world.add("medium", "b").capabilities = {Capability::tools};
  world.add("large", "c").capabilities = {Capability::tools, Capability::images};
  EXPECT_THAT(names(world.planned("small", needing(tools))), ElementsAre("medium:b", "large:c"));
  EXPECT_THAT(names(world.planned("small", needing(tools | images))), ElementsAre("large:c"));
  EXPECT_THAT(world.planned("small", needing(images))->note, HasSubstr("'small' cannot take this request"));
}

TEST(Plan, WhatADeploymentDoesNotSayIsBelievedOnlyIfNoOtherSaysItCan) {
  World world;
  world.add("small", "unknown");
  EXPECT_THAT(names(world.planned("small", needing(tools))), ElementsAre("small:unknown"));
  world.add("large", "known").capabilities = {Capability::tools};
  EXPECT_THAT(names(world.planned("small", needing(tools))), ElementsAre("large:known"));
}

TEST(Plan, GoesDownOnlyIfNothingAboveCanAndNotBelowTheFloor) {
  World world;
  world.add("small", "a").capabilities = {Capability::images};
  world.add("medium", "b").capabilities = {Capability::images};
  world.add("large", "c").capabilities = {Capability::tools};
  EXPECT_THAT(names(world.planned("large", needing(images))), ElementsAre("medium:b", "small:a"));
  const auto refused = world.planned("large", needing(images), "large");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::capability_missing);
  EXPECT_EQ(refused.error().param, "messages");
}

TEST(Plan, SaysWhatIsMissing) {
  World world;
  Deployment& a = world.add("small", "a");
  a.capabilities = {Capability::tools};
  a.context_window = 1000;
  const auto length = world.planned("small", needing(tools, 2000));
  ASSERT_FALSE(length);
  EXPECT_EQ(length.error().code, ErrorCode::context_length_exceeded);
  EXPECT_THAT(length.error().message, HasSubstr("about 2000 tokens"));
  EXPECT_THAT(length.error().message, HasSubstr("is 1000 tokens"));
  const auto picture = world.planned("small", needing(tools | images));
  ASSERT_FALSE(picture);
  EXPECT_THAT(picture.error().message, HasSubstr("needs images, which route 'chat' does not offer"));
}

TEST(Plan, AWindowIsSureOnlyOutsideTheEstimatesError) {
  World world;
  world.add("small", "a").context_window = 1000;
  world.add("large", "b").context_window = 100'000;
  EXPECT_THAT(names(world.planned("small", needing(0, 800))), ElementsAre("small:a", "large:b"));
  EXPECT_THAT(names(world.planned("small", needing(0, 950))), ElementsAre("large:b"));
  EXPECT_THAT(names(world.planned("small", needing(0, 950), "", "small")), ElementsAre("small:a"));
  EXPECT_FALSE(world.planned("small", needing(0, 1300), "", "small"));
}

TEST(Plan, AConversationDoesNotFallAndKeepsItsDeployment) {
  World world;
  world.add("small", "a");
  world.add("medium", "b");
  world.add("medium", "c");
  world.add("large", "d");
  const Sessions::Remembered held{"medium", "c"};
  EXPECT_THAT(names(world.planned("small", {}, "", "", held)), ElementsAre("medium:c", "medium:b", "large:d"));
  EXPECT_THAT(names(world.planned("medium", {}, "", "", held)), ElementsAre("medium:c", "medium:b", "large:d"));
  EXPECT_THAT(names(world.planned("large", {}, "", "", held)), ElementsAre("large:d"));
  EXPECT_THAT(names(world.planned("small", {}, "", "small", held)), ElementsAre("small:a")) << "a ceiling is a ceiling";
  EXPECT_THAT(names(world.planned("small", {}, "", "", Sessions::Remembered{"gone", "x"})).front(), "small:a");
}

TEST(Plan, WhoHasNoWeightComesLastAsWritten) {
  World world;
  world.add("small", "a", 0);
  world.add("small", "b", 1);
  world.add("small", "c", 0);
  world.add("small", "d", 3);
  for (std::uint64_t ticket = 0; ticket < 8; ++ticket) {
    const auto made = world.planned("small", {}, "", "", std::nullopt, ticket);
    ASSERT_EQ(made->targets.size(), 4U);
    EXPECT_EQ(made->targets[0].deployment->spec->name, ticket % 4 == 0 ? "b" : "d") << ticket;
    EXPECT_EQ(made->targets[2].deployment->spec->name, "a");
    EXPECT_EQ(made->targets[3].deployment->spec->name, "c");
  }
}

TEST(Plan, BoundsThatLeaveNothingCountAsTheNearestTier) {
  World world;
  world.add("large", "a");
  EXPECT_THAT(names(world.planned("small", {}, "", "small")), ElementsAre("large:a"));
  World other;
  other.add("small", "a");
  EXPECT_THAT(names(other.planned("large", {}, "large")), ElementsAre("small:a"));
}

// For any route and request: whoever is asked is able, within floor and ceiling, not below the pick unless nothing
// above can, and the same input gives the same plan; a refusal is right.
// A request that the smallest window holds is planned without a look at each deployment, which changes nothing.
TEST(AnyPlan, IsTheSameWhenNothingNeedsToBeLookedAt) {
  std::mt19937 generator(11);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator); };
  int surely = 0;
  for (int round = 0; round < 5'000; ++round) {
    World world;
    if (below(2) == 0) world.spec.fallback = FallbackTiers::any;
    std::optional<std::int64_t> least;
    for (const std::string& tier : world.snapshot.spec.tiers)
      for (std::size_t i = below(4) + 1; i > 0; --i) {
        Deployment& made = world.add(tier, tier + std::to_string(i), static_cast<std::uint32_t>(below(4)));
        if (below(2) == 0) made.capabilities = {Capability::tools};
        if (below(2) == 0) made.context_window = 1000 << below(4);
        if (made.context_window) least = std::min(least.value_or(*made.context_window), *made.context_window);
      }
    Needs needs;
    needs.capabilities = below(4) == 0 ? tools : 0;
    needs.tokens = static_cast<std::int64_t>(below(2'000));
    const std::uint64_t ticket = below(1'000);
    const std::string pick = world.snapshot.spec.tiers[below(3)];
    const auto looked = world.planned(pick, needs, "", "", std::nullopt, ticket);
    world.route.window_least = least;
    const auto known = world.planned(pick, needs, "", "", std::nullopt, ticket);
    surely += all_can(needs, least) ? 1 : 0;
    ASSERT_EQ(static_cast<bool>(looked), static_cast<bool>(known));
    if (!looked) continue;
    EXPECT_EQ(names(looked), names(known));
    EXPECT_EQ(looked->note, known->note);
    EXPECT_TRUE(std::ranges::equal(looked->cheaper, known->cheaper, {}, &Target::deployment, &Target::deployment));
  }
  EXPECT_GT(surely, 500);
}

TEST(AnyPlan, IsAbleAndWithinItsBounds) {
  std::mt19937 generator(7);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator); };
  const std::vector<std::string> order{"small", "medium", "large"};
  int refused = 0;
  int raised = 0;
  for (int round = 0; round < 20'000; ++round) {
    World world;
    for (const std::string& tier : order) {
      if (below(6) == 0) continue;
      for (std::size_t i = below(3) + 1; i > 0; --i) {
        Deployment& made = world.add(tier, tier + std::to_string(i), static_cast<std::uint32_t>(below(4) + 1));
        if (below(3) > 0) {
          made.capabilities.emplace();
          for (std::size_t c = 0; c < 3; ++c)
            if (below(2) == 0) made.capabilities->push_back(static_cast<Capability>(c));
        }
        if (below(2) == 0) made.context_window = 1000 << below(8);
      }
    }
    if (world.route.tiers.empty()) world.add("small", "only");
    if (below(2) == 0) world.add("code", "code1");
    Needs needs;
    needs.capabilities = static_cast<std::uint32_t>(below(8));
    needs.tokens = static_cast<std::int64_t>(below(2) * below(100'000));
    std::size_t low = below(2) * below(3);
    std::size_t high = below(2) == 0 ? std::max(low, below(3)) : 2;
    const std::string floor = low > 0 ? order[low] : "";
    const std::string ceiling = high < 2 ? order[high] : "";
    const bool specialist = world.route.tier("code") != nullptr && below(4) == 0;
    const std::string pick = specialist ? "code" : order[low + below(high - low + 1)];
    std::optional<Sessions::Remembered> held;
    if (below(3) == 0) held = Sessions::Remembered{order[below(3)], "x"};

    const auto made = world.planned(pick, needs, floor, ceiling, held, below(100));
    EXPECT_EQ(names(made).size(), names(world.planned(pick, needs, floor, ceiling, held, below(100))).size());
    const auto place = [&](std::string_view tier) {
      return static_cast<std::size_t>(std::ranges::find(order, tier) - order.begin());
    };
    const auto inside = [&](std::size_t at) { return at >= low && at <= high; };
    bool any_inside = false;
    bool any_able = false;  // within the bounds, or a picked specialist
    for (const LiveTier& tier : world.route.tiers) {
      const bool allowed = inside(place(tier.name)) || (specialist && tier.name == "code");
      any_inside = any_inside || inside(place(tier.name));
      for (const LiveDeployment* member : tier.members)
        any_able = any_able || (allowed && fit(*member->spec, needs) != Fit::cannot);
    }
    if (!made) {
      ++refused;
      EXPECT_FALSE(any_inside && any_able) << made.error().message;
      continue;
    }
    for (const Target& target : made->targets) {
      EXPECT_NE(fit(*target.deployment->spec, needs), Fit::cannot);
      const bool of_order = target.tier != "code";
      EXPECT_TRUE(!of_order || !any_inside || inside(place(target.tier))) << target.tier;
      EXPECT_TRUE(of_order || specialist);
    }
    if (!specialist && place(made->targets.front().tier) > place(pick)) ++raised;
  }
  EXPECT_GT(refused, 500);
  EXPECT_GT(raised, 2000);
}

}  // namespace
}  // namespace triage
