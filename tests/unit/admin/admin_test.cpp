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
  int ask(const std::string& method, const std::string& path, std::vector<test::OwnedField> fields = {},
          const std::string& body = "") {
    FakeExchange exchange(method, path, body, fields);
    for (const auto& [name, value] : fields)
      if (name == "host") exchange.edit_head().host = value;
    EXPECT_TRUE(test::run(admin_, exchange));
    for (const std::string& rule : exchange.misuse()) ADD_FAILURE() << rule;
    body_ = exchange.body();
    allow_ = exchange.field("allow").value_or("");
    for (const char* name : {"location", "etag", "content-type", "content-security-policy", "x-content-type-options",
                             "x-frame-options", "cache-control"})
      fields_[name] = exchange.field(name).value_or("");
    return exchange.status();
  }
  [[nodiscard]] json told() const { return json::parse(body_); }

  [[nodiscard]] bool ready() const override { return ready_; }
  [[nodiscard]] ConfigState config_state() const override { return state_; }
  [[nodiscard]] bool answers_to(std::string_view host) const override { return is_own_host(host, spec_); }
  [[nodiscard]] std::string config() const override { return R"({"listen":{}})"; }
  [[nodiscard]] std::vector<std::string> problems() const override { return problems_; }
  Async<Result<Reloaded>> reload() override {
    ++reloads_;
    Reloaded came;
    came.state = state_;
    came.changed = true;
    co_return came;
  }

  [[nodiscard]] Result<std::string> actor(const RequestHead& head) const override {
    if (key_.empty()) return std::string("admin");
    if (find_field(head.fields, "authorization") != "Bearer " + key_)
      return Error{ErrorCode::invalid_api_key, "the admin key is missing"};
    return std::string("ops");
  }
  [[nodiscard]] Result<Reader> reader(const RequestHead& head) const override {
    const bool sent = !key_.empty() && actor(head).has_value();
    return Reader{key_.empty() || sent, !key_.empty(), sent};
  }
  Async<Result<std::string>> view(ViewRequest request) override {
    views_.push_back(request);
    if (request.name == "request") co_return Error{ErrorCode::not_found, "no such request"};
    co_return std::string(R"({"rows":[]})");
  }
  [[nodiscard]] std::string experiment_metrics() const override { return "triage_experiment_stage 2\n"; }
  [[nodiscard]] std::string experiments() const override { return R"({"experiments":[]})"; }
  [[nodiscard]] Result<std::string> experiment(const std::string& name) const override {
    if (name != "cheaper") return Error{ErrorCode::not_found, "no such experiment"};
    return std::string(R"({"name":"cheaper"})");
  }
  Async<Result<std::string>> change_experiment(ExperimentChange change) override {
    changes_.push_back(change);
    if (change.action == "promote") co_return Error{ErrorCode::conflict, "it is rolled back"};
    co_return experiment(change.name);
  }

  AdminSpec spec_;
  std::string key_;
  std::vector<ExperimentChange> changes_;
  std::vector<ViewRequest> views_;
  std::map<std::string, std::string> fields_;
  Metrics metrics_;
  Admin admin_{metrics_, *this};
  bool ready_ = true;
  std::vector<std::string> problems_;
  int reloads_ = 0;
  ConfigState state_{"0123456789ab", 1'700'000'000, "", {}};
  std::string body_;
  std::string allow_;
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
  EXPECT_EQ(allow_, "GET, HEAD");
  EXPECT_EQ(ask("GET", "/admin/reload"), 405);
  EXPECT_EQ(allow_, "POST");
  EXPECT_EQ(ask("DELETE", "/metrics"), 405);
  EXPECT_EQ(ask("GET", "/admin/reload/"), 404);
  EXPECT_EQ(ask("GET", "/nowhere"), 404);
}

