#include "offline/baselines.hpp"

#include "offline/ranking.hpp"
#include "unit/offline/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage::offline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Row row(const std::string& question, const std::string& group) {
  Row out;
  out.question = question;
  out.group = group;
  return out;
}

TEST(Baselines, LengthCountsCharacters) {
  EXPECT_THAT(length_scores(std::vector<Row>{row("abc", ""), row("\xC3\xA9\xE4\xB8\xAD", "")}), ElementsAre(3, 2));
}

TEST(Baselines, GroupsNeedTwoGroups) {
  const std::vector<Row> rows{row("a", "x"), row("b", "x")};
  EXPECT_THAT(group_scores(rows, outcomes_of({0, 0}, {1, 1}), 1), IsEmpty());
}

TEST(Baselines, GroupMeansFindTheHardGroup) {
  std::vector<Row> rows;
  std::vector<double> weak;
  for (int i = 0; i < 400; ++i) {
    rows.push_back(row(std::to_string(i), i % 2 == 0 ? "easy" : "hard"));
    weak.push_back(i % 2 == 0 ? 1 : 0);
  }
  const Outcomes outcomes = outcomes_of(weak, std::vector<double>(400, 1));
  const auto scores = group_scores(rows, outcomes, 1);
  EXPECT_EQ(scores[0], 0);
  EXPECT_EQ(scores[1], 1);
}

// Groups of one row each know nothing: a mean that had seen the row itself would be the oracle.
TEST(Baselines, GroupMeansDoNotCheat) {
  std::vector<Row> rows;
  const Sample sample = draw_sample(2000, 7);
  for (int i = 0; i < 2000; ++i) rows.push_back(row(std::to_string(i), std::to_string(i)));
  const Ranking ranking("group", group_scores(rows, sample.rows, 1), sample.rows, Pattern::pre_route);
  EXPECT_NEAR(ranking.measure(ones(sample.rows)).apgr_exact, 0.5, 0.08);
}

TEST(Baselines, NothingRanksBetterThanTheOracle) {
  const Sample sample = draw_sample(1000, 8);
  const auto oracle = Ranking("o", oracle_scores(sample.rows), sample.rows, Pattern::pre_route);
  const auto router = Ranking("r", sample.scores, sample.rows, Pattern::pre_route);
  EXPECT_GT(oracle.measure(ones(sample.rows)).apgr_exact, router.measure(ones(sample.rows)).apgr_exact);
}

}  // namespace
}  // namespace triage::offline
