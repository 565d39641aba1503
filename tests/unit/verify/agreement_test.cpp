#include "judged.hpp"
#include "recorded.hpp"

#include "verify/agreement.hpp"
#include "verify/same_answer.hpp"

#include <random>

namespace triage::verify {
namespace {

TEST(SameAnswer, FinalNumber) {
  EXPECT_EQ(final_number("so 3 + 4 = 7\n#### 1,234.50"), 1234.5);
  EXPECT_EQ(final_number("The answer is $-5. There were 9 of them."), -5);
  EXPECT_EQ(final_number("thus \\boxed{\\frac{1}{2}} or 3/4"), 1);  // what is not read exactly is read alike
  EXPECT_EQ(final_number("it is 3/4"), 0.75);
  EXPECT_EQ(final_number("between 3-5"), 5);
  EXPECT_EQ(final_number("**Answer:** 12 apples, 3 pears"), 12);
  EXPECT_EQ(final_number("20, 30"), 30);
  EXPECT_EQ(final_number("none"), std::nullopt);
}

TEST(SameAnswer, FinalChoice) {
  EXPECT_EQ(final_choice("C"), 'C');
  EXPECT_EQ(final_choice("**D**."), 'D');
  EXPECT_EQ(final_choice("A man walks in. The answer is (J)."), 'J');
  EXPECT_EQ(final_choice("Answer: B) the second"), 'B');
  EXPECT_EQ(final_choice("Not (A), so (B)"), 'B');
  EXPECT_EQ(final_choice("A man walks in."), std::nullopt);
  EXPECT_EQ(final_choice("K"), std::nullopt);
}

struct Pair {
  bool same;
  const char* compare;
  const char* one;
  const char* other;
};
TEST(SameAnswer, Pairs) {
  for (const Pair& each :
       {Pair{true, "number", "It is 5.0", "#### 5"},
        Pair{false, "number", "5", "-5"},
        Pair{false, "number", "5", "none"},
        Pair{true, "choice", "(B)", "The answer is B."},
        Pair{false, "choice", "(B)", "(C)"},
        Pair{true, "text", "The  Eiffel-Tower.", "eiffel tower"},
        Pair{false, "text", "1.5", "15"},
        Pair{true, "json", R"({"a":1,"b":[true]})", R"({"b":[true],"a":1.0})"},
        Pair{false, "json", R"({"a":1})", R"({"a":1,"b":2})"},
        Pair{false, "json", R"({"a":1})", "1"},
        Pair{true, "auto", R"({"reasoning":"we add all of them one by one and get it","answer":"18"})",
             "```json\n{\"reasoning\":\"first\",\"answer\":\"$18.00\"}\n```"},
        Pair{false, "auto", R"({"answer":"18"})", R"({"answer":"19"})"},
        Pair{false, "auto", R"({"answer":"3x"})", R"({"answer":"3y"})"},
        Pair{true, "auto", R"({"label":"spam","why":"it speaks of a prize that nobody has ever won"})",
             R"({"label":"spam","why":"because it comes from an address that nobody can know"})"},
        Pair{true, "auto", "She has 16 - 7 = 9 left, so she makes 9 * 2 = 18 dollars.", "The answer is 18"},
        Pair{false, "auto", "There are 300 lamps. The answer is (C).", "We need 300 lamps. The answer is (D)."},
        Pair{true, "auto", "There are 30 lamps. The answer is (C).", "We need 300 lamps. The answer is C."},
        Pair{true, "auto", "Paris.", "**Paris**"},
        Pair{false, "auto", "Paris.", "London"},
        Pair{true, "auto", "", ""},
        Pair{true, "auto", "<think>5? 6?</think>7", "7"}}) {
    const auto compare = from_word<CompareAs>(each.compare).value();
    EXPECT_EQ(same_answer(says(each.one), says(each.other), compare), each.same) << each.one << " | " << each.other;
    EXPECT_EQ(same_answer(says(each.other), says(each.one), compare), each.same) << "the other way round";
  }
}

TEST(SameAnswer, ToolCalls) {
  Completion one = says("Let me look.");
  one.tool_calls.push_back({"weather", R"({"city":"Rome","days":2})"});
  Completion other = says("");
  other.tool_calls.push_back({"weather", R"({ "days": 2, "city": "Rome" })"});
  EXPECT_TRUE(same_answer(one, other, CompareAs::automatic));
  other.tool_calls[0].arguments = R"({"days":3,"city":"Rome"})";
  EXPECT_FALSE(same_answer(one, other, CompareAs::automatic));
  EXPECT_FALSE(same_answer(one, says("Let me look."), CompareAs::automatic));
}

VerifierSpec agreement() {
  AgreementSpec out;
  out.deployment = "second";
  out.timeout = std::chrono::milliseconds(900);
  return {"agreement", out};
}

TEST(Agreement, AsksTheSameWithoutAStream) {
  const VerifierSpec spec = agreement();
  const Judged judged(
      R"({"model":"m","stream":true,"messages":[{"role":"user","content":"a\"\u0062"}],"stream_options":{"include_usage":true},"seed":1})",
      says("18"));
  const auto verifier = make_verifier(spec);
  const auto question = verifier->question(judged.answered());
  ASSERT_TRUE(question);
  EXPECT_EQ(question->deployment, "second");
  EXPECT_EQ(question->timeout.count(), 900);
  EXPECT_EQ(question->body, R"({"model":"m","messages":[{"role":"user","content":"a\"\u0062"}],"seed":1})");
  const Completion same = says("it is 18");
  const Completion other = says("it is 19");
  EXPECT_TRUE(verifier->verdict(judged.answered(), &same).accept);
  EXPECT_FALSE(verifier->verdict(judged.answered(), &other).accept);
  EXPECT_EQ(verifier->verdict(judged.answered(), nullptr).reason, "no second answer came from second");
  EXPECT_FALSE(verifier->question(judged.answered(false)));
  EXPECT_TRUE(verifier->verdict(judged.answered(false), nullptr).accept);
}

