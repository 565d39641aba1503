// Which arm of an experiment a unit gets. The draws are pure functions of names, so these tests have no seed: the same
// 20,000 names always give the same numbers. Chi-square bounds are the 99.9 % quantiles.
#include "pipeline/assign.hpp"

#include "clients/clients.hpp"
#include "config/load.hpp"
#include "pipeline/live/build_snapshot.hpp"
#include "support/padded.hpp"
#include "support/read_request.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <array>

namespace triage {
namespace {

constexpr int many = 20'000;

constexpr const char* config = R"(
keys:
  - {name: app, sha256: "0000000000000000000000000000000000000000000000000000000000000001"}
  - {name: bound, sha256: "0000000000000000000000000000000000000000000000000000000000000002", may: []}
ledger: {dir: ledger}
providers: {p: {base_url: "http://127.0.0.1:1/v1"}}
deployments: {cheap: {provider: p}, dear: {provider: p}}
tiers: [small, large]
routes:
  first:
    match: {models: [first]}
    tiers: {small: [cheap], large: [dear]}
    experiment: {name: one, treatment: {routers: [header, {fixed: {tier: small}}], cascade: {verify: checks}},
                 unit: [{header: x-user-id}, {field: user}, {field: safety_identifier}, {metadata: tenant}, session, key]}
  second:
    match: {models: [second]}
    tiers: {small: [cheap], large: [dear]}
    experiment: {name: two, treatment: {routers: [{fixed: {tier: small}}]}, unit: {header: x-user-id}}
  group-a:
    tiers: {small: [cheap], large: [dear]}
    experiment: {name: a, exclusive: g, treatment: {routers: [{fixed: {tier: small}}]}, unit: {header: x-user-id}}
  group-b:
    tiers: {small: [cheap], large: [dear]}
    experiment: {name: b, exclusive: g, treatment: {routers: [{fixed: {tier: small}}]}, unit: {header: x-user-id}}
  group-c:
    tiers: {small: [cheap], large: [dear]}
    experiment: {name: c, exclusive: g, treatment: {routers: [{fixed: {tier: small}}]}, unit: {header: x-user-id}}
  tenants:
    tiers: {small: [cheap], large: [dear]}
    experiment: {name: tenants, treatment: {routers: [{fixed: {tier: small}}]}, unit: [{header: x-user-id}, {metadata: tenant}]}
  none:
    tiers: {small: [cheap]}
)";

// Of one of two values each; one degree of freedom.
constexpr double bound_1 = 10.83;

double chi_square(const std::vector<double>& seen, const std::vector<double>& expected) {
  double out = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) out += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
  return out;
}

class Assign : public testing::Test {
 protected:
  Assign() {
    Loaded loaded = load_text(config, "test");
    for (const Diagnostic& found : loaded.diagnostics)
      if (found.severity == Diagnostic::error) ADD_FAILURE() << to_string(found);
    snapshot_ = build_snapshot(std::move(loaded.spec), loaded.version, metrics_, live_state_);
  }

  [[nodiscard]] const LiveRoute& route(std::string_view name) const {
    return *std::ranges::find_if(snapshot_->routes, [&](const LiveRoute& each) { return each.spec->name == name; });
  }
  void share(const char* experiment, double value) { live_state_.rollout(experiment).share = value; }

  struct Asked {
    std::vector<Field> fields = {};
    std::string body = "{}";
    const KeySpec* key = nullptr;
    std::string id = "req_1";
  };
  [[nodiscard]] Assignment assigned(std::string_view name, const Asked& asked) const {
    const test::Padded body(asked.body);
    const ApiRequest request = test::read_loosely(body.view());
    RequestHead head;
    head.fields = asked.fields;
    return assign(route(name), RoutingInput(request, head, asked.key), asked.id);
  }
  [[nodiscard]] Assignment of_user(std::string_view name, const std::string& user) const {
    return assigned(name, {.fields = {{"X-User-Id", user}}});
  }
  [[nodiscard]] bool treated(std::string_view name, int user) const {
    return of_user(name, "user-" + std::to_string(user)).arm == Arm::treatment;
  }

