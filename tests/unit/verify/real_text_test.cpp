// False alarms in a third of the recorded answers to questions of mathematics, code and general knowledge:
// hardly any refuses, hedges or leaves the language. TRIAGE_SHOW_ALARMS=1 prints them.
#include "judged.hpp"
#include "recorded.hpp"

#include "verify/ending.hpp"
#include "verify/hedging.hpp"
#include "verify/language.hpp"
#include "verify/refusal.hpp"
#include "verify/repetition.hpp"

namespace triage::verify {
namespace {

struct Alarms {
  int answers = 0;
  int refusal = 0;
  int hedging = 0;
  int repetition = 0;
  int language = 0;
  int repetition_in_right = 0;
  int truncation = 0;
  int truncation_in_right = 0;

  void look_at(const std::string& question, const std::string& text, bool right = true) {
    const Judged judged(chat(question), says(text));
    const AnswerText answer(judged.completion);
    ++answers;
    count(refusal, "refusal", find_refusal(judged.completion, answer, judged.view()), text, right);
    count(hedging, "hedging", find_hedging(answer, judged.view()), text, right);
    count(truncation, "truncation", find_truncation(judged.completion, true), text, right);
    truncation_in_right += right && find_truncation(judged.completion, true) ? 1 : 0;
    const int before = repetition;
    count(repetition, "repetition", find_repetition(answer.text), text, right);
    repetition_in_right += right ? repetition - before : 0;
    count(language, "language", find_other_language(judged.view(), answer), text, right);
  }

 private:
  static void count(int& sum, const char* check, const std::optional<std::string>& problem, const std::string& text,
                    bool right) {
    if (!problem) return;
    ++sum;
    if (std::getenv("TRIAGE_SHOW_ALARMS") != nullptr)
      std::printf("%s %s %s\n    %.*s ... %s\n", check, right ? "RIGHT" : "wrong", problem->c_str(), 300, text.c_str(),
                  text.substr(text.size() - std::min<std::size_t>(text.size(), 150)).c_str());
  }
};

void add_alarms(const std::string& file, Alarms& out) {
  int number = 0;
  for (const nlohmann::json& line : read_recorded(file)) {
    if (++number % 3 != 0) continue;
    if (line.contains("prompt")) {
      for (const char* which : {"weak_response", "strong_response"})
        if (line.contains(which)) out.look_at(line["prompt"], line[which]);
    } else if (line.contains("models")) {
      for (const auto& model : line["models"].items())
        if (model.value().contains("out") && model.value()["out"].is_string())
          out.look_at(line["question"], model.value()["out"], model.value()["ok"] == 1);
    } else if (line.contains("responses")) {
      for (const auto& response : line["responses"].items())
        if (response.value().is_string())
          out.look_at(line["question"], response.value(), line["correct"][response.key()] == 1);
    }
  }
}

TEST(RealText, FalseAlarms) {
  Alarms seen;
  for (const char* file : {"routellm_gsm8k.jsonl.gz", "zeroeval_gsm.jsonl.gz", "zeroeval_crux.jsonl.gz",
                           "zeroeval_math-l5.jsonl.gz", "mmlupro_outcomes.jsonl.gz"})
    add_alarms(file, seen);
  if (seen.answers == 0) GTEST_SKIP() << "no recorded answers at " << recorded_file("") << " (set TRIAGE_SHARED)";
  std::printf(
      "%d answers: refusal %d, hedging %d, language %d, truncation %d in right ones of %d, repetition %d in right ones "
      "and %d in wrong "
      "ones\n",
      seen.answers, seen.refusal, seen.hedging, seen.language, seen.truncation_in_right, seen.truncation,
      seen.repetition_in_right, seen.repetition - seen.repetition_in_right);
  EXPECT_GT(seen.answers, 20'000);
  EXPECT_LE(seen.refusal, 4);
  EXPECT_LE(seen.hedging, 6);
  EXPECT_LE(seen.language, 3);
  EXPECT_GE(seen.truncation, 80);
  EXPECT_LE(seen.truncation_in_right, 2);
  // Loops, most of them to the end. Chance makes some of those right: a tenth of what is guessed in MMLU-Pro.
  EXPECT_GE(seen.repetition, 250);
  EXPECT_LE(10 * seen.repetition_in_right, seen.repetition);
}

}  // namespace
}  // namespace triage::verify
