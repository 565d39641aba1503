#include "features/answer.hpp"

#include "unit/features/asked.hpp"

#include <algorithm>
#include <cmath>

namespace triage::features {
namespace {

const std::string apples = "Ann has 3 bags of 12 apples and eats 4. How many apples are left?";
const std::string prime = "Which is prime?\nA. 51\nB. 53\nC. 57\nAnswer:";

class Numbers {
 public:
  Numbers(const std::string& question, const AnswerText& answer) {
    const Asked asked(Asked::body_with(question));
    read_answer_features(asked.view(), answer, out_);
  }
  float operator[](std::string_view name) const {
    const auto table = answer_table();
    const auto found = std::ranges::find(table, name, &Feature::name);
    EXPECT_NE(found, table.end()) << name;
    return out_.dense[static_cast<std::size_t>(found - table.begin())];
  }

 private:
  Answer out_;
};

TEST(AnswerFeatures, CheckArithmeticAndCoverage) {
  const Numbers good(apples, {.text = "3 * 12 = 36. 36 - 4 = 32.\n#### 32"});
  EXPECT_FLOAT_EQ(good["statements"], std::log1p(2.0F));
  EXPECT_FLOAT_EQ(good["statements_wrong"], 0);
  EXPECT_FLOAT_EQ(good["numbers_used"], 1);
  EXPECT_FLOAT_EQ(good["final_result"], 1);
  EXPECT_FLOAT_EQ(good["numbers_unexplained"], 0);
  const Numbers bad(apples, {.text = "3 * 12 = 38, so 19 are left."});
  EXPECT_FLOAT_EQ(bad["statements_wrong"], std::log1p(1.0F));
  EXPECT_FLOAT_EQ(bad["numbers_used"], 2.0F / 3);
  EXPECT_FLOAT_EQ(bad["final_result"], -1);
  EXPECT_GT(bad["numbers_unexplained"], 0);
}

TEST(AnswerFeatures, SeeThatAnAnswerBreaksOff) {
  const Numbers open(apples, {.text = "First, 3 times <<3*", .finish_reason = "length"});
  EXPECT_FLOAT_EQ(open["cut_off"], 1);
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = "so she has"})["ends_open"], 1);
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = "So she has 32."})["ends_open"], 0);
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = ""})["ends_open"], 1);
}

TEST(AnswerFeatures, WeighTheChosenChoice) {
  const Numbers backed(prime, {.text = "53 has no divisors. The answer is (B)."});
  EXPECT_FLOAT_EQ(backed["choice"], 2);
  EXPECT_FLOAT_EQ(backed["choice_support"], 1);
  EXPECT_FLOAT_EQ(backed["choice_margin"], 1);
  const Numbers crossed(prime, {.text = "53 has no divisors. The answer is (A)."});
  EXPECT_FLOAT_EQ(crossed["choice_margin"], -1);
  EXPECT_FLOAT_EQ(Numbers(prime, {.text = "No idea."})["choice_missing"], 1);
  EXPECT_FLOAT_EQ(Numbers(prime, {.text = "The answer is (P)."})["choice_missing"], 1);
}

TEST(AnswerFeatures, CompareASecondAnswer) {
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = "#### 32"})["second_agrees"], -1);
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = "#### 32", .second = "The answer is 32."})["second_agrees"], 1);
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = "#### 32", .second = "40"})["second_agrees"], 0);
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = "#### 32", .second = "No idea."})["second_agrees"], 0.5);
  EXPECT_FLOAT_EQ(Numbers(prime, {.text = "(B)", .second = "Answer: B"})["second_agrees"], 1);
}

TEST(AnswerFeatures, NoticeDoubtRefusalAndRepetition) {
  EXPECT_GT(Numbers(apples, {.text = "Perhaps it is 32, but I'm not sure."})["says_hedge"], 0);
  EXPECT_GT(Numbers(apples, {.text = "I cannot answer that."})["says_refusal"], 0);
  std::string loop;
  for (int i = 0; i < 30; ++i) loop += "and then we add the apples again ";
  EXPECT_GT(Numbers(apples, {.text = loop})["repeated"], 0.7F);
  EXPECT_FLOAT_EQ(Numbers(apples, {.text = "Each bag has twelve apples, and there are three bags."})["repeated"], 0);
}

}  // namespace
}  // namespace triage::features
