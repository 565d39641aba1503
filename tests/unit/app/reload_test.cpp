#include "app/reload.hpp"

#include "support/fake_exchange.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace triage {
namespace {

using Looks = std::vector<std::string>;

TEST(Settling, AChangeCountsOnceItLooksTheSameTwice) {
  Settling settling;
  settling.accept({"a"});
  EXPECT_FALSE(settling.look({"a"}));
  EXPECT_FALSE(settling.look({"a"}));
  EXPECT_FALSE(settling.look({"half"}));
  EXPECT_FALSE(settling.look({"whole"})) << "still being written";
  EXPECT_TRUE(settling.look({"whole"}));
  settling.accept({"whole"});
  EXPECT_FALSE(settling.look({"whole"}));
}

TEST(Settling, WhatIsBackAsItWasIsNoChange) {
  Settling settling;
  settling.accept({"a", "b"});
  EXPECT_FALSE(settling.look({"a", "c"}));
  EXPECT_FALSE(settling.look({"a", "b"}));
  EXPECT_FALSE(settling.look({"a", "b"}));
}

TEST(KeepWhatIsFixed, NamesWhatDiffersAndKeepsTheOld) {
  ConfigSpec running;
  ConfigSpec fresh;
  EXPECT_EQ(keep_what_is_fixed(running, fresh), Looks());
  fresh.listen.address.port = 1;
  fresh.listen.loops = 7;
  fresh.listen.tls.emplace();
  fresh.admin.address.port = 2;
  fresh.limits.head_fields = 5;
  EXPECT_EQ(keep_what_is_fixed(running, fresh),
            (Looks{"listen.address", "listen.tls", "listen.loops", "admin.address"}));
  EXPECT_EQ(fresh.listen.address, running.listen.address);
  EXPECT_EQ(fresh.listen.loops, 0U);
  EXPECT_FALSE(fresh.listen.tls);
  EXPECT_EQ(fresh.admin.address, running.admin.address);
  EXPECT_EQ(fresh.limits.head_fields, 5U) << "that can change";
}

class ReloadsTest : public testing::Test, protected admin::Control {
 protected:
  explicit ReloadsTest(const std::string& listen = "127.0.0.1:1", const std::string& more = "")
      : listen_(listen),
        reloads_(
            at_start(more), [this] { return load(); }, user(), metrics_) {}

  // Keys make any address good.
  static constexpr auto keys =
      "keys: [{name: k, sha256: \""
      "00000000000000000000000000000000"
      "00000000000000000000000000000000"
      "\"}]\n";

  [[nodiscard]] Loaded load() const {
    Loaded loaded = load_text(text_, "c.yaml");
    loaded.spec.listen.address = listen_ == "0.0.0.0:1" ? Address{"0.0.0.0", 1} : Address{"127.0.0.1", 1};
    return loaded;
  }
  Loaded at_start(const std::string& more) {
    text_ = more + text_;
    Loaded first = load();
    EXPECT_TRUE(first.ok());
    return first;
  }
  Reloads::Use user() {
    return [this](const ConfigSpec& spec, const std::string& version) {
      if (refuses_) throw std::runtime_error("no router is called 'x'");
      used_.push_back(version);
      spec_ = spec;
    };
  }
  [[nodiscard]] std::int64_t count(const char* result) {
    return metrics_.counter("triage_reloads_total", "", {{"result", result}}).value();
  }
  nlohmann::json post(admin::Admin& admin, int status, const std::function<void()>& meanwhile) {
    test::FakeExchange exchange("POST", "/admin/reload");
    test::Running running(admin, exchange);
    EXPECT_FALSE(running.poll()) << "it waits for the reload";
    EXPECT_TRUE(woken_);
    meanwhile();
    EXPECT_TRUE(running.poll());
    EXPECT_EQ(exchange.status(), status);
    return nlohmann::json::parse(exchange.body());
  }

  [[nodiscard]] bool ready() const override { return true; }
  [[nodiscard]] admin::ConfigState config_state() const override { return reloads_.state(); }
  [[nodiscard]] std::string config() const override { return "{}"; }
  [[nodiscard]] bool answers_to(std::string_view) const override { return true; }
  [[nodiscard]] std::vector<std::string> problems() const override { return {}; }
  [[nodiscard]] Result<std::string> actor(const RequestHead&) const override { return std::string("admin"); }
  [[nodiscard]] Result<admin::Reader> reader(const RequestHead&) const override { return admin::Reader{}; }
  Async<Result<std::string>> view(admin::ViewRequest) override { co_return Result<std::string>(std::string("{}")); }
  [[nodiscard]] std::string experiment_metrics() const override { return {}; }
  [[nodiscard]] std::string experiments() const override { return "{}"; }
  [[nodiscard]] Result<std::string> experiment(const std::string&) const override { return std::string("{}"); }
  Async<Result<std::string>> change_experiment(admin::ExperimentChange) override {
    co_return Result<std::string>(std::string("{}"));
  }
  Async<Result<admin::Reloaded>> reload() override {
    return reloads_.ask([this] { woken_ = true; });
  }

