#include "verify/same_answer.hpp"

#include "judged.hpp"

#include "verify/final_answer.hpp"
#include "verify/loose_json.hpp"
#include "verify/plain_spelling.hpp"

#include <random>

namespace triage::verify {
namespace {

struct Pair {
  const char* one;
  const char* other;
  const char* question = "Well?";
};

constexpr const char* how_many = "How many are there in all?";

constexpr Pair same[] = {
    // numbers, however they are spelled
    {"1,000", "1000"},
    {"0.5", "1/2"},
    {"1/2", "50 %"},
    {"50%", "0.5"},
    {"\\frac{1}{2}", "1/2"},
    {"$\\dfrac{3}{4}$", "0.75"},
    {"\\boxed{\\frac34}", "\\boxed{3/4}"},
    {"½", "0.5"},
    {"1½", "1.5"},
    {"1\\frac{1}{2}", "3/2"},
    {"-\\frac{3}{4}", "\\frac{-3}{4}"},
    {"10^6", "1,000,000"},
    {"10^{6}", "1 million"},
    {"1e6", "1000000"},
    {"10⁶", "10**6"},
    {"1.5 \\times 10^{-3}", "0.0015"},
    {"6.02 × 10²³", "6.02*10^23"},
    {"18", "18.00"},
    {"0,5", "0.5"},
    {"−5", "-5"},
    {"１８", "18"},
    {"١٨", "18"},
    {"१८", "18"},
    {"twelve", "12"},
    {"twenty-one", "21"},
    {"two hundred", "200"},
    {"\\boxed{1{,}234}", "1234"},
    {"12345678901234567890", "12345678901234567890"},
    // with units
    {"$18", "18 dollars"},
    {"$18.00", "18"},
    {"5 km", "5 kilometres"},
    {"5 km", "5000 m"},
    {"2 hours", "120 minutes"},
    {"60 km/h", "60 kilometers per hour"},
    {"12 m^2", "12 square meters"},
    {"20 °C", "20 degrees Celsius"},
    {"90^\\circ", "90°"},
    {"25\\%", "25 percent"},
    {"18 eggs", "18"},
    {"20 cups of feed", "20 cups"},
    {"$5 per hour", "$5/hour"},
    {"€7", "7 euros"},
    {"50", "50 %", "What percentage of them came?"},
    // marked in prose
    {"She has 9 left, so 9 * 2 = 18.\n#### 18", "The answer is 18."},
    {"**Answer:** 18 apples", "So it is \\boxed{18}."},
    {"There are 30 lamps. The answer is (C).", "We need 300 lamps. The answer is C."},
    {"Final answer: 18, because 9 * 2 = 18.", "18"},
    {"Thus $x = 3$.\n\nThe final answer is $\\boxed{3}$.", "x = 3"},
    {"### Answer\n\n18", "18"},
    {"Die Antwort ist 18.", "18"},
    {"答案是18。", "18"},
    {"Ответ: 18", "#### 18"},
    {"She keeps 16 - 7 = 9 of them, so she makes 9 * 2 = 18 dollars.", "The answer is 18", "How much does she make?"},
    {"That is 9 * 2 = $<<9*2=18>>18.\n#### 18", "So she makes $18 every day at the market.", "How much does she make?"},
    {"First we add.\n\nTherefore, there are 230 miles to go.", "230", "What is the distance?"},
    {"<think>5? 6?</think>7", "7"},
    // choices
    {"B", "(B)"},
    {"(B)", "The answer is B."},
    {"B) Paris", "B"},
    {"**B**", "b"},
    {"\\boxed{\\text{(B)}}", "Option B"},
    {"(B) Paris", "Paris"},
    {"Yes.", "yes"},
    {"Yes, it is prime.", "Yes"},
    {"True", "yes"},
    // short texts
    {"Paris.", "**Paris**"},
    {"paris", "Paris"},
    {"\"Paris\"", "Paris"},
    {"It is Canberra.", "Canberra"},
    {"The capital of Australia is Canberra.", "Canberra", "What is the capital of Australia?"},
    {"Canberra (since 1927)", "Canberra"},
    {"The Eiffel Tower", "Eiffel Tower"},
    {"Canberra\nis the capital", "Canberra\nis the capital"},
    {"`rm -rf build`", "rm -rf build"},
    // formulas, lists, code
    {"x + 1", "x+1"},
    {"2\\sqrt{3}", "2√3"},
    {"2*pi", "2π"},
    {"(1, 2)", "(1,2)"},
    {"[1, 2.0]", "[1, 2]"},
    {"(0.5, 1)", "(\\frac{1}{2}, 1)"},
    {"['a', 'b']", "[\"a\",\"b\"]"},
    {"SELECT * FROM t WHERE id = 1", "SELECT *  FROM t WHERE id=1"},
    // JSON
    {"{\"answer\":\"18\"}", "{\"answer\": 18}"},
    {"{\"reasoning\":\"first\nthen\",\"answer\":\"18\"}", "{\"reasoning\":\"we add\",\"answer\":\"$18.00\"}"},
    {"{\"text\":\"one\ntwo\"}", "{\"text\":\"one\\ntwo\"}"},
    {"Here is the JSON:\n```json\n{\"a\":1}\n```", "{\"a\":1.0}"},
    {"{\"answer\":\"\\frac{3}{4}\"}", "{\"answer\":\"\\\\frac{3}{4}\"}"},
    {"{\"answer\": \"18\",}", "{\"answer\": \"18\"}"},
    {"{\"reasoning\": \"he said \"no\" to it\",\n\"answer\": \"18\"\n}", "18"},
    {"{\"label\":\"spam\",\"why\":\"it speaks of a prize\"}",
     "{\"label\":\"spam\",\"why\":\"nobody knows the sender\"}"},
    {"{\"answer\":[1,2]}", "{\"answer\":\"[1, 2]\"}"},
    {"{\"answer\":\"[]\"}", "{\"answer\":\"[]\"}"},
};

constexpr Pair other[] = {
    {"", ""},
    {" \n", "\n"},
    {"<think>5</think>", "<think>5</think>"},
    // code and facts with the same last number
    {"SELECT * FROM t WHERE id = 1", "DELETE FROM t WHERE id = 1"},
    {"```sql\nSELECT * FROM t WHERE id = 1;\n```", "```sql\nDELETE FROM t WHERE id = 1;\n```"},
    {"UPDATE t SET a = 5", "UPDATE t SET b = 5"},
    {"f(x) = 2", "g(x) = 2"},
    {"rm file1", "cat file1"},
    {"Canberra (since 1927)", "Sydney, chosen in 1927"},
    {"The capital was chosen in 1927: it is Canberra.", "Sydney has been the capital since 1927.",
     "What is the capital?"},
    {"Canberra has been the capital since 1927. It replaced Melbourne.", "It is Sydney. It was chosen in 1927."},
    {"Goethe wrote it in 1808.", "Schiller wrote it in 1808.", "Who wrote it?"},
    {"Use port 443 for that.", "Never use port 443."},
    {"See [1]. It is Paris.", "See [1]. It is Rome."},
    {"I would send POST with {\"id\":1}", "I would send DELETE with {\"id\":1}"},
    {"Use DELETE:\n```json\n{\"id\":1}\n```", "Use GET:\n```json\n{\"id\":1}\n```"},
    // numbers
    {"\\boxed{\\frac{3}{4}}", "\\boxed{\\frac{3}{5}}"},
    {"\\frac{1}{2}", "\\frac{2}{1}"},
    {"10^6", "10^9"},
    {"10^{-3}", "10^3"},
    {"2^10", "2^11"},
    {"10⁶", "10⁷"},
    {"1e-10", "2e-10"},
    {"1.5 million", "1.5 billion"},
    {"5", "-5"},
    {"1.5", "15"},
    {"12345678901234567890", "12345678901234567891"},
    {"0.1", "0.10000001"},
    {"5!", "5"},
    {"5%", "5", "How many came?"},
    {"1994√2", "1994"},
    {"91 - 2x", "91", "Find the value."},
    {"1 1/2", "11/2"},
    {"007", "7"},
    {"3:2", "2:3"},
    {"2024-01-02", "2024-02-01"},
    {"\\sqrt{2}", "2"},
    {"2\\sqrt{3}", "3\\sqrt{2}"},
    {"> 5", "< 5"},
    {"≥ 5", "≤ 5"},
    {"about 3 or 4", "about 4"},
    {"between 3 and 5", "between 4 and 5", "How many?"},
    {"3, 5", "5"},
    {"\\boxed{3} and \\boxed{5}", "\\boxed{4} and \\boxed{5}"},
    // units
    {"5 km", "5 miles"},
    {"5 km", "5 km/h"},
    {"$5", "€5"},
    {"5 dollars", "5 cents"},
    {"5 m", "5 m^2"},
    {"20 °C", "20 °F"},
    {"5 hours", "5 minutes"},
    {"5 MW", "5 mW"},
    {"18 eggs", "18 ducks"},
    {"5 people died", "5 people survived"},
    {"The answer is 5 km.", "The answer is 5 miles."},
    {"#### 5 km", "#### 5 miles"},
    // formulas
    {"x + 1", "x - 1"},
    {"x+1", "x-1"},
    {"3x", "3y"},
    {"3x", "3"},
    {"x^2", "x2"},
    {"a/b", "b/a"},
    {"x = 3", "y = 3"},
    {"x > 3", "x < 3"},
    {"(1, 2)", "(2, 1)"},
    {"(1, 2)", "[1, 2]"},
    {"[1, 2]", "[1, 2, 3]"},
    {"x", "X"},
    {"a * b", "a + b"},
    {"\\sin x", "\\cos x"},
    {"i = 1", "i == 1"},
    // texts
    {"Paris", "London"},
    {"guilty", "not guilty"},
    {"C++", "C"},
    {"C#", "C"},
    {"'abc'", "'ABC'"},
    {"'a  b'", "'a b'"},
    {"HELLO WORLD", "hello world"},
    {"Paris, Texas", "Paris"},
    {"Alice is the taller one.", "Bob is the taller one.", "Who is the taller one, Alice or Bob?"},
    {"*.txt", ".txt"},
    {"2**3", "2*3"},
    {"Yes", "No"},
    {"Yes, Canberra", "Yes, Sydney"},
    {"True", "False"},
    // choices
    {"(B)", "(C)"},
    {"There are 300 lamps. The answer is (C).", "We need 300 lamps. The answer is (D)."},
    {"B) Paris", "B) London"},
    {"A", "5"},
    // prose that comes to nothing that can be read
    {"It depends on the weather. Ask again later, please.", "It depends on the season. Ask somebody else, please."},
    {"#### Conclusion", "So we see.\n#### Conclusion"},
    {"She gave 20 of them 60 cups.", "He gave 10 of them 60 cups.", how_many},
    {"So in total 15 + 25 = <<15+2", "So it was cold. In total 15 + 25 = <<15+2", how_many},
    // JSON
    {"{\"answer\":\"18\"}", "{\"answer\":\"19\"}"},
    {"{\"answer\":\"3x\"}", "{\"answer\":\"3y\"}"},
    {"{\"answer\":\"\"}", "{\"answer\":\"\"}"},
    {"{\"answer\":null}", "{\"answer\":null}"},
    {"{\"a\":1}", "{\"a\":1,\"b\":2}"},
    {"{\"a\":1}", "{\"b\":1}"},
    {"{\"a\":[1,2]}", "{\"a\":[2,1]}"},
    {"{\"text\":\"one\ntwo\"}", "{\"text\":\"one\nthree\"}"},
    {"{\"sql\":\"SELECT name FROM users WHERE id = 1 AND age = 2 OR 3\"}",
     "{\"sql\":\"DELETE name FROM users WHERE id = 1 AND age = 2 OR 3\"}"},
    {"{\"reasoning\":\"we add them\"}", "{\"reasoning\":\"we take them away\"}"},
    {"{\"a\":1}", "1"},
    {"{\"answer\":\"\\frac{3}{4}\"}", "{\"answer\":\"\\frac{3}{5}\"}"},
    {"{\"n\":12345678901234567890123}", "{\"n\":12345678901234567890124}"},
};

TEST(SameAnswer, WhatIsWrittenDifferentlyAgrees) {
  for (const Pair& each : same) {
    const Completion one = says(each.one);
    const Completion two = says(each.other);
    EXPECT_EQ(same_answer(one, two, CompareAs::automatic, each.question), Sameness::same)
        << each.one << " | " << each.other;
    EXPECT_EQ(same_answer(two, one, CompareAs::automatic, each.question), Sameness::same)
        << each.other << " | " << each.one;
  }
}

TEST(SameAnswer, WhatDiffersDoesNot) {
  for (const Pair& each : other) {
    const Completion one = says(each.one);
    const Completion two = says(each.other);
    EXPECT_NE(same_answer(one, two, CompareAs::automatic, each.question), Sameness::same)
        << each.one << " | " << each.other;
    EXPECT_NE(same_answer(two, one, CompareAs::automatic, each.question), Sameness::same)
        << each.other << " | " << each.one;
  }
}

TEST(SameAnswer, WhatCannotBeReadIsUnclear) {
  for (const Pair& each : {Pair{"", ""}, Pair{"18", "Paris"}, Pair{"It depends. Ask again later, please.", "18"},
                           Pair{"18 eggs", "18 ducks"}, Pair{"{\"a\":1}", "1"},
                           Pair{"The answer is 18.", "He was born in 1927, which was long ago. It was cold then."}})
    EXPECT_EQ(same_answer(says(each.one), says(each.other), CompareAs::automatic, each.question), Sameness::unclear)
        << each.one << " | " << each.other;
}

TEST(SameAnswer, AsTheConfigSays) {
  struct Case {
    Sameness is;
    const char* compare;
    const char* one;
    const char* other;
  };
  for (const Case& each :
       {Case{Sameness::same, "number", "It is 5.0", "#### 5"}, Case{Sameness::different, "number", "5", "-5"},
        Case{Sameness::unclear, "number", "5", "none"},
        Case{Sameness::different, "number", "It is 5 km.", "It is 5 miles."},
        Case{Sameness::different, "number", "so 10^6", "so 10^9"},
        Case{Sameness::same, "number", "In 2020 there were 18.", "18"}, Case{Sameness::unclear, "number", "", ""},
        Case{Sameness::same, "choice", "(B)", "The answer is B."}, Case{Sameness::different, "choice", "(B)", "(C)"},
        Case{Sameness::unclear, "choice", "A man walks in.", "(C)"},
        Case{Sameness::same, "text", "The  Eiffel-Tower.", "Eiffel tower"},
        Case{Sameness::different, "text", "1.5", "15"}, Case{Sameness::different, "text", "x + 1", "x - 1"},
        Case{Sameness::unclear, "text", "", " "},
        Case{Sameness::same, "json", R"({"a":1,"b":[true]})", R"({"b":[true],"a":1.0})"},
        Case{Sameness::same, "json", "I think {\"a\":\"x\ny\"} will do.", R"({"a":"x\ny"})"},
        Case{Sameness::different, "json", R"({"a":1})", R"({"a":1,"b":2})"},
        Case{Sameness::unclear, "json", R"({"a":1})", "1"}}) {
    const auto compare = from_word<CompareAs>(each.compare).value();
    EXPECT_EQ(same_answer(says(each.one), says(each.other), compare, "?"), each.is) << each.one << " | " << each.other;
    EXPECT_EQ(same_answer(says(each.other), says(each.one), compare, "?"), each.is) << "the other way round";
  }
}

TEST(SameAnswer, FinalNumber) {
  const auto number = [](std::string_view text) {
    const AnswerValue out = final_number(text);
    return out.kind == AnswerValue::Kind::number ? std::optional(out.number.value) : std::nullopt;
  };
  EXPECT_EQ(number("so 3 + 4 = 7\n#### 1,234.50"), 1234.5);
  EXPECT_EQ(number("The answer is $-5. There were 9 of them."), -5);
  EXPECT_EQ(number("thus \\boxed{\\frac{1}{2}} or 3/4"), 0.5);
  EXPECT_EQ(number("it is 3/4"), 0.75);
  EXPECT_EQ(number("between 3-5"), std::nullopt);
  EXPECT_EQ(number("**Answer:** 12 apples, 3 pears"), 12);
  EXPECT_EQ(number("none"), std::nullopt);
  EXPECT_EQ(number("It is not 5."), std::nullopt);
  EXPECT_EQ(number("so it comes to minus 5"), -5);
}

TEST(SameAnswer, FinalChoice) {
  EXPECT_EQ(final_choice("C"), 'C');
  EXPECT_EQ(final_choice("**D**."), 'D');
  EXPECT_EQ(final_choice("A man walks in. The answer is (J)."), 'J');
  EXPECT_EQ(final_choice("Answer: B) the second"), 'B');
  EXPECT_EQ(final_choice("Not (A), so (B)"), 'B');
  EXPECT_EQ(final_choice("It is not (B)."), std::nullopt);
  EXPECT_EQ(final_choice("It is (A), it cannot be (B)."), 'A');
  EXPECT_EQ(final_choice("A man walks in."), std::nullopt);
  EXPECT_EQ(final_choice("K"), std::nullopt);
}

TEST(SameAnswer, ToolCalls) {
  Completion one = says("Let me look.");
  one.tool_calls.push_back({"weather", R"({"city":"Rome","days":2})"});
  Completion two = says("");
  two.tool_calls.push_back({"weather", R"({ "days": 2, "city": "Rome" })"});
  EXPECT_EQ(same_answer(one, two, CompareAs::automatic, ""), Sameness::same);
  two.tool_calls[0].arguments = R"({"days":3,"city":"Rome"})";
  EXPECT_EQ(same_answer(one, two, CompareAs::automatic, ""), Sameness::different);
  two.tool_calls[0].arguments = "";
  EXPECT_EQ(same_answer(one, two, CompareAs::automatic, ""), Sameness::different);
  EXPECT_EQ(same_answer(one, says("Let me look."), CompareAs::automatic, ""), Sameness::different);
  Completion picture = says("Here it is.");
  picture.media = true;
  EXPECT_EQ(same_answer(picture, picture, CompareAs::automatic, ""), Sameness::unclear);
}

TEST(SameAnswer, AnythingIsTaken) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces{
      "{", "}", "[", "]",  "\"", ":",   "answer", "answer is ", "####",     "\\boxed{", "(A)", "(",      ")",  "-",
      "$", "1", "/", "0",  ",",  "000", ".",      "\n",         "\xff",     "é",        "我",  "\\frac", "^",  "**",
      "`", "'", "%", "km", " ",  "=",   "<<",     ">>",         "\xe2\x81", "²",        "x",   "\\",     "```"};
  const auto text = [&] {
    std::string out;
    for (std::size_t n = random() % 30; n > 0; --n) out += pieces[random() % pieces.size()];
    return out;
  };
  for (int round = 0; round < 5'000; ++round) {
    const Completion one = says(text());
    const Completion two = says(text());
    for (std::size_t i = 0; i < words<CompareAs>.size(); ++i) {
      const auto compare = static_cast<CompareAs>(i);
      EXPECT_EQ(same_answer(one, two, compare, "How many?"), same_answer(two, one, compare, "How many?"))
          << one.text << " | " << two.text;
    }
  }
}

}  // namespace
}  // namespace triage::verify