TEST(Agreement, AnythingIsTaken) {
  std::mt19937 random(11);
  const std::vector<std::string> pieces{"{",        "}",   "[", "]",  "\"",   ":", "answer", "answer is ", "####",
                                        "\\boxed{", "(A)", "(", ")",  "-",    "$", "1",      "/",          "0",
                                        ",",        "000", ".", "\n", "\xff", "é", "我"};
  const auto text = [&] {
    std::string out;
    for (std::size_t n = random() % 30; n > 0; --n) out += pieces[random() % pieces.size()];
    return out;
  };
  for (int round = 0; round < 5'000; ++round) {
    const Completion one = says(text());
    const Completion other = says(text());
    for (std::size_t i = 0; i < words<CompareAs>.size(); ++i) {
      const auto compare = static_cast<CompareAs>(i);
      EXPECT_EQ(same_answer(one, other, compare), same_answer(other, one, compare)) << one.text << " | " << other.text;
    }
  }
}

// Llama-3.1-8B answers; where gemma-2-9b does not agree, gpt-4o is asked.
TEST(Agreement, OnRecordedAnswers) {
  int questions = 0, strong = 0, right = 0, weak_right = 0, strong_right = 0;
  const auto verifier_spec = agreement();
  const auto verifier = make_verifier(verifier_spec);
  for (const nlohmann::json& line : read_recorded("zeroeval_gsm.jsonl.gz")) {
    const nlohmann::json& models = line["models"];
    const auto answer = [&](const char* name) { return says(models[name].value("out", "")); };
    if (!models.contains("Meta-Llama-3.1-8B-Instruct") || !models.contains("gemma-2-9b-it") ||
        !models.contains("gpt-4o-2024-08-06"))
      continue;
    const Judged judged(chat(line["question"].get<std::string>()), answer("Meta-Llama-3.1-8B-Instruct"));
    const Completion second = answer("gemma-2-9b-it");
    const bool accept = verifier->verdict(judged.answered(), &second).accept;
    ++questions;
    strong += accept ? 0 : 1;
    const bool weak_ok = models["Meta-Llama-3.1-8B-Instruct"]["ok"] == 1;
    const bool strong_ok = models["gpt-4o-2024-08-06"]["ok"] == 1;
    weak_right += weak_ok ? 1 : 0;
    strong_right += strong_ok ? 1 : 0;
    right += (accept ? weak_ok : strong_ok) ? 1 : 0;
  }
  if (questions == 0) GTEST_SKIP() << "no recorded answers at " << recorded_file("") << " (set TRIAGE_SHARED)";
  const auto share = [&](int count) { return 100.0 * count / questions; };
  std::printf("%d questions: weak %.1f %%, strong %.1f %%, agreement %.1f %% with %.1f %% strong calls\n", questions,
              share(weak_right), share(strong_right), share(right), share(strong));
  EXPECT_GT(questions, 900);
  EXPECT_GE(share(right), 95.5);
  EXPECT_LE(share(strong), 19.0);
}

}  // namespace
}  // namespace triage::verify
