#include "admin/admin.hpp"

#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::admin {
namespace {

using nlohmann::json;
using test::FakeExchange;

class AdminTest : public testing::Test, protected Control {
 protected:
  int ask(const std::string& method, const std::string& path, std::vector<test::OwnedField> fields = {}) {
    FakeExchange exchange(method, path, "", std::move(fields));
    EXPECT_TRUE(test::run(admin_, exchange));
    for (const std::string& rule : exchange.misuse()) ADD_FAILURE() << rule;
    body_ = exchange.body();
    return exchange.status();
  }
  [[nodiscard]] json told() const { return json::parse(body_); }

  [[nodiscard]] bool ready() const override { return ready_; }
  [[nodiscard]] ConfigState config_state() const override { return state_; }
  [[nodiscard]] std::string config() const override { return R"({"listen":{}})"; }
  [[nodiscard]] std::vector<std::string> problems() const override { return problems_; }
  Async<Result<Reloaded>> reload() override {
    ++reloads_;
    Reloaded came;
    came.state = state_;
    came.changed = true;
    co_return came;
  }

  Metrics metrics_;
  Admin admin_{metrics_, *this};
  bool ready_ = true;
  std::vector<std::string> problems_;
  int reloads_ = 0;
  ConfigState state_{"0123456789ab", 1'700'000'000, "", {}};
  std::string body_;
};

TEST_F(AdminTest, Health) {
  EXPECT_EQ(ask("GET", "/health/live"), 200);
  EXPECT_EQ(told()["status"], "live");
  EXPECT_EQ(ask("GET", "/health/ready"), 200);
  EXPECT_EQ(told()["status"], "ready");
  EXPECT_EQ(told()["version"], "0123456789ab");
  EXPECT_TRUE(told()["last_reload_error"].is_null());
  ready_ = false;
  EXPECT_EQ(ask("GET", "/health/ready"), 503);
  EXPECT_EQ(told()["status"], "stopping");
}

TEST_F(AdminTest, AFailedReloadIsSeenAndDoesNotMakeItUnready) {
  state_.last_error = "c.yaml:1:1: error: \xff\"quoted\"";
  state_.at_next_start = {"listen.loops"};
  EXPECT_EQ(ask("GET", "/health/ready"), 200);
  EXPECT_NE(told()["last_reload_error"].get<std::string>().find("\"quoted\""), std::string::npos);
  EXPECT_EQ(told()["at_next_start"], json({"listen.loops"}));
  EXPECT_EQ(ask("GET", "/metrics"), 200);
  EXPECT_NE(body_.find("\ntriage_config_last_reload_ok 0\n"), std::string::npos) << body_;
}

TEST_F(AdminTest, MetricsShowTheVersionInForceOnly) {
  metrics_.counter("triage_x_total", "X.").add(3);
  EXPECT_EQ(ask("GET", "/metrics"), 200);
  state_.version = "ba9876543210";
  EXPECT_EQ(ask("GET", "/metrics"), 200);
  EXPECT_NE(body_.find("\ntriage_x_total 3\n"), std::string::npos) << body_;
  EXPECT_NE(body_.find("\ntriage_config_info{version=\"ba9876543210\"} 1\n"), std::string::npos) << body_;
  EXPECT_EQ(body_.find("0123456789ab"), std::string::npos);
  EXPECT_NE(body_.find("\ntriage_config_loaded_timestamp_seconds 1700000000\n"), std::string::npos);
  EXPECT_NE(body_.find("\ntriage_config_last_reload_ok 1\n"), std::string::npos);
}

TEST_F(AdminTest, ReloadIsAPostThatNoBrowserSent) {
  EXPECT_EQ(ask("GET", "/admin/reload"), 405);
  EXPECT_EQ(ask("POST", "/admin/reload", {{"origin", "https://evil.example"}}), 403);
  EXPECT_EQ(told()["error"]["code"], "origin_not_allowed");
  EXPECT_EQ(ask("POST", "/admin/reload", {{"Origin", "null"}}), 403);
  EXPECT_EQ(reloads_, 0);
  EXPECT_EQ(ask("POST", "/admin/reload"), 200);
  EXPECT_EQ(reloads_, 1);
  EXPECT_EQ(told(), json({{"version", "0123456789ab"}, {"changed", true}, {"at_next_start", json::array()}}));
}

TEST_F(AdminTest, EverythingElseIsRefused) {
  EXPECT_EQ(ask("GET", "/admin/config"), 200);
  EXPECT_EQ(body_, R"({"listen":{}})");
  EXPECT_EQ(ask("POST", "/admin/config"), 405);
  EXPECT_EQ(ask("DELETE", "/metrics"), 405);
  EXPECT_EQ(ask("GET", "/admin/reload/"), 404);
  EXPECT_EQ(ask("GET", "/"), 404);
}

}  // namespace
}  // namespace triage::admin
