#include "unit/routing/routed.hpp"

namespace triage::routing {
namespace {

class HeaderRouter : public testing::Test {
 protected:
  HeaderRouter() {
    RouterSpec spec;
    spec.kind = "header";
    route_.add(spec);
    route_.fixed("small");
    route_.build();
  }
  Decision ask(std::vector<Field> fields, const KeySpec* key = nullptr) {
    return route_.decide(Asked(Asked::chat("hi"), std::move(fields), key));
  }
  TestRoute route_;
};

TEST_F(HeaderRouter, TheClientNamesTheTier) {
  const Decision decision = ask({{"X-Triage-Tier", "large"}});
  EXPECT_EQ(decision.tier, "large");
  EXPECT_EQ(decision.router, "header");
  EXPECT_EQ(decision.reason, "x-triage-tier names large");
  EXPECT_EQ(ask({{"x-triage-tier", "code"}}).tier, "code");
}

TEST_F(HeaderRouter, PassesWithAReasonOtherwise) {
  const Decision none = ask({});
  EXPECT_EQ(none.tier, "small");
  EXPECT_EQ(none.opinions[0].reason, "the request has no x-triage-tier");
  for (const char* value : {"", "LARGE", "huge", "large, small"}) {
    const Decision unknown = ask({{"x-triage-tier", value}});
    EXPECT_EQ(unknown.router, "fixed") << value;
    EXPECT_EQ(unknown.opinions[0].reason, "the route has no tier '" + std::string(value) + "'");
  }
}

TEST_F(HeaderRouter, OnlyIfTheKeyMay) {
  KeySpec key;
  key.name = "app";
  EXPECT_EQ(ask({{"x-triage-tier", "large"}}, &key).tier, "large") << "a key without 'may' may all";
  key.may = {KeyPower::session};
  const Decision refused = ask({{"x-triage-tier", "large"}}, &key);
  EXPECT_EQ(refused.tier, "small");
  EXPECT_EQ(refused.opinions[0].reason, "key 'app' may not name a tier");
  key.may = {KeyPower::session, KeyPower::tier};
  EXPECT_EQ(ask({{"x-triage-tier", "large"}}, &key).tier, "large");
}

}  // namespace
}  // namespace triage::routing
