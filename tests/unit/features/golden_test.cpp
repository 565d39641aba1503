// The numbers of some dozens of texts. A model is used with the numbers that it was trained on, so whoever changes any
// of these raises features::version. TRIAGE_REGENERATE=1 then writes the file anew.
#include "base/hash.hpp"
#include "features/answer.hpp"
#include "features/difficulty.hpp"
#include "unit/features/asked.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace triage::features {
namespace {

using Json = nlohmann::json;
constexpr const char* path = TRIAGE_SOURCE_DIR "/tests/golden/features/numbers.json";

struct Case {
  std::string name;
  std::string body;
  std::string answer;
  std::optional<std::string> second = {};
  std::string finish_reason = "stop";
};

std::string times(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

const char* const word_problem =
    "Tina makes $18.00 an hour. If she works more than 8 hours per shift, she is eligible for overtime, which is paid "
    "by "
    "your hourly wage + 1/2 your hourly wage. If she works 10 hours every day for 5 days, how much money does she "
    "make?";
const char* const choice =
    "Which of the following is NOT a prime number?\nA. 2\nB. 17\nC. 51\nD. none of the above\nAnswer:";

std::vector<Case> of_questions() {
  const auto ask = [](const std::string& text) { return Asked::body_with(text); };
  return {
      {"word problem, right", ask(word_problem),
       "8 hours a day is 8 * 18 = $<<8*18=144>>144. Overtime pays 18 * 1.5 = 27, so 2 * 27 = 54.\n"
       "She makes 5 * (144 + 54) = 990.\n#### 990"},
      {"word problem, wrong sum", ask(word_problem), "10 * 18 = 190. 190 * 5 = 950.\n#### 950"},
      {"word problem, cut off", ask(word_problem), "First, 8 * 18 = <<8*1", {}, "length"},
      {"word problem, second agrees", ask(word_problem), "The answer is 990.", "{\"answer\": \"990\"}"},
      {"word problem, second differs", ask(word_problem), "The answer is 990.", "I get 900."},
      {"choice, right", ask(choice), "51 = 3 * 17, so it is not prime. The answer is (C)."},
      {"choice, beyond the list", ask(choice), "The answer is (F)."},
      {"choice, none named", ask(choice), "I'm sorry, but I cannot tell which one it is."},
      {"plain question", ask("What is the capital of France?"), "Paris."},
      {"greeting", ask("hi"), "Hello! How can I help you today?"},
      {"code", ask("Fix this:\n```python\ndef f(x):\n    return x +\n```\nIt raises a SyntaxError."),
       "```python\ndef f(x):\n    return x + 1\n```"},
      {"latex", ask("Let $f(x)=\\frac{x^2+3x}{2}$. Find the derivative at $x = 4$."),
       "$f'(4) = \\boxed{\\frac{11}{2}}$"},
      {"statements",
       ask("Statement 1 | Every ring has a unit. Statement 2 | Z_5 is a field.\nA. True, True\nB. False, "
           "False\nC. True, False\nD. False, True\nAnswer:"),
       "D"},
      {"blank", ask("The ____ was signed in 1648, ending the Thirty Years' War."), "Peace of Westphalia"},
      {"long sentence", ask(times("and then he said that ", 60)), times("the same again. ", 40)},
  };
}

std::vector<Case> of_scripts() {
  const auto ask = [](const std::string& text) { return Asked::body_with(text); };
  return {
      {"empty", ask(""), ""},
      {"white space", ask(" \n\t\r\n "), " \n "},
      {"Chinese", ask("一个农场有35只鸡，每只鸡每天吃3杯饲料。一共需要多少杯？"), "35 × 3 = 105杯。答案是105。"},
      {"Japanese", ask("太郎はりんごを3個買いました。いくらですか？"), "300円です。"},
      {"Korean", ask("서울에서 부산까지 얼마나 걸리나요?"), "약 3시간 걸립니다."},
      {"Russian", ask("Сколько будет 17 × 23?"), "17 × 23 = 391"},
      {"Arabic", ask("ما هي عاصمة مصر؟"), "القاهرة"},
      {"Thai", ask("เมืองหลวงของไทยคืออะไร"), "กรุงเทพฯ"},
      {"Hindi", ask("भारत की राजधानी क्या है?"), "नई दिल्ली"},
      {"German", ask("Wie viele Äpfel übrig sind, wenn größere fehlen?"), "Fünf Äpfel."},
      {"emoji", ask("👩‍👩‍👧‍👦 how many 😀😀😀?"), "👍 3"},
      {"control characters", ask(std::string("a\0b\x01\x1f\x7f c", 9)), std::string("x\0y = 3", 7)},
      {"mathematical operators", ask("∀x ∈ ℝ: x² ≥ 0 ∧ ∑ 1/n → ∞, (E ⊃ F) ∨ ~(C ⊃ S)"), "(F ⊃ E) ∨ ~(C ⊃ S)"},
      {"lone surrogate", R"({"model":"m","messages":[{"role":"user","content":"a \ud800 b \udc00"}]})", "ok"},
      {"byte order mark inside", ask("\xef\xbb\xbfWhat?"), "\xef\xbb\xbf"},
      {"no-break spaces", ask("10\xc2\xa0km\xe2\x80\xaf=\xe2\x80\xaf?"),
       "10\xc2\xa0"
       "000"},
  };
}

std::vector<Case> of_extremes() {
  const auto ask = [](const std::string& text) { return Asked::body_with(text); };
  return {
      {"100 KB of prose", ask(times("The quick brown fox jumps over 13 lazy dogs. ", 2300)),
       times("So 1 + 1 = 2. ", 7000)},
      {"100 KB of one letter", ask(std::string(100000, 'a')), std::string(100000, 'b')},
      {"100 KB of digits", ask(std::string(100000, '7')), std::string(100000, '9')},
      {"100 KB of brackets", ask(std::string(100000, '(')), std::string(100000, ')') + " = 1"},
      {"100 KB of '='", ask(std::string(100000, '=')), std::string(100000, '=')},
      {"100 KB of Han", ask(times("漢字", 17000)), times("漢", 34000)},
      {"many choices", ask([] {
         std::string out = "Which?";
         for (char c = 'A'; c <= 'Z'; ++c) out += std::string("\n") + c + ". option " + c;
         return out;
       }()),
       "(P)"},
      {"no messages", R"({"model":"m","messages":[]})", "what?"},
      {"only a system message", R"({"model":"m","messages":[{"role":"system","content":"Be brief."}]})", "ok"},
      {"content is a number", R"({"model":"m","messages":[{"role":"user","content":7}]})", "7"},
      {"parts, tools and images",
       R"({"model":"m","tools":[{"type":"function","function":{"name":"f"}}],"messages":[
         {"role":"user","content":"first"},{"role":"assistant","content":"yes"},
         {"role":"user","content":[{"type":"text","text":"What is 2 + 2"},{"type":"image_url","image_url":{"url":"x"}},
         {"type":"text","text":"and why?"}]}]})",
       "2 + 2 = 4"},
      {"huge numbers", ask("1e308 999999999999999999999999999999999999 0.00000000000000000001"),
       "-1,000,000,000,000,000"},
  };
}

