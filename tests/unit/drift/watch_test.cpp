#include "drift/watch.hpp"

#include <gtest/gtest.h>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

namespace triage::drift {
namespace {

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t month = 30LL * 24 * 60 * minute;

// Traffic of a route: so many requests a minute, at random times.
struct Traffic {
  double per_minute = 10;
  double hard = 0.3;
  double length = 400;
  double refusals = 0.02;
  double escalations = 0.1;
  double grade = 0.8;
  double gain = 0.2;  // of the strong tier where the router chose it
  double threshold = 0.7;
};

class Simulation {
 public:
  Simulation(std::uint64_t seed, const Wanted& wanted) : random_(seed), watch_(wanted) {}

  /// The alarms of so long a time.
  std::vector<Alarm> run(const Traffic& traffic, std::int64_t ms) {
    std::vector<Alarm> out;
    for (const std::int64_t end = now_ + ms; now_ < end;) {
      now_ +=
          static_cast<std::int64_t>(-std::log(1 - uniform()) * static_cast<double>(minute) / traffic.per_minute) + 1;
      Request request;
      request.time_unix_ms = now_;
      request.score = uniform() < traffic.hard ? 0.5 + uniform() / 2 : uniform() / 2;
      request.model = "m";
      request.tokens = traffic.length * (0.5 + uniform()) * (uniform() < 0.2 ? 3 : 1);
      const bool strong = *request.score >= traffic.threshold;
      request.tier = strong ? "large" : "small";
      request.refusal = uniform() < traffic.refusals;
      request.escalated = uniform() < traffic.escalations;
      take(out, watch_.fold(request));
      if (uniform() < 0.05) take(out, watch_.fold_grade(now_, uniform() < traffic.grade ? 1 : 0));
      if (uniform() < 0.02)
        take(out, watch_.fold(Comparison{now_, strong, (strong ? traffic.gain : 0) + 0.5 * (uniform() - 0.5)}));
    }
    return out;
  }
  RouteWatch& watch() { return watch_; }
  [[nodiscard]] std::int64_t now() const { return now_; }