  static constexpr auto good =
      "providers: {p: {base_url: \"http://127.0.0.1:1/v1\"}}\ndeployments: {a: {provider: p}}\n";
  static constexpr auto other =
      "providers: {p: {base_url: \"http://127.0.0.1:1/v1\"}}\ndeployments: {b: {provider: p}}\n";
  static constexpr auto bad =
      "providers: {p: {base_url: \"http://127.0.0.1:1/v1\"}}\ndeployments: {a: {provider: q}}\nx: 1\n";

  std::string text_ = good;
  std::string listen_;
  Metrics metrics_;
  bool refuses_ = false;
  bool woken_ = false;
  std::vector<std::string> used_;
  ConfigSpec spec_;
  Reloads reloads_;
};

TEST_F(ReloadsTest, AnotherConfigurationIsTakenUp) {
  const std::string first = reloads_.state().version;
  text_ = other;
  const auto came = reloads_.run("test");
  EXPECT_EQ(came.problem, "");
  EXPECT_TRUE(came.changed);
  EXPECT_EQ(used_, Looks{came.state.version});
  EXPECT_NE(came.state.version, first);
  EXPECT_EQ(reloads_.state().version, came.state.version);
  EXPECT_EQ(count("ok"), 1);
}

TEST_F(ReloadsTest, TheSameOneIsNot) {
  const auto came = reloads_.run("test");
  EXPECT_EQ(came.problem, "");
  EXPECT_FALSE(came.changed);
  EXPECT_TRUE(used_.empty());
  EXPECT_EQ(count("unchanged"), 1);
}

TEST_F(ReloadsTest, ABadOneChangesNothingAndIsToldWhole) {
  const std::string first = reloads_.state().version;
  text_ = bad;
  const auto came = reloads_.run("test");
  EXPECT_TRUE(used_.empty());
  EXPECT_FALSE(came.changed);
  EXPECT_NE(came.problem.find("c.yaml:2:"), std::string::npos) << came.problem;
  EXPECT_NE(came.problem.find("c.yaml:3:"), std::string::npos) << "all mistakes: " << came.problem;
  EXPECT_EQ(reloads_.state().version, first);
  EXPECT_EQ(reloads_.state().last_error, came.problem);
  EXPECT_EQ(count("failed"), 1);
  text_ = good;
  EXPECT_FALSE(reloads_.run("test").changed);
  EXPECT_EQ(reloads_.state().last_error, "") << "mended";
}

TEST_F(ReloadsTest, OneThatCannotBeUsedChangesNothing) {
  text_ = other;
  refuses_ = true;
  const std::string first = reloads_.state().version;
  EXPECT_EQ(reloads_.run("test").problem, "no router is called 'x'");
  EXPECT_EQ(reloads_.state().version, first);
  refuses_ = false;
  EXPECT_TRUE(reloads_.run("test").changed);
}

TEST_F(ReloadsTest, WhatOnlyAStartCanChangeIsNamedAndStays) {
  text_ = std::string(good) + "listen: {loops: 3}\n";
  const auto came = reloads_.run("test");
  EXPECT_EQ(came.state.at_next_start, Looks{"listen.loops"});
  EXPECT_EQ(spec_.listen.loops, 0U);
  EXPECT_EQ(reloads_.run("test").state.at_next_start, Looks{"listen.loops"}) << "still so";
  text_ = good;
  EXPECT_EQ(reloads_.run("test").state.at_next_start, Looks());
}

TEST_F(ReloadsTest, TheAdminApiIsAnsweredByTheReload) {
  admin::Admin admin(metrics_, *this);
  text_ = other;
  const auto told = post(admin, 200, [this] { reloads_.answer_requests(); });
  EXPECT_EQ(told["version"], reloads_.state().version);
  EXPECT_EQ(told["changed"], true);
  text_ = bad;
  const auto refused = post(admin, 422, [this] { reloads_.answer_requests(); });
  EXPECT_EQ(refused["error"]["code"], "invalid_config");
  EXPECT_NE(refused["error"]["message"].get<std::string>().find("c.yaml:3:"), std::string::npos);
  reloads_.answer_requests();
  EXPECT_EQ(count("ok") + count("failed") + count("unchanged"), 2) << "no request, no reload";
}

TEST_F(ReloadsTest, NoneOnceTheGatewayStops) {
  admin::Admin admin(metrics_, *this);
  const auto told = post(admin, 503, [this] { reloads_.stop(); });
  EXPECT_EQ(told["error"]["code"], "shutting_down");
  test::FakeExchange late("POST", "/admin/reload");
  EXPECT_TRUE(test::run(admin, late));
  EXPECT_EQ(late.status(), 503);
}

class ExposedReloadsTest : public ReloadsTest {
 protected:
  ExposedReloadsTest() : ReloadsTest("0.0.0.0:1", keys) {}
};

TEST_F(ExposedReloadsTest, TheLastKeyOfAnOpenAddressStays) {
  text_ = other;
  const auto came = reloads_.run("test");
  EXPECT_NE(came.problem.find("add `keys`"), std::string::npos) << came.problem;
  EXPECT_TRUE(used_.empty());
  text_ = std::string(keys) + other;
  EXPECT_TRUE(reloads_.run("test").changed);
  text_ = std::string(other) + "listen: {unauthenticated: allow}\n";
  EXPECT_TRUE(reloads_.run("test").changed) << "it was said that this is wanted";
}

}  // namespace
}  // namespace triage
