// Access tokens: asked for once, kept, renewed, given to every call; a provider that refuses one.
#include "upstream/authorized_upstream.hpp"

#include "support/canned_upstream.hpp"

#include <boost/asio/co_spawn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace triage {
namespace {

using test::Canned;
using test::CannedUpstream;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view application =
    R"({"clientId":"id","clientSecret":"app-secret","tenantId":"t","authority":"https://login.example.com"})";

Canned says(int status, std::string body) {
  Canned out;
  out.status = status;
  out.pieces = {std::move(body)};
  return out;
}

Canned token(const std::string& text, int lifetime = 3600) {
  return says(200, R"({"access_token":")" + text + R"(","expires_in":)" + std::to_string(lifetime) + "}");
}

// An upstream over a canned one, and a credentials file.
class Authorized : public testing::Test {
 protected:
  Authorized() {
    write(application);
    provider_.name = "p";
    provider_.base_url = {true, "api.example.com", 443, ""};
    provider_.credentials.file = file_;
    canned_.script = [this](const CannedUpstream::Sent& sent) { return answer(sent); };
  }
  ~Authorized() override { std::filesystem::remove(file_); }

  void write(std::string_view text) const { std::ofstream(file_) << text; }

  std::optional<Canned> answer(const CannedUpstream::Sent& sent) {
    if (sent.provider != "p") {
      asked_.push_back(sent);
      const std::size_t last = std::min(asked_.size(), tokens_.size());
      return tokens_.at(last - 1);
    }
    seen_.push_back(sent.field("authorization"));
    return on_call_ ? on_call_(sent) : says(200, "{}");
  }

  struct Got {
    int status = 0;
    std::string body;
    std::string error;
    std::vector<std::string> fields;
  };

  Async<void> make(Got& got, Cancellation& gone, int& running) {
    HttpCall call;
    call.target = "/x";
    call.fields = {{"Content-Type", "application/json"}};
    call.body = {"{}"};
    const CallTimeouts timeouts;
    auto reply = co_await upstream_->send(provider_, call, timeouts, gone);
    if (!reply) got.error = reply.error().message;
    while (reply) {
      got.status = (*reply)->head().status;
      const auto piece = co_await (*reply)->next();
      if (!piece || piece->empty()) break;
      got.body += *piece;
    }
    if (reply)
      for (const Field& field : (*reply)->head().fields) got.fields.emplace_back(field.value);
    --running;
  }

  std::vector<Got> call(int count = 1) {
    std::vector<Got> out(static_cast<std::size_t>(count));
    std::vector<Cancellation> gone(static_cast<std::size_t>(count));
    int running = count;
    for (int i = 0; i < count; ++i)
      asio::co_spawn(loop_.io, make(out[static_cast<std::size_t>(i)], gone[static_cast<std::size_t>(i)], running),
                     [](const std::exception_ptr& broken) { EXPECT_FALSE(broken); });
    run_until([&] { return running == 0; });
    return out;
  }

  template <class Condition>
  void run_until(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition() && std::chrono::steady_clock::now() < until) {
      loop_.io.restart();
      loop_.io.run_one_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(condition());
  }