  Metrics metrics_;
  LiveState live_state_;
  std::shared_ptr<const Snapshot> snapshot_;
};

TEST_F(Assign, WithoutAnExperimentThereIsOnePolicy) {
  const Assignment found = of_user("none", "ann");
  EXPECT_EQ(found.policy, &route("none").policy);
  EXPECT_EQ(found.experiment, nullptr);
}

TEST_F(Assign, AllGetControlBeforeTheStartAndAfterARollback) {
  for (int user = 0; user < 1000; ++user) EXPECT_FALSE(treated("first", user));
  share("one", 0.5);
  int count = 0;
  for (int user = 0; user < 1000; ++user) count += treated("first", user);
  EXPECT_GT(count, 400);
  share("one", 0);
  for (int user = 0; user < 1000; ++user) EXPECT_FALSE(treated("first", user));
  const Assignment found = of_user("first", "ann");
  EXPECT_EQ(found.policy, &route("first").policy);
  EXPECT_NE(found.experiment, nullptr) << "it counts, with a share of 0";
  EXPECT_EQ(found.share, 0);
}

TEST_F(Assign, AtOneAllGetTheTreatment) {
  share("one", 1);
  share("a", 1);
  for (int user = 0; user < 1000; ++user) {
    EXPECT_TRUE(treated("first", user));
    EXPECT_TRUE(treated("group-a", user)) << "units of the group's other experiments too";
  }
  EXPECT_EQ(assigned("first", {.fields = {{"x-triage-tier", "large"}}}).policy, &route("first").experiment->treatment);
}

TEST_F(Assign, ARisingShareTakesTheTreatmentFromNobody) {
  std::vector<int> treated_before;
  for (const double value : {0.01, 0.1, 0.25, 0.5, 0.9, 1.0}) {
    share("one", value);
    for (const int user : treated_before) ASSERT_TRUE(treated("first", user)) << user << " at " << value;
    treated_before.clear();
    for (int user = 0; user < many; ++user)
      if (treated("first", user)) treated_before.push_back(user);
    const double count = static_cast<double>(treated_before.size());
    if (value < 1)
      EXPECT_LT(chi_square({count, many - count}, {value * many, (1 - value) * many}), bound_1) << value;
    else
      EXPECT_EQ(count, many);
  }
}

TEST_F(Assign, DrawsAreUniform) {
  constexpr double bound_99 = 148.2;  // 99 degrees of freedom
  for (const char* pattern : {"user-", "", "00000000-0000-4000-8000-0000000000", "someone@example.com/"}) {
    std::vector<double> seen(100);
    for (int user = 0; user < many; ++user)
      ++seen[static_cast<std::size_t>(of_user("first", pattern + std::to_string(user)).draw * 100)];
    EXPECT_LT(chi_square(seen, std::vector<double>(100, many / 100.0)), bound_99) << pattern;
  }
}

TEST_F(Assign, ExperimentsAreIndependentOfEachOther) {
  for (const auto& [x, y] : {std::pair(0.5, 0.5), std::pair(0.1, 0.5), std::pair(0.1, 0.1)}) {
    share("one", x);
    share("two", y);
    std::vector<double> seen(4);
    for (int user = 0; user < many; ++user)
      ++seen[(treated("first", user) ? 2U : 0U) + (treated("second", user) ? 1U : 0U)];
    const double n = many;
    const double row = (seen[2] + seen[3]) / n;
    const double column = (seen[1] + seen[3]) / n;
    EXPECT_LT(chi_square(seen, {n * (1 - row) * (1 - column), n * (1 - row) * column, n * row * (1 - column),
                                n * row * column}),
              bound_1);
  }
}

