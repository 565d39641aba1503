#include "app/edit_config.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

constexpr const char* providers =
    "providers: {p: {base_url: \"https://x.example\"}}\n"
    "deployments: {m: {provider: p}}\n"
    "routes:\n  chat:\n    tiers: {small: [m], large: [m]}\n    routers:\n";

// What becomes of a router's options with `at_least: 0.61`.
std::optional<std::string> edited(const std::string& router) {
  const std::string yaml = providers + router;
  const Loaded loaded = load_text(yaml, "f.yaml");
  const options::Path at = options::Path{"routes", "chat", "routers"} / std::size_t{0} / "similarity";
  const options::Origin* const own = loaded.origins.find(at / "at_least");
  const options::Origin* const neighbour = loaded.origins.find(at / "examples");
  EXPECT_NE(neighbour, nullptr);
  const auto out =
      own != nullptr ? with_scalar(yaml, *own, "0.61") : with_key_before(yaml, *neighbour, "at_least", "0.61");
  if (!out) return std::nullopt;
  EXPECT_TRUE(out->starts_with(providers));
  return out->substr(std::string_view(providers).size());
}

TEST(EditConfig, ReplacesAValue) {
  EXPECT_EQ(edited("      - similarity: {at_least: 0.9, examples: x}  # why\n"),
            "      - similarity: {at_least: 0.61, examples: x}  # why\n");
  EXPECT_EQ(edited("      - similarity:\n          examples: x\n          at_least:   0.88 # why\n"),
            "      - similarity:\n          examples: x\n          at_least:   0.61 # why\n");
}

TEST(EditConfig, AddsAKeyInTheStyleOfItsNeighbour) {
  EXPECT_EQ(edited("      - similarity: {examples: x, tier: large}\n"),
            "      - similarity: {at_least: 0.61, examples: x, tier: large}\n");
  EXPECT_EQ(edited("      - similarity: {tier: large, examples: x}\n"),
            "      - similarity: {tier: large, at_least: 0.61, examples: x}\n");
  EXPECT_EQ(edited("      - similarity:\n          tier: large\n          examples: x\n"),
            "      - similarity:\n          tier: large\n          at_least: 0.61\n          examples: x\n");
  EXPECT_EQ(edited("      - {\"similarity\": {\n          \"examples\": \"x\"}}\n"),
            "      - {\"similarity\": {\n          at_least: 0.61, \"examples\": \"x\"}}\n");
}

TEST(EditConfig, LeavesWhatItDoesNotFind) {
  EXPECT_EQ(edited("      - similarity: {at_least: \"0.9\", examples: x}\n"), std::nullopt);
  options::Origin beyond{{0, 99, 99}, {0, 99, 99}, "0.9"};
  EXPECT_EQ(with_scalar("a: 0.9\n", beyond, "0.61"), std::nullopt);
}

}  // namespace
}  // namespace triage