TEST_F(AdminTest, TheDashboardIsServedWithFieldsThatKeepOthersOut) {
  for (const std::string path : {"/", "/dashboard"}) {
    EXPECT_EQ(ask("GET", path), 308) << path;
    EXPECT_EQ(fields_["location"], "/dashboard/");
  }
  for (const auto& [path, type] :
       std::map<std::string, std::string>{{"/dashboard/", "text/html; charset=utf-8"},
                                          {"/dashboard/style.css", "text/css; charset=utf-8"},
                                          {"/dashboard/app.js", "text/javascript; charset=utf-8"}}) {
    EXPECT_EQ(ask("GET", path), 200) << path;
    EXPECT_FALSE(body_.empty());
    EXPECT_EQ(fields_["content-type"], type);
    EXPECT_EQ(fields_["x-content-type-options"], "nosniff");
    EXPECT_EQ(fields_["x-frame-options"], "DENY");
    EXPECT_TRUE(fields_["content-security-policy"].starts_with("default-src 'self'; "));
    EXPECT_NE(fields_["content-security-policy"].find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(fields_["content-security-policy"].find("unsafe"), std::string::npos);
  }
  const std::string tag = fields_["etag"];
  EXPECT_EQ(ask("GET", "/dashboard/style.css", {{"if-none-match", tag}}), 304);
  EXPECT_TRUE(body_.empty());
  EXPECT_EQ(ask("GET", "/dashboard/app.js", {{"if-none-match", "\"other\""}}), 200);
  EXPECT_EQ(ask("GET", "/dashboard/../admin/config"), 404);
  EXPECT_EQ(ask("GET", "/dashboard/nothing.js"), 404);
  EXPECT_EQ(ask("POST", "/dashboard/"), 405);
  EXPECT_EQ(ask("GET", "/dashboard/", {{"host", "rebound.example"}}), 421);
}

TEST_F(AdminTest, ViewsAreForTheDashboardsOwnPages) {
  EXPECT_EQ(ask("GET", "/api/ui/requests?route=a%26b&before=5"), 200);
  EXPECT_EQ(told(), json({{"rows", json::array()}}));
  ASSERT_EQ(views_.size(), 1U);
  EXPECT_EQ(views_[0].name, "requests");
  EXPECT_EQ(views_[0].query, "route=a%26b&before=5");
  EXPECT_TRUE(views_[0].reader.texts);
  EXPECT_FALSE(views_[0].reader.has_key);
  EXPECT_EQ(fields_["cache-control"], "no-store");
  EXPECT_EQ(fields_["x-content-type-options"], "nosniff");
  EXPECT_EQ(ask("GET", "/api/ui/request?id=x"), 404);
  EXPECT_EQ(ask("GET", "/api/ui/nothing"), 404);
  EXPECT_EQ(ask("GET", "/api/ui/requests", {{"host", "rebound.example:9090"}}), 421);
  EXPECT_EQ(ask("GET", "/api/ui/requests", {{"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(ask("GET", "/api/ui/requests", {{"sec-fetch-site", "same-site"}}), 403);
  EXPECT_EQ(ask("GET", "/api/ui/requests", {{"sec-fetch-site", "same-origin"}}), 200);
  EXPECT_EQ(ask("GET", "/api/ui/explain"), 405);
  EXPECT_EQ(ask("POST", "/api/ui/explain", {}, "{}"), 403);
  EXPECT_EQ(ask("POST", "/api/ui/explain", {{"x-triage-dashboard", "1"}}, R"({"prompt":"x"})"), 200);
  EXPECT_EQ(views_.back().body, R"({"prompt":"x"})");
  const test::OwnedField mark{"x-triage-dashboard", "1"};
  EXPECT_EQ(ask("POST", "/api/ui/explain", {mark, {"origin", "http://localhost"}}, "{}"), 200);
  EXPECT_EQ(ask("POST", "/api/ui/explain", {mark, {"origin", "http://evil.example"}}, "{}"), 403);
  EXPECT_EQ(ask("POST", "/api/ui/explain", {mark, {"origin", "null"}}, "{}"), 403);
}

TEST_F(AdminTest, TheDashboardChangesNothingWithoutTheKey) {
  const test::OwnedField mark{"x-triage-dashboard", "1"};
  const test::OwnedField own{"origin", "http://localhost"};
  const test::OwnedField key{"authorization", "Bearer tk_secret"};
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {mark, own}), 403);  // there is no key
  key_ = "tk_secret";
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {mark, own}), 401);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {own, key}), 403);  // as a form would send it
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {mark, key, {"origin", "http://evil.example"}}), 403);
  EXPECT_TRUE(changes_.empty());
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {mark, own, key}), 200);
  ASSERT_EQ(changes_.size(), 1U);
  EXPECT_EQ(changes_[0].actor, "ops");
  EXPECT_EQ(ask("GET", "/api/ui/requests"), 200);
  EXPECT_FALSE(views_.back().reader.texts);
  EXPECT_EQ(ask("GET", "/api/ui/requests", {key}), 200);
  EXPECT_TRUE(views_.back().reader.texts);
}

