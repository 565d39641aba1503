#include "upstream/resolver.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace triage::upstream {
namespace {

using namespace std::chrono_literals;

Addresses list(std::initializer_list<const char*> texts) {
  Addresses addresses;
  for (const char* text : texts) addresses.push_back(asio::ip::make_address(text));
  return addresses;
}

class ResolverTest : public testing::Test {
 protected:
  std::vector<std::function<void(LookupAnswer)>> asked;
  Metrics metrics;
  Resolver resolver{[this](const std::string&, std::function<void(LookupAnswer)> answer) { asked.push_back(answer); },
                    30s, metrics};
  Resolver::Clock::time_point now = Resolver::Clock::now();
};

TEST_F(ResolverTest, AsksOnceWhileItWaitsAndWhileTheAnswerIsFresh) {
  const auto name = resolver.ask("a", now);
  EXPECT_TRUE(name->asking);
  EXPECT_EQ(resolver.ask("a", now), name);
  EXPECT_EQ(asked.size(), 1u);
  asked[0](LookupAnswer{list({"192.0.2.1"}), ""});
  EXPECT_FALSE(name->asking);
  EXPECT_EQ(resolver.ask("a", now + 20s)->addresses, list({"192.0.2.1"}));
  EXPECT_EQ(asked.size(), 1u);
  resolver.ask("b", now);
  EXPECT_EQ(asked.size(), 2u);
}

TEST_F(ResolverTest, AsksAgainAndKeepsTheOldMeanwhile) {
  const auto name = resolver.ask("a", now);
  asked[0](LookupAnswer{list({"192.0.2.1"}), ""});
  resolver.ask("a", now + 31s);
  EXPECT_EQ(asked.size(), 2u);
  EXPECT_TRUE(name->asking);
  EXPECT_EQ(name->addresses, list({"192.0.2.1"}));
  asked[1](LookupAnswer{list({"192.0.2.2"}), ""});
  EXPECT_EQ(name->addresses, list({"192.0.2.2"}));
}

TEST_F(ResolverTest, AFailureKeepsTheOldAndIsNotRepeatedAtOnce) {
  const auto name = resolver.ask("a", now);
  asked[0](LookupAnswer{list({"192.0.2.1"}), ""});
  resolver.ask("a", now + 31s);
  asked[1](LookupAnswer{{}, "no server"});
  EXPECT_EQ(name->addresses, list({"192.0.2.1"}));
  EXPECT_EQ(name->failure, "no server");
  resolver.ask("a", now + 500ms);
  EXPECT_EQ(asked.size(), 2u);
  resolver.ask("a", now + 2s);
  EXPECT_EQ(asked.size(), 3u);
  EXPECT_EQ(metrics.counter("triage_dns_lookups_total", "", {{"result", "failed"}}).value(), 1);
}

TEST_F(ResolverTest, AnAnswerMayComeAfterTheResolver) {
  std::function<void(LookupAnswer)> late;
  {
    Resolver gone([&](const std::string&, std::function<void(LookupAnswer)> answer) { late = std::move(answer); }, 30s,
                  metrics);
    gone.ask("a", now);
  }
  late(LookupAnswer{list({"192.0.2.1"}), ""});
}

TEST_F(ResolverTest, TheNumberOfNamesIsBounded) {
  for (int i = 0; i < 3000; ++i) {
    resolver.ask(std::to_string(i), now);
    asked.back()(LookupAnswer{{}, "unknown"});
  }
  EXPECT_EQ(asked.size(), 3000u);
}

TEST(Interleaved, FamiliesTakeTurns) {
  const auto order = interleaved(list({"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1", "192.0.2.2"}), 443);
  std::string text;
  for (const auto& endpoint : order) text += endpoint.address().to_string() + ' ';
  EXPECT_EQ(text, "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 2001:db8::3 ");
  EXPECT_EQ(order.front().port(), 443);
  EXPECT_EQ(interleaved(list({"192.0.2.1", "2001:db8::1"}), 1).front().address(), asio::ip::make_address("192.0.2.1"));
  EXPECT_TRUE(interleaved({}, 1).empty());
}

}  // namespace
}  // namespace triage::upstream