  const std::string file_ = testing::TempDir() + "credentials-" + std::to_string(getpid());
  std::vector<Canned> tokens_{token("t1")};
  std::vector<CannedUpstream::Sent> asked_;  // for tokens
  std::vector<std::string> seen_;            // what calls had as Authorization
  std::function<Canned(const CannedUpstream::Sent&)> on_call_;
  Provider provider_;
  Metrics metrics_;
  Loop loop_{0};
  CannedUpstream canned_;
  std::unique_ptr<AuthorizedUpstream> upstream_ = std::make_unique<AuthorizedUpstream>(canned_, loop_, metrics_);
};

TEST_F(Authorized, AsksForATokenOnceHoweverManyCallsWait) {
  for (const Got& got : call(5)) EXPECT_EQ(got.status, 200) << got.error;
  call();
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].target, "/t/oauth2/v2.0/token");
  EXPECT_THAT(asked_[0].body, HasSubstr("client_secret=app-secret"));
  EXPECT_EQ(asked_[0].field("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(seen_, std::vector<std::string>(6, "Bearer t1"));
  EXPECT_EQ(metrics_.counter("triage_access_tokens_total", "", {{"provider", "p"}, {"result", "ok"}}).value(), 1);
}

TEST_F(Authorized, LeavesOtherProvidersAlone) {
  provider_.credentials = {};
  EXPECT_EQ(call()[0].status, 200);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(seen_, std::vector<std::string>{""});
}

TEST_F(Authorized, FailsWithTheWordsOfTheTokenServerAndDoesNotAskAtOnceAgain) {
  tokens_ = {says(400, R"({"error":"invalid_client","error_description":"AADSTS7000215"})")};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(
        call()[0].error,
        "provider 'p': no access token: the token server answered with status 400: invalid_client: AADSTS7000215");
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(Authorized, SaysWhyAFileIsOfNoUse) {
  write(R"({"clientId":"id","clientSecret":"app-secret"})");
  EXPECT_EQ(call()[0].error, "provider 'p': no access token: the credentials file is of no use: it has no 'tenantId'");
}

TEST_F(Authorized, SendsNoSecretOverPlainHttp) {
  write(R"({"clientId":"id","clientSecret":"s","tenantId":"t","authority":"http://login.example.com"})");
  EXPECT_EQ(call()[0].error, "provider 'p': no access token: the credentials would be sent over plain http");
  EXPECT_TRUE(asked_.empty());
}

TEST_F(Authorized, TakesATokenFromAFile) {
  write("found-token\n");
  EXPECT_EQ(call()[0].status, 200);
  EXPECT_EQ(seen_, std::vector<std::string>{"Bearer found-token"});
  EXPECT_TRUE(asked_.empty());
}

TEST_F(Authorized, AsksTheMetadataServer) {
  provider_.credentials.file.clear();
  provider_.credentials.metadata = true;
  EXPECT_EQ(call()[0].status, 200);
  EXPECT_EQ(asked_[0].method, "GET");
  EXPECT_EQ(asked_[0].target, "/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_EQ(asked_[0].field("metadata-flavor"), "Google");
}

TEST_F(Authorized, HidesTheTokenInWhatProvidersSayOfErrors) {
  tokens_ = {token("very-secret-token")};
  on_call_ = [](const CannedUpstream::Sent& sent) {
    Canned out = says(403, R"({"error":"not for )" + sent.field("authorization") + "\"}");
    out.fields.emplace_back("x-echo", sent.field("authorization"));
    return out;
  };
  const Got got = call()[0];
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(got.body, R"({"error":"not for Bearer ***"})");
  for (const std::string& value : got.fields) EXPECT_THAT(value, Not(HasSubstr("very-secret-token")));
}

TEST_F(Authorized, KeepsANewTokenThatIsRefused) {
  on_call_ = [](const CannedUpstream::Sent&) { return says(401, "{}"); };
  EXPECT_EQ(call()[0].status, 401);
  EXPECT_EQ(call()[0].status, 401);
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_EQ(seen_.size(), 2U);
}

TEST_F(Authorized, AsksAnewWhenTheCredentialsAreOthers) {
  tokens_ = {token("t1"), token("t2")};
  call();
  const std::string other = file_ + "-2";
  std::ofstream(other) << application;
  provider_.credentials.file = other;
  call();
  std::filesystem::remove(other);
  EXPECT_EQ(seen_, (std::vector<std::string>{"Bearer t1", "Bearer t2"}));
}

TEST_F(Authorized, RenewsATokenBeforeItEnds) {
  tokens_ = {token("t1", 2), token("t2", 3600)};  // the first is renewed after a second
  call();
  run_until([begun = std::chrono::steady_clock::now()] {
    return std::chrono::steady_clock::now() > begun + std::chrono::milliseconds(1100);
  });
  call();  // with the first, while the second is asked for
  run_until([&] { return asked_.size() == 2; });
  run_until([begun = std::chrono::steady_clock::now()] {
    return std::chrono::steady_clock::now() > begun + std::chrono::milliseconds(100);
  });
  call();
  EXPECT_EQ(seen_, (std::vector<std::string>{"Bearer t1", "Bearer t1", "Bearer t2"}));
}

TEST_F(Authorized, GivesUpWithTheClient) {
  Got got;
  Cancellation gone;
  int running = 1;
  asio::co_spawn(loop_.io, make(got, gone, running), [](const std::exception_ptr&) {});
  loop_.io.poll_one();
  gone.fire();
  run_until([&] { return running == 0; });
  EXPECT_EQ(got.error, "the call was given up while it waited for an access token");
  run_until([&] { return asked_.size() == 1; });
}

}  // namespace
}  // namespace triage
