// Who costs most, and how good the answers were, from a ledger with a bit of everything.
#include "ledger/top.hpp"
#include "integration/ledger/ledger_fixture.hpp"

#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

class TopTest : public LedgerTest {
 protected:
  void keep(const std::string& id, std::string_view route, std::string_view key, std::int64_t cost, bool refusal,
            std::int64_t age_ms = 0) {
    LedgerRecord record = record_now(id);
    record.time_unix_ms -= age_ms;
    record.route = route;
    record.key = key;
    record.signals.refusal = refusal;
    record.attempts[1].cost_nano_usd = cost;
    record.frontier_cost_nano_usd = 10 * cost;
    running_.ledger.keep(record);
  }
  void say(const std::string& id, Thumb thumb) {
    FeedbackEvent event;
    event.id = id;
    event.time_unix_ms = record_now(id).time_unix_ms;
    event.key = "app";
    event.route = "chat";
    event.thumb = thumb;
    EXPECT_TRUE(running_.ledger.keep(event));
  }
  Top top(std::vector<GroupBy> by, std::size_t rows_max = 10) {
    running_.ledger.stop();
    return make_top({path(), record_now("now").time_unix_ms - 3'600'000, std::move(by), rows_max});
  }
  static const SignalMean& of(const TopGroup& group, QualitySignal signal) {
    return group.quality[static_cast<std::size_t>(signal)];
  }

  Running running_{spec};
};

TEST_F(TopTest, TheDearestIsFirstAndAllAddsUp) {
  keep("req_1", "cheap", "app", 100, false);
  keep("req_2", "chat", "app", 700, true);
  keep("req_3", "chat", "job", 200, false);
  keep("req_4", "old", "app", 9000, false, 7'200'000);
  const Top found = top({GroupBy::route, GroupBy::key, GroupBy::deployment});
  ASSERT_EQ(found.rankings.size(), 3U);
  const auto& routes = found.rankings[0].rows;
  ASSERT_EQ(routes.size(), 2U) << "one is older";
  EXPECT_EQ(routes[0].first, "chat");
  EXPECT_EQ(routes[0].second.cost.sums[Sums::cost_nano_usd], 900);
  EXPECT_EQ(routes[0].second.cost.sums[Sums::requests], 2);
  EXPECT_EQ(of(routes[0].second, QualitySignal::refusal).mean(), 0.5);
  EXPECT_EQ(routes[1].second.cost.sums[Sums::frontier_cost_nano_usd], 1000);
  EXPECT_EQ(found.rankings[1].rows[0].first, "app");
  EXPECT_EQ(found.rankings[2].rows[0].first, "frontier");
  EXPECT_EQ(found.total.cost.sums[Sums::cost_nano_usd], 1000);
  EXPECT_EQ(of(found.total, QualitySignal::refusal).values, 3U);
  const auto json = nlohmann::json::parse(top_json(found));
  EXPECT_EQ(json["route"][0]["share"], 0.9);
  EXPECT_EQ(json["key"][1]["name"], "job");
  EXPECT_EQ(json["total"]["quality"]["refusal"]["values"], 3);
  const std::string table = top_table(found);
  EXPECT_NE(table.find("90.0%"), std::string::npos) << table;
  for (std::size_t at = 0; at < table.size(); at = table.find('\n', at) + 1)
    EXPECT_LE(table.find('\n', at) - at, 100U) << table;
}

TEST_F(TopTest, TheLastWordOfFeedbackCounts) {
  keep("req_1", "chat", "app", 1, false);
  keep("req_2", "chat", "app", 1, false);
  say("req_1", Thumb::up);
  say("req_1", Thumb::down);
  say("req_2", Thumb::up);
  say("req_of_before", Thumb::up);
  const Top found = top({GroupBy::route, GroupBy::deployment});
  EXPECT_EQ(of(found.rankings[0].rows[0].second, QualitySignal::feedback).values, 3U);
  EXPECT_DOUBLE_EQ(of(found.rankings[0].rows[0].second, QualitySignal::feedback).mean(), 2.0 / 3);
  EXPECT_EQ(of(found.rankings[1].rows[0].second, QualitySignal::feedback).values, 2U);
}

TEST_F(TopTest, OnlySoManyRows) {
  for (int i = 0; i < 20; ++i) keep(id_of(i), "chat", "key" + std::to_string(i), i, false);
  const Top found = top({GroupBy::key}, 5);
  EXPECT_EQ(found.rankings[0].rows.size(), 5U);
  EXPECT_EQ(found.rankings[0].rows[0].first, "key19");
  EXPECT_EQ(found.rankings[0].left_out, 15U);
}

}  // namespace
}  // namespace triage::ledger