Json numbers_of(const Case& each) {
  const Asked asked(each.body);
  Difficulty difficulty;
  read_difficulty(asked.view(), difficulty);
  Answer answer;
  AnswerText text{.text = each.answer, .finish_reason = each.finish_reason};
  if (each.second) text.second = *each.second;
  read_answer_features(asked.view(), text, answer);
  std::uint64_t ids = 0;
  for (std::size_t i = 0; i < difficulty.ngrams.count; ++i)
    ids = joined(ids, static_cast<std::uint64_t>(difficulty.ngrams.ids[i]));
  return {{"difficulty", difficulty.dense},
          {"ngrams", difficulty.ngrams.count},
          {"ngram_ids", std::to_string(ids)},
          {"answer", answer.dense}};
}

// Logarithms may differ in their last bit between machines.
bool same(const Json& a, const Json& b) {
  if (a.type() != b.type() && !(a.is_number() && b.is_number())) return false;
  if (a.is_number()) return std::abs(a.get<double>() - b.get<double>()) <= 1e-6 * (1 + std::abs(b.get<double>()));
  if (!a.is_structured()) return a == b;
  if (a.size() != b.size()) return false;
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right)
    if ((a.is_object() && left.key() != right.key()) || !same(*left, *right)) return false;
  return true;
}

std::vector<Case> cases() {
  std::vector<Case> out = of_questions();
  for (const auto& more : {of_scripts(), of_extremes()}) out.insert(out.end(), more.begin(), more.end());
  return out;
}

TEST(Golden, NumbersAreThoseOfTheirVersion) {
  Json all = {{"version", version}};
  for (const Case& each : cases()) all["texts"][each.name] = numbers_of(each);
  Json expected;
  if (std::ifstream in(path); in) expected = Json::parse(in);
  if (std::getenv("TRIAGE_REGENERATE") != nullptr) {
    ASSERT_TRUE(expected.is_null() || expected["version"] < version || same(all, expected))
        << "numbers differ from those of version " << version << ": raise features::version";
    std::ofstream(path, std::ios::binary) << all.dump() << '\n';
    return;
  }
  ASSERT_EQ(expected["version"], version) << "TRIAGE_REGENERATE=1 writes " << path;
  for (const auto& [name, numbers] : all["texts"].items())
    EXPECT_TRUE(same(numbers, expected["texts"][name])) << name << ": raise features::version\n" << numbers.dump();
}

void expect_within(std::span<const Feature> table, std::span<const float> numbers, const std::string& name) {
  ASSERT_EQ(table.size(), numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_TRUE(std::isfinite(numbers[i])) << name << ": " << table[i].name;
    EXPECT_GE(numbers[i], table[i].low) << name << ": " << table[i].name;
    EXPECT_LE(numbers[i], table[i].high) << name << ": " << table[i].name;
  }
}

TEST(Golden, NumbersAreWithinTheirRanges) {
  for (const Case& each : cases()) {
    const Asked asked(each.body);
    Difficulty difficulty;
    read_difficulty(asked.view(), difficulty);
    expect_within(difficulty_table(), difficulty.dense, each.name);
    EXPECT_LE(difficulty.ngrams.count, Ngrams::most);
    for (std::size_t i = 0; i < difficulty.ngrams.count; ++i) {
      EXPECT_GT(difficulty.ngrams.ids[i], 0);
      EXPECT_LT(difficulty.ngrams.ids[i], std::int64_t{1} << Ngrams::bits);
    }
    Answer answer;
    read_answer_features(asked.view(), {.text = each.answer, .second = each.second}, answer);
    expect_within(answer_table(), answer.dense, each.name);
  }
}

}  // namespace
}  // namespace triage::features