 private:
  static void take(std::vector<Alarm>& out, std::vector<Alarm> more) {
    std::ranges::move(more, std::back_inserter(out));
  }
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  std::mt19937_64 random_;
  RouteWatch watch_;
  std::int64_t now_ = 1'796'000'000'000;
};

Wanted wanted() {
  Wanted out;
  out.may_vary = true;
  return out;
}

// Stated: one false alarm a month and route at most, at any rate of traffic. TRIAGE_DRIFT_MONTHS=100 for a table that
// tells more.
TEST(Drift, FalseAlarmsAMonthAreNoMoreThanStated) {
  const char* const given = std::getenv("TRIAGE_DRIFT_MONTHS");
  const int months = given != nullptr ? std::atoi(given) : 3;
  for (const double per_minute : {0.5, 5.0, 50.0}) {
    std::size_t alarms = 0;
    const int runs = per_minute > 10 ? std::max(months / 4, 1) : months;
    const std::int64_t of_each = given == nullptr && per_minute > 10 ? month / 5 : month;
    const double seen = runs * static_cast<double>(of_each) / static_cast<double>(month);
    for (int run = 0; run < runs; ++run) {
      Simulation simulation(static_cast<std::uint64_t>(1000 + run), wanted());
      Traffic traffic;
      traffic.per_minute = per_minute;
      const auto raised = simulation.run(traffic, of_each);
      for (const Alarm& alarm : raised)
        std::printf("  false alarm at %g a minute: %s\n", per_minute, alarm.text.c_str());
      alarms += raised.size();
    }
    std::printf("%5.1f requests a minute: %zu false alarms in %.1f months\n", per_minute, alarms, seen);
    EXPECT_LE(static_cast<double>(alarms), seen + 2 * std::sqrt(seen)) << per_minute;
  }
}

struct Change {
  const char* name;
  DriftOf what;
  void (*change)(Traffic&);
  double hours_max;
};

// `per_minute` other than 10: only printed.
void find(const Change& change, double per_minute) {
  Simulation simulation(7, wanted());
  Traffic traffic;
  traffic.per_minute = per_minute;
  ASSERT_TRUE(simulation.run(traffic, 10 * 24 * 60 * minute).empty()) << change.name;
  if (per_minute == 10) {
    EXPECT_EQ(simulation.watch().state(change.what), State::steady) << change.name;
  }
  change.change(traffic);
  const std::int64_t begin = simulation.now();
  std::optional<std::int64_t> found;
  while (!found && simulation.now() < begin + 20 * 24 * 60 * minute)
    for (const Alarm& alarm : simulation.run(traffic, 10 * minute))
      if (alarm.what == change.what) found = alarm.time_unix_ms;
  if (!found) {
    std::printf("%-24s not found in 20 days at %g requests a minute\n", change.name, per_minute);
    EXPECT_NE(per_minute, 10) << change.name;
    return;
  }
  const double hours = static_cast<double>(*found - begin) / (60.0 * minute);
  std::printf("%-24s found after %5.1f hours at %g requests a minute\n", change.name, hours, per_minute);
  if (per_minute != 10) return;
  EXPECT_LE(hours, change.hours_max) << change.name;
  EXPECT_EQ(simulation.watch().state(change.what), State::drifted) << change.name;
}

TEST(Drift, ChangesAreFound) {
  const Change changes[] = {
      {"harder questions", DriftOf::score, [](Traffic& t) { t.hard = 0.6; }, 12},
      {"longer prompts", DriftOf::length, [](Traffic& t) { t.length = 700; }, 12},
      {"another mix of tiers", DriftOf::tiers, [](Traffic& t) { t.threshold = 0.3; }, 12},
      {"grades 0.8 -> 0.6", DriftOf::judge, [](Traffic& t) { t.grade = 0.6; }, 72},
      {"refusals 0.02 -> 0.08", DriftOf::refusal, [](Traffic& t) { t.refusals = 0.08; }, 12},
      {"escalations 0.1 -> 0.2", DriftOf::escalation, [](Traffic& t) { t.escalations = 0.2; }, 12},
      {"all to one tier", DriftOf::constant, [](Traffic& t) { t.threshold = 2; }, 12},
      {"a router that guesses", DriftOf::chance, [](Traffic& t) { t.gain = 0; }, 200},
  };
  for (const Change& change : changes) {
    find(change, 10);
    if (std::getenv("TRIAGE_DRIFT_MONTHS") == nullptr) continue;
    find(change, 1);
    find(change, 100);
  }
}
TEST(Drift, AnAlarmIsOneAndTheNewWayIsLearned) {
  Simulation simulation(3, wanted());
  Traffic traffic;
  simulation.run(traffic, 5 * 24 * 60 * minute);
  traffic.refusals = 0.1;
  const auto alarms = simulation.run(traffic, 20 * 24 * 60 * minute);
  EXPECT_EQ(std::ranges::count(alarms, DriftOf::refusal, &Alarm::what), 1);
  EXPECT_EQ(simulation.watch().state(DriftOf::refusal), State::steady);
}

TEST(Drift, AConstantRouterIsNoAlarmWhereThereIsNothingToChoose) {
  Wanted nothing_to_choose = wanted();
  nothing_to_choose.may_vary = false;
  Simulation simulation(3, nothing_to_choose);
  Traffic traffic;
  traffic.threshold = 2;
  for (const Alarm& alarm : simulation.run(traffic, 3 * 24 * 60 * minute)) EXPECT_NE(alarm.what, DriftOf::constant);
}

// The state goes on after a restart as if there had been none, to the last bit.
TEST(Drift, StateSurvivesARestart) {
  for (const std::int64_t days : {0, 1, 4}) {
    Simulation one(11, wanted());
    Simulation other(11, wanted());
    Traffic traffic;
    one.run(traffic, days * 24 * 60 * minute);
    other.run(traffic, days * 24 * 60 * minute);
    const auto saved = nlohmann::ordered_json::parse(one.watch().save().dump());
    RouteWatch loaded(wanted());
    ASSERT_TRUE(loaded.load(saved)) << days;
    EXPECT_EQ(loaded.save().dump(), one.watch().save().dump());
    one.watch() = std::move(loaded);
    traffic.refusals = 0.05;
    const auto alarms = one.run(traffic, 3 * 24 * 60 * minute);
    EXPECT_EQ(alarms.size(), other.run(traffic, 3 * 24 * 60 * minute).size());
    EXPECT_EQ(one.watch().save().dump(), other.watch().save().dump()) << days;
  }
}

TEST(Drift, OtherFilesAreNoState) {
  RouteWatch watch(wanted());
  for (const char* text : {"{}", "[]", "null", R"({"now_ms":1})", R"({"now_ms":"x"})"})
    EXPECT_FALSE(watch.load(nlohmann::ordered_json::parse(text))) << text;
  Watch whole;
  EXPECT_FALSE(whole.load(nlohmann::ordered_json::parse(R"({"version":99})")));
  EXPECT_FALSE(whole.load(nlohmann::ordered_json::parse("3")));
}

// Alarms only forget what is old.
TEST(Drift, IsBounded) {
  Watch watch;
  watch.configure("chat", "p", wanted());
  Request request;
  for (int i = 0; i < 100'000; ++i) {
    request.time_unix_ms += 10;
    request.tier = "tier " + std::to_string(i % 1000);
    request.score = (i % 97) / 97.0;
    request.tokens = i % 1003;
    request.refusal = request.escalated = false;
    watch.fold("chat", request);
    watch.fold("chat", Comparison{request.time_unix_ms, i % 2 == 0, 0.1});
    watch.fold_grade("chat", request.time_unix_ms, 0.5);
  }
  EXPECT_LT(watch.save().dump().size(), 300'000U);
}

TEST(Drift, AnotherPolicyIsLearnedAnew) {
  Watch watch;
  Wanted wanted;
  watch.configure("chat", "p", wanted);
  const auto ask = [&](int count, double score) {
    std::size_t alarms = 0;
    Request request;
    static std::int64_t now = 1'796'000'000'000;
    for (int i = 0; i < count; ++i) {
      request.time_unix_ms = now += minute;
      request.score = score + (i % 10) / 100.0;
      request.tier = "small";
      alarms += watch.fold("chat", request).size();
    }
    return alarms;
  };
  EXPECT_EQ(ask(3'000, 0.2), 0U);
  EXPECT_EQ(watch.routes().at("chat").state(DriftOf::score), State::steady);
  watch.configure("chat", "p", wanted);
  EXPECT_EQ(watch.routes().at("chat").state(DriftOf::score), State::steady);
  watch.configure("chat", "q", wanted);
  EXPECT_EQ(watch.routes().at("chat").state(DriftOf::score), State::learning);
  EXPECT_EQ(ask(3'000, 0.7), 0U);
  watch.keep_only({"other"});
  EXPECT_TRUE(watch.routes().empty());
  EXPECT_TRUE(watch.fold("chat", Request()).empty());
}

}  // namespace
}  // namespace triage::drift
