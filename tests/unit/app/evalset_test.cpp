#include "app/evalset_run.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using Json = nlohmann::json;

TEST(Evalset, ReadsRowsAndNamesMistakes) {
  const EvalRows read = read_evalset(
      "{\"id\":\"a\",\"prompt\":\"2 + 2?\",\"reference\":\"4\"}\n\n"
      "{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi\"}]}\n{\"id\":\"a\",\"prompt\":\"again\"}\n",
      "f");
  EXPECT_TRUE(read.problems.empty());
  ASSERT_EQ(read.rows.size(), 2U) << "the first of one id counts";
  EXPECT_EQ(read.rows[0].reference(), "4");
  EXPECT_FALSE(read.rows[1].reference());
  EXPECT_TRUE(read.rows[1].id.starts_with("p_"));
  EXPECT_EQ(Json::parse(request_body(read.rows[0], "m")),
            Json::parse(R"({"model":"m","messages":[{"role":"user","content":"2 + 2?"}]})"));
  EXPECT_EQ(Json::parse(request_body(read.rows[1], "m"))["messages"][0]["content"], "Hi");
  EXPECT_EQ(read_evalset(line_of(read.rows[1]), "g").rows.at(0).id, read.rows[1].id);
  for (const char* bad : {"x", "[]", "{}", "{\"prompt\":1}", "{\"prompt\":[]}", "{\"prompt\":\"x\",\"reference\":1}"})
    EXPECT_TRUE(read_evalset(bad, "f").problems.at(0).starts_with("f:1: ")) << bad;
}

