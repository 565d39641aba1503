#include "judged.hpp"
#include "recorded.hpp"

#include "verify/agreement.hpp"

namespace triage::verify {
namespace {

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
  const auto& asked = std::get<ChatQuestion>(*question);
  EXPECT_EQ(asked.deployment, "second");
  EXPECT_EQ(asked.timeout.count(), 900);
  EXPECT_EQ(asked.body, R"({"model":"m","messages":[{"role":"user","content":"a\"\u0062"}],"seed":1})");
  const Completion same = says("it is 18");
  const Completion other = says("it is 19");
  EXPECT_TRUE(verifier->verdict(judged.answered(), same).accept);
  EXPECT_FALSE(verifier->verdict(judged.answered(), other).accept);
  EXPECT_EQ(verifier->verdict(judged.answered(), {}).reason, "no second answer came from second");
  EXPECT_FALSE(verifier->question(judged.answered(false)));
  EXPECT_TRUE(verifier->verdict(judged.answered(false), {}).accept);
}

TEST(Agreement, WhatCannotBeComparedEscalates) {
  const VerifierSpec spec = agreement();
  const auto verifier = make_verifier(spec);
  const auto reason = [&](const Completion& answer, const Completion& reply) {
    const Judged judged(chat("What is it?"), answer);
    const Verdict verdict = verifier->verdict(judged.answered(), reply);
    EXPECT_FALSE(verdict.accept) << answer.text;
    return verdict.reason;
  };
  const std::string cannot = "cannot tell whether it agrees with second: no final answer of one kind";
  EXPECT_EQ(reason(says(""), says("")), cannot);
  EXPECT_EQ(reason(says("18"), says("Paris")), cannot);
  EXPECT_EQ(reason(says("18"), says("19")), "does not agree with second");
  const std::string none = "cannot tell: an answer is cut off, or refuses";
  EXPECT_EQ(reason(says("I'm sorry, but I can't help with that."), says("I'm sorry, but I can't help with that.")),
            none);
  EXPECT_EQ(reason(says("18", "length"), says("18")), none);
  EXPECT_EQ(reason(says("18"), says("18", "length")), none);
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
    const bool accept = verifier->verdict(judged.answered(), second).accept;
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
