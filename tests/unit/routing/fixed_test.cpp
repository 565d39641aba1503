#include "routing/weighted.hpp"
#include "unit/routing/routed.hpp"

namespace triage::routing {
namespace {

TEST(FixedRouter, AlwaysPicksItsTier) {
  TestRoute route;
  route.fixed("medium");
  route.build();
  const Opinion said = route.chain[0]->pick(Asked(Asked::chat("hi")).input());
  EXPECT_EQ(route.chain[0]->kind(), "fixed");
  EXPECT_EQ(said.tier, "medium");
  EXPECT_FALSE(said.reason.empty());
}

TEST(WeightedRouter, PicksTheTierWhoseWeightsCount) {
  TestRoute route;
  route.add({"weighted", WeightedRouterSpec{"small"}});
  route.build();
  EXPECT_EQ(route.chain[0]->kind(), "weighted");
  EXPECT_EQ(route.decide(Asked(Asked::chat("hi"))).tier, "small");
}

TEST(Routers, AnUnknownKindHasNoRouter) {
  const TestRoute route;
  RouterSpec spec;
  spec.kind = "telepathy";
  EXPECT_EQ(make_router(spec, {route.route, route.order}), nullptr);
}

}  // namespace
}  // namespace triage::routing