TEST_F(Assign, ExperimentsOfAGroupNeverShareAUnit) {
  for (const char* name : {"a", "b", "c"}) share(name, 0.5);
  std::vector<double> slices(3);
  std::vector<double> treatments(3);
  for (int user = 0; user < many; ++user) {
    int in = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string name = std::string("group-") + static_cast<char>('a' + i);
      const Assignment found = of_user(name, "user-" + std::to_string(user));
      if (found.experiment == nullptr) {
        EXPECT_EQ(found.arm, Arm::control);
        EXPECT_EQ(found.why_not, "the unit belongs to another experiment of the group");
        continue;
      }
      ++in;
      ++slices[i];
      treatments[i] += found.arm == Arm::treatment;
    }
    ASSERT_EQ(in, 1) << "user-" << user;
  }
  EXPECT_LT(chi_square(slices, std::vector<double>(3, many / 3.0)), 13.82) << "2 degrees of freedom";
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_LT(chi_square({treatments[i], slices[i] - treatments[i]}, {slices[i] / 2, slices[i] / 2}), bound_1)
        << "the slice says nothing about the arm";
}

// Another hash would take every user's arm away: at the next release, or between two replicas of different releases.
TEST_F(Assign, IsTheSameForever) {
  EXPECT_NEAR(of_user("first", "ann").draw, 0.778762, 1e-6);
  EXPECT_NEAR(of_user("first", "user-1").draw, 0.706904, 1e-6);
  EXPECT_NEAR(of_user("first", "00000000-0000-4000-8000-000000000001").draw, 0.182716, 1e-6);
}

TEST_F(Assign, TheUnitIsTheFirstThatIsThereAndNotEmpty) {
  const KeySpec& app = snapshot_->spec.keys[0];
  const KeySpec& bound = snapshot_->spec.keys[1];
  const Asked all{.fields = {{"x-user-id", "ann"}, {"x-triage-session", "s1"}},
                  .body = R"({"user":"bob","safety_identifier":"cem","metadata":{"tenant":"dee"}})",
                  .key = &app};
  const auto place = [&](const Asked& asked) {
    const Assignment found = assigned("first", asked);
    return found.place == nullptr ? std::string("request")
                                  : std::string(word(found.place->kind)) + " " + found.place->name;
  };
  Asked asked = all;
  EXPECT_EQ(place(asked), "header x-user-id");
  asked.fields[0].value = "";
  EXPECT_EQ(place(asked), "field user");
  asked.body = R"({"messages":[{"user":"no"}],"user":7,"safety_identifier":"cem","metadata":{"tenant":"dee"}})";
  EXPECT_EQ(place(asked), "field safety_identifier");
  asked.body = R"({"metadata":{"tenant":"dee"}})";
  EXPECT_EQ(place(asked), "metadata tenant");
  asked.body = "{}";
  EXPECT_EQ(place(asked), "session ");
  asked.key = &bound;
  EXPECT_EQ(place(asked), "key ") << "its key may not name a session";
  asked.key = nullptr;
  asked.fields.clear();
  EXPECT_EQ(place(asked), "request");
}

TEST_F(Assign, AUserIsTheSameWhereverTheAppSaysWhoItIs) {
  const double draw = of_user("first", "an\n").draw;
  EXPECT_EQ(assigned("first", {.body = R"({"user":"an\n"})"}).draw, draw);
  EXPECT_EQ(assigned("first", {.body = R"({"safety_identifier":"an\n"})"}).draw, draw);
  EXPECT_EQ(assigned("first", {.body = R"({"metadata":{"tenant":"an\n"}})"}).draw, draw);
  KeySpec key;
  key.name = "an\n";
  EXPECT_NE(assigned("first", {.key = &key}).draw, draw) << "a key is nobody's name";
}

// A message of Anthropic's API is written anew as a chat completion; the unit is looked for in what the client wrote.
TEST_F(Assign, TheUnitOfAMessageIsWhatTheClientWrote) {
  const test::Padded body(
      R"({"model":"first","max_tokens":5,"safety_identifier":"cem","metadata":{"user_id":"ann","tenant":"dee"},"messages":[{"role":"user","content":"hi"}]})");
  const auto request = client_api(WireForm::anthropic).parse(Api::chat, {}, body.view(), 64);
  ASSERT_TRUE(request) << request.error().message;
  const RequestHead head;
  const RoutingInput input(*request, head, nullptr);
  const Assignment found = assign(route("first"), input, "req_1");
  ASSERT_NE(found.place, nullptr);
  EXPECT_EQ(found.place->name, "user");
  EXPECT_EQ(found.draw, of_user("first", "ann").draw);
  EXPECT_EQ(assign(route("tenants"), input, "req_1").draw, of_user("tenants", "dee").draw);
}