TEST(Evalset, DrawsTheSameRowsEachTime) {
  std::vector<EvalRow> rows;
  for (int i = 0; i < 1'000; ++i) rows.push_back({"r" + std::to_string(i), {{"prompt", "x"}}});
  const auto some = drawn_rows(rows, 100);
  EXPECT_EQ(some.size(), 100U);
  const auto more = drawn_rows(rows, 200);
  std::size_t kept = 0;
  for (const EvalRow& row : some)
    for (const EvalRow& other : more) kept += row.id == other.id ? 1 : 0;
  EXPECT_EQ(kept, 100U) << "a larger draw has those of a smaller one";
  EXPECT_EQ(drawn_rows(rows, 5'000).size(), 1'000U);
}

TEST(Evalset, AnAllowanceCountsWhatIsUnderWay) {
  Allowance allowance(1e-6);  // 1,000 nano-USD
  EXPECT_TRUE(allowance.take(400));
  EXPECT_TRUE(allowance.take(400));
  EXPECT_FALSE(allowance.take(400));
  allowance.settle(400, 100);
  EXPECT_TRUE(allowance.take(400));
  allowance.settle(400, std::nullopt);
  allowance.settle(400, 0);
  EXPECT_DOUBLE_EQ(allowance.spent_usd(), 500e-9);
}

EvalResult result(std::string candidate, int row, const char* grader, std::optional<double> score,
                  std::optional<int> against = std::nullopt) {
  EvalResult out;
  out.candidate = std::move(candidate);
  out.id = std::to_string(row);
  out.cost_nano_usd = 1'000;
  out.grades[grader] = {"v", score, against, "why"};
  return out;
}

TEST(Evalset, ResultsComeBack) {
  EvalResult one = result("mini", 1, "judge", 0.5, -1);
  one.answer = "an\nanswer";
  one.grading_nano_usd = 7;
  const auto read = result_in(line_of(one));
  ASSERT_TRUE(read);
  EXPECT_EQ(line_of(*read), line_of(one));
  EXPECT_EQ(read->grades.at("judge").against_reference, -1);
  for (const char* bad : {"", "{", "[]", "{\"candidate\":\"mini\",\"gra"}) EXPECT_FALSE(result_in(bad)) << bad;
}

const EvaluatedCandidate& named(const EvalReport& report, const std::string& name) {
  for (const EvaluatedCandidate& each : report.candidates)
    if (each.name == name) return each;
  throw std::runtime_error(name);
}

TEST(Evalset, SaysWhoPasses) {
  std::vector<EvalResult> results;
  for (int row = 0; row < 300; ++row) {
    results.push_back(result(std::string(reference_name), row, "exact", 1));
    results.push_back(result("same", row, "exact", 1));
    results.push_back(result("worse", row, "exact", row % 3 == 0 ? 0 : 1));
    results.push_back(result("nearly", row, "exact", row % 20 == 0 ? 0 : 1));
  }
  const EvalReport report = evaluate(results, 0.05, 0.95);
  EXPECT_EQ(named(report, "same").verdict, EvalVerdict::passes);
  EXPECT_EQ(named(report, "worse").verdict, EvalVerdict::fails);
  EXPECT_EQ(named(report, "nearly").verdict, EvalVerdict::undecided) << "at the margin nothing can be said";
  const GradedCandidate& worse = named(report, "worse").graders.at(0);
  EXPECT_NEAR(worse.difference, -1.0 / 3, 1e-9);
  EXPECT_TRUE(worse.interval.holds(-1.0 / 3));
  EXPECT_NEAR(named(report, "worse").cost_usd.value_or(-1), 1e-6, 1e-12);
  EXPECT_EQ(evaluate({results.begin(), results.begin() + 8}, 0.05, 0.95).candidates.at(0).verdict,
            EvalVerdict::undecided)
      << "two rows say nothing";
}

TEST(Evalset, PairwiseCountsWinsAgainstLosses) {
  std::vector<EvalResult> results;
  for (int row = 0; row < 400; ++row)
    results.push_back(result("mini", row, "judge", row % 4 == 0 ? 0 : 1, row % 4 == 0 ? -1 : row % 4 == 1 ? 1 : 0));
  const EvaluatedCandidate mini = evaluate(results, 0.2, 0.95).candidates.at(0);
  EXPECT_DOUBLE_EQ(mini.graders.at(0).difference, 0);
  EXPECT_DOUBLE_EQ(mini.graders.at(0).score, 0.75);
  EXPECT_EQ(mini.verdict, EvalVerdict::passes);
}

TEST(Evalset, NoAnswerCountsAsWorstAndNotEnoughAsNothing) {
  std::vector<EvalResult> results;
  for (int row = 0; row < 200; ++row) {
    results.push_back(result(std::string(reference_name), row, "judge", 0.9));
    EvalResult failed = result("broken", row, "judge", 0.9);
    if (row % 2 == 0) {
      failed.grades.clear();
      failed.problem = "status 500";
    }
    results.push_back(failed);
    results.push_back(result("vague", row, "judge", row % 2 == 0 ? std::nullopt : std::optional(0.9)));
  }
  const EvalReport report = evaluate(results, 0.05, 0.95);
  EXPECT_EQ(named(report, "broken").failed, 100U);
  EXPECT_EQ(named(report, "broken").verdict, EvalVerdict::fails);
  EXPECT_EQ(named(report, "vague").graders.at(0).not_enough, 100U);
  EXPECT_EQ(named(report, "vague").graders.at(0).difference, 0);
  EXPECT_NE(eval_text(report).find("100 not answered, which count as worst"), std::string::npos);
  EXPECT_EQ(Json::parse(eval_json(report))["candidates"].size(), 2U);
}

TEST(Evalset, AllGradersMustAgree) {
  std::vector<EvalResult> results;
  for (int row = 0; row < 300; ++row) {
    EvalResult reference = result(std::string(reference_name), row, "exact", 1);
    reference.grades["regex"] = {"v", 1, std::nullopt, ""};
    results.push_back(reference);
    EvalResult mini = result("mini", row, "exact", 1);
    mini.grades["regex"] = {"v", 0, std::nullopt, ""};
    results.push_back(mini);
  }
  EXPECT_EQ(evaluate(results, 0.05, 0.95).candidates.at(0).verdict, EvalVerdict::fails);
}

}  // namespace
}  // namespace triage
