#include "features/difficulty.hpp"

#include "unit/features/asked.hpp"

#include <algorithm>
#include <set>

namespace triage::features {
namespace {

class Numbers {
 public:
  explicit Numbers(const std::string& text) {
    const Asked asked(Asked::body_with(text));
    read_difficulty(asked.view(), out_);
  }
  float operator[](std::string_view name) const {
    const auto table = difficulty_table();
    const auto found = std::ranges::find(table, name, &Feature::name);
    EXPECT_NE(found, table.end()) << name;
    return out_.dense[static_cast<std::size_t>(found - table.begin())];
  }
  [[nodiscard]] const Ngrams& ngrams() const { return out_.ngrams; }

 private:
  Difficulty out_;
};

float log1p_of(float count) {
  return std::log1p(count);
}

TEST(Difficulty, CountsWhatAQuestionHas) {
  const Numbers numbers("Tom has 3 boxes of 12.5 kg each. How many kg does he carry, if he drops 50%?");
  EXPECT_FLOAT_EQ(numbers["numbers"], log1p_of(3));
  EXPECT_FLOAT_EQ(numbers["decimals"], 1.0F / 3);
  EXPECT_FLOAT_EQ(numbers["largest_number"], log1p_of(50));
  EXPECT_FLOAT_EQ(numbers["percent_signs"], log1p_of(1));
  EXPECT_FLOAT_EQ(numbers["question_marks"], log1p_of(1));
  EXPECT_FLOAT_EQ(numbers["sentences"], log1p_of(2));
  EXPECT_FLOAT_EQ(numbers["says_quantity"], log1p_of(1));
  EXPECT_FLOAT_EQ(numbers["choices"], 0);
}

TEST(Difficulty, TellsTheStemFromItsChoices) {
  const Numbers numbers("Which is not even?\nA. 2\nB. 4\nC. 5\nD. none of the above\nAnswer:");
  EXPECT_FLOAT_EQ(numbers["choices"], 4);
  EXPECT_FLOAT_EQ(numbers["choices_numeric"], 0.75);
  EXPECT_GT(numbers["choices_collective"], 0);
  EXPECT_FLOAT_EQ(numbers["numbers"], 0) << "the stem has none";
  EXPECT_FLOAT_EQ(numbers["words"], log1p_of(4));
}

TEST(Difficulty, SeesChoicesThatAreCombinations) {
  const Numbers mixed("Two statements.\nA. True, True\nB. False, False\nC. True, False\nD. False, True");
  const Numbers apart("One of these.\nA. red apple\nB. green pear\nC. blue plum\nD. white grape");
  EXPECT_FLOAT_EQ(mixed["choices_distinct"], 0.25);
  EXPECT_FLOAT_EQ(apart["choices_distinct"], 1);
}

std::set<std::int64_t> ids(const Ngrams& ngrams) {
  return {ngrams.ids.begin(), ngrams.ids.begin() + static_cast<std::ptrdiff_t>(ngrams.count)};
}

TEST(Ngrams, AreWordsAndPairsInAnyCase) {
  const Numbers one("red green blue");
  EXPECT_EQ(one.ngrams().count, 5U);
  EXPECT_FLOAT_EQ(one.ngrams().value, 1 / std::sqrt(5.0F));
  EXPECT_EQ(ids(one.ngrams()), ids(Numbers("Red GREEN blue").ngrams()));
  EXPECT_NE(ids(one.ngrams()), ids(Numbers("blue green red").ngrams())) << "order counts";
}

TEST(Ngrams, KnowNumbersByTheirShape) {
  EXPECT_EQ(ids(Numbers("pay 37 now").ngrams()), ids(Numbers("pay 82 now").ngrams()));
  EXPECT_NE(ids(Numbers("pay 37 now").ngrams()), ids(Numbers("pay 370 now").ngrams()));
}

TEST(Ngrams, OfALongTextAreThoseOfItsEnd) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "w" + std::to_string(i) + " ";
  const Numbers numbers(text);
  EXPECT_EQ(numbers.ngrams().count, Ngrams::most);
  const auto last = ids(Numbers("w599").ngrams());
  EXPECT_TRUE(ids(numbers.ngrams()).contains(*last.begin()));
}

TEST(Difficulty, TablesNameEachNumberOnce) {
  std::set<std::string_view> names;
  for (const Feature& feature : difficulty_table()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    EXPECT_FALSE(feature.meaning.empty() || feature.unit.empty()) << feature.name;
    EXPECT_LT(feature.low, feature.high) << feature.name;
  }
}

}  // namespace
}  // namespace triage::features
