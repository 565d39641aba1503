#include "config/gateway_key.hpp"

#include "base/sha256.hpp"
#include "config/load.hpp"
#include "options/values.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(GatewayKey, ItsLineAdmitsItAndDoesNotHoldIt) {
  const auto key = new_gateway_key("checkout", {"chat", "null"});
  ASSERT_TRUE(key);
  EXPECT_EQ(key->secret.size(), 46u);
  EXPECT_TRUE(key->secret.starts_with("tk_"));
  EXPECT_EQ(key->yaml_line.find(key->secret), std::string::npos);
  EXPECT_EQ(key->yaml_line, "- {name: checkout, sha256: \"" + key->sha256_hex + "\", routes: [chat, \"null\"]}");

  const std::string route = "{tiers: {small: [m]}}";
  const Loaded loaded = load_text(
      "providers: {p: {base_url: \"https://a.example\"}}\ndeployments: {m: {provider: p}}\nroutes: {chat: " + route +
          ", \"null\": " + route + "}\nkeys:\n  " + key->yaml_line + "\n",
      "f");
  ASSERT_TRUE(loaded.ok()) << to_string(loaded.diagnostics.at(0));
  ASSERT_EQ(loaded.spec.keys.size(), 1u);
  EXPECT_EQ(loaded.spec.keys[0].sha256, sha256(key->secret));
  EXPECT_EQ(loaded.spec.keys[0].name, "checkout");
  EXPECT_EQ(loaded.spec.keys[0].routes, (std::vector<std::string>{"chat", "null"}));
}

TEST(GatewayKey, WithoutRoutesItMayUseAll) {
  const auto key = new_gateway_key("a.b", {});
  ASSERT_TRUE(key);
  EXPECT_EQ(key->yaml_line, "- {name: \"a.b\", sha256: \"" + key->sha256_hex + "\"}");
}

TEST(GatewayKey, NoTwoAreTheSame) {
  EXPECT_NE(new_gateway_key("a", {})->secret, new_gateway_key("a", {})->secret);
}

TEST(GatewayKey, RefusesNamesThatTheConfigWouldRefuse) {
  EXPECT_FALSE(new_gateway_key("", {}));
  EXPECT_FALSE(new_gateway_key("a b", {}));
  EXPECT_FALSE(new_gateway_key("a", {"x", "y}"}));
  EXPECT_EQ(new_gateway_key("a b", {}).error().code, ErrorCode::invalid_value);
}

}  // namespace
}  // namespace triage
