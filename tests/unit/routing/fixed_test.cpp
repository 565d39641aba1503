#include "routing/routers.hpp"

#include <gtest/gtest.h>

namespace triage::routing {
namespace {

TEST(FixedRouter, AlwaysPicksItsTier) {
  RouterSpec spec;
  spec.kind = "fixed";
  spec.fixed.tier = "medium";
  const auto router = make_router(spec);
  ASSERT_TRUE(router);
  EXPECT_EQ(router->kind(), "fixed");
  const auto picked = router->pick(ApiRequest{});
  ASSERT_TRUE(picked);
  EXPECT_EQ(picked->tier, "medium");
  EXPECT_FALSE(picked->reason.empty());
}

TEST(Routers, AnUnknownKindHasNoRouter) {
  RouterSpec spec;
  spec.kind = "telepathy";
  EXPECT_EQ(make_router(spec), nullptr);
}

}  // namespace
}  // namespace triage::routing
