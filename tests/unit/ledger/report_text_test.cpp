#include "ledger/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace triage::ledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(MoneyText, IsRoundedAndNamesWhatIsUnknown) {
  EXPECT_EQ(money_text(0, 0), "0.0000");
  EXPECT_EQ(money_text(3'230'000, 0), "0.0032");
  EXPECT_EQ(money_text(12'340'000'000, 3), "12.3400 + 3 unknown");
  EXPECT_EQ(money_text(99'999'999'999, 0), "100.0000");
  EXPECT_EQ(money_text(1'204'505'000'000, 0), "1,204.51");
  EXPECT_EQ(money_text(1'234'567'890'123'456'789, 0), "1,234,567,890.12");
  EXPECT_EQ(money_text(-1'500'000'000, 0), "-1.5000");
  EXPECT_EQ(money_text(INT64_MIN, 0), "-9,223,372,036.85");
}

Sums sums_of(std::int64_t requests, std::int64_t cost, std::int64_t unknown = 0) {
  Sums sums;
  sums.add(Sums::requests, requests);
  sums.add(Sums::attempts, requests + 5);
  sums.add(Sums::fallbacks, 5);
  sums.add(Sums::tokens_input, 1'520'000'000);
  sums.add(Sums::tokens_output, 812);
  sums.add(Sums::cost_nano_usd, cost);
  sums.add(Sums::cost_unknown, unknown);
  sums.add(Sums::frontier_cost_nano_usd, 4 * cost);
  for (int i = 0; i < 100; ++i) sums.latency.add_ms(10.0 * i);
  sums.overhead.add_us(140);
  return sums;
}

Report report_of_two() {
  Report report;
  report.since_unix_s = 1'795'298'160;
  report.until_unix_s = 1'795'384'560;
  report.by = GroupBy::model;
  const RollupNames small{"chat", "small", "llama", "k", "a-model-with-a-very-long-name-2026-11-01", "ok"};
  const RollupNames large{"chat", "large", "frontier", "k", "gpt-4o", "upstream_error"};
  for (const auto& [names, sums] :
       {std::pair(small, sums_of(900, 5'000'000'000)), std::pair(large, sums_of(100, 7'000'000'000, 3))}) {
    report.total.add(names, sums);
    report.groups[std::string(names.model)].add(names, sums);
  }
  return report;
}

TEST(ReportTable, FitsAHundredColumnsAndSaysItAll) {
  const std::string table = report_table(report_of_two());
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_THAT(table, HasSubstr("since 2026-11-21 21:56 UTC, until 2026-11-22 21:56 UTC"));
  EXPECT_THAT(table,
              HasSubstr("a-model-w..026-11-01       900     1520M     812              5.0000             20.0000"));
  EXPECT_THAT(
      table,
      HasSubstr("gpt-4o                     100     1520M     812  7.0000 + 3 unknown             28.0000  unknown"));
  EXPECT_THAT(table, HasSubstr("all                      1,000"));
  EXPECT_THAT(table, HasSubstr("tiers: large 10.0%, small 90.0%"));
  EXPECT_LT(table.find("gpt-4o"), table.find("a-model-w")) << "the dearest first";
}

TEST(ReportTable, OfNothingIsDashes) {
  Report empty;
  const std::string table = report_table(empty);
  EXPECT_THAT(table, HasSubstr("all                          0"));
  EXPECT_THAT(table, HasSubstr("tiers: -"));
  EXPECT_THAT(table, HasSubstr("errors: none"));
}

TEST(ReportTable, TellsClientsErrorsFromProviders) {
  Report report;
  for (const auto& [outcome, requests] : {std::pair("ok", 60), std::pair("client_error", 30),
                                          std::pair("upstream_error", 9), std::pair("gateway_error", 1)}) {
    const RollupNames names{"chat", "small", "llama", "k", "m", outcome};
    report.total.add(names, sums_of(requests, 0));
  }
  const std::string table = report_table(report);
  EXPECT_THAT(table, HasSubstr("client server"));
  EXPECT_THAT(table, HasSubstr("  30.0%  10.0%"));
  EXPECT_THAT(table, HasSubstr("errors: clients' 30 (30.0%), providers' 9 (9.0%), the gateway's own 1 (1.0%)"));
  EXPECT_THAT(table, HasSubstr("saved: of what all would have cost at the top tier"));
  const json total = json::parse(report_json(report)).at("total");
  EXPECT_EQ(total.at("errors"), 40);
  EXPECT_EQ(total.at("client_errors"), 30);
  EXPECT_EQ(total.at("provider_errors"), 9);
  EXPECT_EQ(total.at("gateway_errors"), 1);
}

TEST(ReportJson, HasNullForEverySumWithAnUnknownCost) {
  const json report = json::parse(report_json(report_of_two()));
  const json& total = report.at("total");
  EXPECT_EQ(total.at("requests"), 1000);
  EXPECT_EQ(total.at("outcomes"), (json{{"ok", 900}, {"upstream_error", 100}}));
  EXPECT_EQ(total.at("errors"), 100);
  EXPECT_TRUE(total.at("cost_nano_usd").is_null());
  EXPECT_EQ(total.at("cost_known_nano_usd"), 12'000'000'000);
  EXPECT_EQ(total.at("attempts_of_unknown_cost"), 3);
  EXPECT_EQ(total.at("frontier_cost_nano_usd"), 48'000'000'000);
  EXPECT_TRUE(total.at("saved_nano_usd").is_null());
  EXPECT_NEAR(total.at("latency_ms").at("p50").get<double>(), 490, 490 * 0.02);
  EXPECT_TRUE(total.at("ttft_ms").at("p50").is_null());
  ASSERT_EQ(report.at("rows").size(), 2U);
  const json& known = report.at("rows").at(0);
  EXPECT_EQ(known.at("name"), "a-model-with-a-very-long-name-2026-11-01");
  EXPECT_EQ(known.at("cost_nano_usd"), 5'000'000'000);
  EXPECT_EQ(known.at("saved_nano_usd"), 15'000'000'000);
}

}  // namespace
}  // namespace triage::ledger