TEST_F(Assign, WithoutAUnitEachRequestIsDrawnByItsId) {
  share("one", 0.5);
  double count = 0;
  for (int i = 0; i < 2000; ++i) count += assigned("first", {.id = "req_" + std::to_string(i)}).arm == Arm::treatment;
  EXPECT_LT(chi_square({count, 2000 - count}, {1000, 1000}), bound_1);
}

TEST_F(Assign, WhatTheClientChoosesItselfCountsForNoArm) {
  share("one", 0.99);
  const KeySpec& bound = snapshot_->spec.keys[1];
  const auto why_not = [&](const Asked& asked) { return assigned("first", asked).why_not; };
  for (const Asked& asked :
       {Asked{.fields = {{"x-triage-tier", "large"}}}, Asked{.fields = {{"x-triage-cascade", "off"}}},
        Asked{.fields = {{"x-triage-cascade", "Force"}}}}) {
    EXPECT_EQ(why_not(asked), "the client has chosen itself");
    EXPECT_EQ(assigned("first", asked).policy, &route("first").policy);
    EXPECT_EQ(assigned("first", asked).experiment, nullptr);
  }
  EXPECT_EQ(why_not({.fields = {{"x-triage-tier", "huge"}}}), "") << "that is no tier: nothing is chosen";
  EXPECT_EQ(why_not({.fields = {{"x-triage-tier", "large"}}, .key = &bound}), "") << "its key may not";
  EXPECT_EQ(why_not({.fields = {{"x-triage-timeout-ms", "100"}}}), "");
  EXPECT_EQ(assigned("second", {.fields = {{"x-triage-tier", "large"}}}).why_not, "")
      << "neither arm of that experiment heeds the header";
}

TEST_F(Assign, TheRecordHidesTheUnit) {
  share("one", 0.25);
  const Assignment ann = of_user("first", "ann");
  const RecordedAssignment recorded(ann);
  const ExperimentRecord& record = *recorded.get();
  EXPECT_EQ(record.name, "one");
  EXPECT_EQ(record.version.size(), 8U);
  EXPECT_EQ(record.version, route("first").spec->experiment->version);
  EXPECT_EQ(record.arm, word(ann.arm));
  EXPECT_EQ(record.share, 0.25);
  EXPECT_EQ(record.unit.size(), 16U);
  EXPECT_EQ(record.unit.find_first_not_of("0123456789abcdef"), std::string_view::npos);
  EXPECT_NE(of_user("second", "ann").unit, ann.unit) << "each experiment has its own names for the units";
  EXPECT_NE(fraction(ann.unit), ann.draw) << "the record does not tell the draw";
  EXPECT_EQ(of_user("first", "ann").unit, ann.unit);
  EXPECT_EQ(RecordedAssignment(of_user("none", "ann")).get(), nullptr);
}

TEST_F(Assign, StateIsNotMixedBetweenArms) {
  const LiveRoute& first = route("first");
  EXPECT_NE(first.policy.budget, first.experiment->treatment.budget);
  EXPECT_EQ(first.policy.arm, "control");
  EXPECT_EQ(first.experiment->treatment.arm, "treatment");
  EXPECT_EQ(first.policy.tier("small")->members[0]->breaker,
            first.experiment->treatment.tier("small")->members[0]->breaker)
      << "a deployment that fails fails for both";
}

TEST_F(Assign, TheShareOutlivesAReload) {
  share("one", 0.5);
  Loaded loaded = load_text(config, "test");
  const auto next = build_snapshot(std::move(loaded.spec), loaded.version, metrics_, live_state_);
  EXPECT_EQ(next->routes[0].experiment->rollout, route("first").experiment->rollout);
  EXPECT_EQ(next->routes[0].experiment->rollout->share, 0.5);
}

}  // namespace
}  // namespace triage
