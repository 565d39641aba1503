#include "ledger/quality_trend.hpp"

#include "unit/ledger/made_database.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace triage::ledger {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t begin_ms = 1'700'000'000'000;
constexpr std::int64_t step_ms = 60'000;

class QualityTrend : public testing::Test {
 protected:
  MadeDatabase made;
  std::int64_t seq = 0;

  void request(std::int64_t at_ms, const std::string& signals, const std::string& route = "chat") {
    made.execute("INSERT INTO requests (seq, id, time_unix_ms, route, signals) VALUES (" + std::to_string(++seq) +
                 ", 'r', " + std::to_string(begin_ms + at_ms) + ", '" + route + "', '" + signals + "')");
  }
  void feedback(std::int64_t at_ms, const std::string& thumb, const std::string& score = "NULL") {
    made.execute("INSERT INTO feedback (seq, id, time_unix_ms, route, thumb, score, task_completed) VALUES (" +
                 std::to_string(++seq) + ", 'r', " + std::to_string(begin_ms + at_ms) + ", 'chat', " + thumb + ", " +
                 score + ", 1)");
  }
  [[nodiscard]] Json found(std::optional<std::string> route = {}) const {
    return quality_trend({made.folder(), begin_ms, begin_ms + 3 * step_ms, step_ms, std::move(route)});
  }
};

TEST_F(QualityTrend, AStepHasItsOwn) {
  request(0, R"({"refusal":true,"hedging":false})");
  request(step_ms - 1, R"({"refusal":false})");
  request(step_ms, R"({"refusal":false})", "extract");
  request(3 * step_ms, R"({"refusal":true})");  // too late
  feedback(2 * step_ms, "'up'");
  feedback(2 * step_ms, "NULL", "0.5");
  made.execute("INSERT INTO grades (seq, id, time_unix_ms, route, score) VALUES (50, 'r', " +
               std::to_string(begin_ms + 5) + ", 'chat', 0.25)");
  const Json all = found();
  ASSERT_EQ(all["series"].size(), 3U);
  EXPECT_EQ(all["series"][0]["signals"]["refusal"], Json({{"values", 2}, {"mean", 0.5}}));
  EXPECT_EQ(all["series"][0]["signals"]["hedging"], Json({{"values", 1}, {"mean", 0.0}}));
  EXPECT_EQ(all["series"][1]["signals"]["refusal"], Json({{"values", 1}, {"mean", 0.0}}));
  EXPECT_EQ(all["series"][2]["signals"]["refusal"]["values"], 0);
  EXPECT_TRUE(all["series"][2]["signals"]["refusal"]["mean"].is_null());
  EXPECT_EQ(all["series"][2]["feedback"], Json({{"values", 2}, {"mean", 0.75}}));
  EXPECT_EQ(all["series"][0]["judge"], Json({{"values", 1}, {"mean", 0.25}}));
  EXPECT_EQ(all["total"]["signals"]["refusal"]["values"], 3);
  EXPECT_EQ(all["total"]["task_completed"], Json({{"values", 2}, {"mean", 1.0}}));
  EXPECT_EQ(all["sampled"], false);
  EXPECT_EQ(found("extract")["total"]["signals"]["refusal"]["values"], 1);
  EXPECT_EQ(found("extract")["total"]["feedback"]["values"], 0);
}

TEST_F(QualityTrend, ItSaysThatItIsASample) {
  made.execute("BEGIN");
  for (std::int64_t i = 0; i < quality_sample + 20; ++i) request(i, R"({"refusal":false})");
  made.execute("COMMIT");
  EXPECT_EQ(found()["sampled"], true);
  EXPECT_EQ(found()["total"]["signals"]["refusal"]["values"], quality_sample);
}

TEST_F(QualityTrend, OtherJsonIsNoSignal) {
  request(0, "[1]");
  request(0, R"({"refusal":"yes"})");
  EXPECT_EQ(found()["total"]["signals"]["refusal"]["values"], 0);
}

TEST(QualityTrendOfNothing, WithoutADatabaseThereAreNoValues) {
  const Json found = quality_trend({"/no/such/folder", begin_ms, begin_ms + step_ms, step_ms, {}});
  EXPECT_EQ(found["total"]["feedback"]["values"], 0);
}

}  // namespace
}  // namespace triage::ledger
