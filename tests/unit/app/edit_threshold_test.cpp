// What `triage sweep --write` relies on: options of a router are found by their place and changed there alone.
#include "app/edit_config.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

const std::string yaml =
    "providers: {p: {base_url: \"http://127.0.0.1:1/v1\"}}\n"
    "deployments: {m: {provider: p}}\n"
    "tiers: [small, large]\n"
    "routes:\n"
    "  chat:\n"
    "    tiers: {small: [m], large: [m]}\n"
    "    routers:\n"
    "      - fixed: {tier: small}  # small is enough\n";

TEST(EditThreshold, AnOptionOfARouterIsChangedInItsPlace) {
  const Loaded loaded = load_text(yaml, "triage.yaml");
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.diagnostics.front());
  const options::Origin* const origin = loaded.origins.find({"routes", "chat", "routers", "[0]", "fixed", "tier"});
  ASSERT_NE(origin, nullptr);
  EXPECT_EQ(origin->place.line, 8);
  const auto changed = with_scalar(yaml, *origin, "large");
  ASSERT_TRUE(changed);
  std::string expected = yaml;
  expected.replace(expected.find("tier: small"), 11, "tier: large");
  EXPECT_EQ(*changed, expected);
}

}  // namespace
}  // namespace triage
