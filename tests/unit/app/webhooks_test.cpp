#include "app/webhooks.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

TEST(Webhooks, TheBodyIsTheDecision) {
  experiment::Decision decision;
  decision.name = "cheaper";
  decision.action = "rollback";
  decision.share = 0;
  decision.reason = "thumbs \"fell\"";
  decision.figures = R"({"clock_ms":5})";
  const auto body = nlohmann::json::parse(webhook_body(decision));
  EXPECT_EQ(body["action"], "rollback");
  EXPECT_EQ(body["reason"], "thumbs \"fell\"");
  EXPECT_TRUE(body["actor"].is_null());
  EXPECT_EQ(body["figures"]["clock_ms"], 5);
}

// Expected: Python's hmac.new(b"Jefe", b"1700000000.{}", "sha256").
TEST(Webhooks, TheSignatureCoversTimeAndBody) {
  const std::string signature = webhook_signature("Jefe", "1700000000", "{}");
  EXPECT_EQ(signature, "sha256=d3793e2b4103edfbd98cc19591832f5fad701d413db9fcae0ae7dab8184ed207");
  EXPECT_NE(signature, webhook_signature("Jefe", "1700000001", "{}"));
  EXPECT_NE(signature, webhook_signature("Jefe", "1700000000", "[]"));
  EXPECT_NE(signature, webhook_signature("jefe", "1700000000", "{}"));
}

}  // namespace
}  // namespace triage