TEST_F(AdminTest, ExperimentsAreShownAndChanged) {
  EXPECT_EQ(ask("GET", "/admin/experiments"), 200);
  EXPECT_EQ(told(), json::parse(R"({"experiments":[]})"));
  EXPECT_EQ(ask("GET", "/admin/experiments/cheaper"), 200);
  EXPECT_EQ(told()["name"], "cheaper");
  EXPECT_EQ(ask("GET", "/admin/experiments/other"), 404);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/rollback", {}, R"({"reason":"users \"complain\""})"), 200);
  ASSERT_EQ(changes_.size(), 1U);
  EXPECT_EQ(changes_[0].name, "cheaper");
  EXPECT_EQ(changes_[0].action, "rollback");
  EXPECT_EQ(changes_[0].actor, "admin");
  EXPECT_EQ(changes_[0].reason, "users \"complain\"");
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start"), 200);
  EXPECT_EQ(changes_[1].reason, "");
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/promote"), 409);
  EXPECT_EQ(told()["error"]["code"], "conflict");
  EXPECT_EQ(ask("GET", "/metrics"), 200);
  EXPECT_NE(body_.find("\ntriage_experiment_stage 2\n"), std::string::npos);
}

TEST_F(AdminTest, WhatIsNoChangeOfAnExperimentIsRefused) {
  EXPECT_EQ(ask("GET", "/admin/experiments/cheaper/start"), 405);
  EXPECT_EQ(allow_, "POST");
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper"), 405);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/destroy"), 404);
  EXPECT_EQ(ask("POST", "/admin/experiments//start"), 404);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start/"), 404);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {{"origin", "https://evil.example"}}), 403);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {}, "reason"), 400);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {}, R"({"why":"x"})"), 400);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {}, R"({"reason":5})"), 400);
  EXPECT_TRUE(changes_.empty());
}

TEST_F(AdminTest, WithAKeyAChangeNeedsIt) {
  key_ = "tk_secret";
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start"), 401);
  EXPECT_EQ(ask("POST", "/admin/reload"), 401);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {{"authorization", "Bearer wrong"}}), 401);
  EXPECT_TRUE(changes_.empty());
  EXPECT_EQ(reloads_, 0);
  EXPECT_EQ(ask("POST", "/admin/experiments/cheaper/start", {{"authorization", "Bearer tk_secret"}}), 200);
  EXPECT_EQ(changes_.at(0).actor, "ops");
  EXPECT_EQ(ask("POST", "/admin/reload", {{"authorization", "Bearer tk_secret"}}), 200);
  EXPECT_EQ(ask("GET", "/admin/experiments"), 200);
}

TEST_F(AdminTest, AnotherHostsNameReadsNothing) {
  spec_.hosts = {"gateway"};
  for (const std::string path : {"/admin/config", "/metrics", "/health/live", "/nowhere"}) {
    EXPECT_EQ(ask("GET", path, {{"host", "rebound.example:9090"}}), 421) << path;
    EXPECT_EQ(told()["error"]["code"], "host_not_allowed");
  }
  EXPECT_EQ(ask("POST", "/admin/reload", {{"host", "rebound.example"}}), 421);
  EXPECT_EQ(reloads_, 0);
  EXPECT_EQ(ask("GET", "/metrics", {{"host", "gateway:9090"}}), 200);
}

TEST(IsOwnHost, ItsAddressLocalhostAndWhatIsConfigured) {
  const AdminSpec one{{"10.0.0.7", 9090}, {"gateway", "Admin.Internal", "[fd00::1]"}};
  const std::vector<std::string> own{"",           "localhost",       "LocalHost:9090",  "127.0.0.1:1234",
                                     "[::1]:9090", "127.0.0.53",      "10.0.0.7:9090",   "gateway",
                                     "GATEWAY:80", "localhost.:9090", "admin.internal.", "[fd00::1]:9090"};
  for (const std::string& host : own) EXPECT_TRUE(is_own_host(host, one)) << host;
  const std::vector<std::string> other{"evil.example",
                                       "localhost.evil.example",
                                       "127.0.0.1.evil.example",
                                       "10.0.0.8",
                                       "xlocalhost",
                                       "gateway.evil.example",
                                       "0x7f.1",
                                       "2130706433",
                                       "evil.example:9090",
                                       "0.0.0.0",
                                       "192.168.0.1",
                                       "[fd00::2]"};
  for (const std::string& host : other) EXPECT_FALSE(is_own_host(host, one)) << host;
}

TEST(IsOwnHost, WhereItListensOnAllAddressesAnyOfThemIsItsOwn) {
  for (const std::string everywhere : {"0.0.0.0", "::"}) {
    const AdminSpec all{{everywhere, 9090}, {}};
    EXPECT_TRUE(is_own_host("192.168.0.1:9090", all));
    EXPECT_TRUE(is_own_host("[fd00::2]:9090", all));
    EXPECT_FALSE(is_own_host("evil.example:9090", all));
  }
}

}  // namespace
}  // namespace triage::admin
