// The watch over SLOs follows a journal: metrics, alerts, and the same state after a restart.
#include "ledger/slo_watch.hpp"

#include "base/unix_time.hpp"
#include "integration/ledger/ledger_fixture.hpp"

namespace triage::ledger {
namespace {

class SloWatchTest : public LedgerTest {
 protected:
  SloWatchTest() {
    spec.spool = {8 << 20};
    route_.name = "chat";
    SloSpec slo;
    slo.value_min = 0.8;
    route_.quality.emplace().slo = {slo};
  }
  static void thumbs(FileLedger& ledger, int count, Thumb thumb, int& number) {
    for (int i = 0; i < count; ++i) {
      const std::string id = id_of(number++);
      FeedbackEvent event;
      event.id = id;
      event.time_unix_ms =
          std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
      event.route = "chat";
      event.thumb = thumb;
      EXPECT_TRUE(ledger.keep(event));
    }
  }
  std::int64_t state(Running& process) {
    return process.metrics.gauge("triage_slo_state", "", {{"route", "chat"}, {"signal", "feedback"}, {"bound", "min"}})
        .value();
  }

  RouteSpec route_;
  int number_ = 0;
};

TEST_F(SloWatchTest, SaysWhenAPromiseIsMetAndWhenItIsBroken) {
  Running process(spec);
  std::vector<std::string> alerts;
  std::mutex mutex;
  SloWatch watch(path(), process.metrics, [&](const std::string& alert) {
    const std::lock_guard lock(mutex);
    alerts.push_back(alert);
  });
  watch.use({route_});
  Follower follower(path());
  follower.add(watch);
  follower.start();
  EXPECT_TRUE(eventually([&] { return watch.standings().size() == 1; }));
  std::this_thread::sleep_for(milliseconds(1200));  // it has looked once
  thumbs(process.ledger, 300, Thumb::up, number_);
  EXPECT_TRUE(eventually([&] { return state(process) == 1; }));
  thumbs(process.ledger, 300, Thumb::down, number_);
  EXPECT_TRUE(eventually([&] { return state(process) == 2; }));
  const auto told = [&] {
    const std::lock_guard lock(mutex);
    return alerts.size();
  };
  EXPECT_TRUE(eventually([&] { return told() == 2; })) << "the gauge comes first, then the alert";
  const std::lock_guard lock(mutex);
  ASSERT_EQ(alerts.size(), 2U);
  EXPECT_NE(alerts[0].find(R"("state":"met","before":"unknown")"), std::string::npos) << alerts[0];
  EXPECT_NE(alerts[1].find(R"("state":"breached","before":"met")"), std::string::npos) << alerts[1];
}

TEST_F(SloWatchTest, KnowsAfterARestartWhatItKnewAndAlertsNobodyOfIt) {
  {
    Running process(spec);
    thumbs(process.ledger, 300, Thumb::down, number_);
  }
  Running process(spec);
  int alerts = 0;
  SloWatch watch(path(), process.metrics, [&](const std::string&) { ++alerts; });
  watch.use({route_});
  Follower follower(path());
  follower.add(watch);
  follower.start();
  EXPECT_TRUE(eventually([&] { return state(process) == 2; }));
  follower.stop();
  EXPECT_EQ(alerts, 0);
  const auto found = read_standings(path(), {route_}, now_unix_ms());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].state, SloState::breached);
  EXPECT_EQ(found[0].values, 300U);
}

TEST_F(SloWatchTest, APromiseThatIsMadeLaterHasTheHistory) {
  Running process(spec);
  SloWatch watch(path(), process.metrics);
  watch.use({});
  EXPECT_FALSE(watch.wants());
  Follower follower(path());
  follower.add(watch);
  follower.start();
  thumbs(process.ledger, 300, Thumb::up, number_);
  watch.use({route_});
  EXPECT_TRUE(eventually([&] { return state(process) == 1; }));
  watch.use({});
  EXPECT_EQ(state(process), 0) << "nobody promises it any more";
}

}  // namespace
}  // namespace triage::ledger
