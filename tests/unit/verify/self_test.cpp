#include "verify/self.hpp"
#include "judged.hpp"

namespace triage::verify {
namespace {

VerifierSpec self() {
  return of_kind("self");
}

struct Ending {
  const char* text;
  double score;
  std::string for_client;
};

TEST(Self, ReadsAndCutsTheLastLine) {
  const VerifierSpec spec = self();
  const auto verifier = make_verifier(spec);
  for (const Ending& each :
       {Ending{"Paris.\n\nConfidence: 0.9", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 95%\n", 0.95, "Paris."},
        Ending{"Paris. Confidence: 1", 1, "Paris."},
        Ending{"Paris.\n**Confidence:** 80", 0.8, "Paris."},
        Ending{"Paris.\n**Confidence: .75**.\n", 0.75, "Paris."},
        Ending{"confidence=0 %", 0, ""},
        Ending{"Paris.\nConfidence level: 0.95", 0.95, "Paris."},
        Ending{"Paris.\nConfidence: 9/10", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 0,9", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 90 %", 0.9, "Paris."},
        Ending{"Paris.\nConfidence score: 8 out of 10.", 0.8, "Paris."},
        Ending{"Paris.\nMy confidence is 0.85.", 0.85, "Paris."},
        Ending{"Paris.\n[Confidence: 90 percent]", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 4/5", 0.8, "Paris."},
        Ending{"Paris.\nConfidence: 95/100", 0.95, "Paris."},
        Ending{"Paris.\n**Confidence Level:** **0.7**", 0.7, "Paris."},
        Ending{"Paris.\nConfidence: 1.", 1, "Paris."},
        Ending{"Paris.\n9/10", 0.9, "Paris."},
        Ending{"Paris.\n\n0,9", 0.9, "Paris."},
        Ending{"Paris.\n**0.9**\n", 0.9, "Paris."},
        Ending{"Paris.\n90/100.", 0.9, "Paris."},
        Ending{"Paris.\nConfidence (0-1): 0.9", 0.9, "Paris."},
        Ending{"Paris.\n**Confidence (from 0 to 1):** 0.9", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 0.9 (very sure)", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: ~0.9", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: about 90%", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 0.9. This is well known.", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 0.9 - it is well known", 0.9, "Paris."},
        Ending{"Paris.\nConfidence: 0.9\n\nLet me know if you need more!", 0.9, "Paris."},
        Ending{"Paris.\nConfiance : 0,9", 0.9, "Paris."},
        Ending{"Paris.\nNiveau de confiance\u00a0: 0,9", 0.9, "Paris."},
        Ending{"Paris.\nConfianza: 90 %", 0.9, "Paris."},
        Ending{"\u5df4\u9ece\u3002\n\u7f6e\u4fe1\u5ea6\uff1a0.9", 0.9, "\u5df4\u9ece\u3002"},
        Ending{"Confidence: 0.1\n\nConfidence: 0.8", 0.8, "Confidence: 0.1"},
        Ending{"Confidence: 0.1 was too low.\n\nConfidence: 0.7\n\n", 0.7, "Confidence: 0.1 was too low."}}) {
    const Judged judged(chat("x"), says(each.text));
    const Verdict verdict = verifier->verdict(judged.answered(), {});
    EXPECT_DOUBLE_EQ(verdict.score.value_or(-1), each.score) << each.text;
    EXPECT_EQ(verdict.accept, each.score >= 0.7) << each.text;
    const std::size_t cut = verifier->not_for_client(judged.completion);
    EXPECT_EQ(judged.completion.text.substr(0, judged.completion.text.size() - cut), each.for_client);
  }
}

TEST(Self, NoneGivenIsARejection) {
  const VerifierSpec spec = self();
  const auto verifier = make_verifier(spec);
  for (const char* text :
       {"Paris.", "", "Confidence: high", "Confidence: 0.9 is what I would say of it.", "Confidence: 250",
        "Confidence: 9/0", "Confidence: 12/10", "Confidence: 150 %", "Confidence: ,", "x =\n0.5",
        "The probability is:\n\n0.25", "0.9", "9/10", "It is either\n1/2", "Paris.\n1.5", "Paris.\n12/10",
        "In confidence: 12 people came and went home again."}) {
    const Judged judged(chat("x"), says(text));
    EXPECT_EQ(verifier->verdict(judged.answered(), {}).reason, "no confidence given") << text;
  }
  EXPECT_EQ(verifier->not_for_client(says("Paris.")), 0U);
  EXPECT_TRUE(verifier->verdict(Judged(chat("x"), says("Par", "")).answered(false), {}).accept);
}

TEST(Self, OwnInstructionAndPattern) {
  const VerifierSpec spec{"self", SelfSpec{"End with [sure:N].", "\\[sure:([0-9.]+)\\]", 0.5}};
  const auto verifier = make_verifier(spec);
  CallChanges changes;
  changes.instruction = "Be brief.";
  verifier->prepare(changes);
  EXPECT_EQ(changes.instruction, "Be brief.\n\nEnd with [sure:N].");
  EXPECT_FALSE(changes.logprobs);
  const Judged judged(chat("x"), says("Paris. [sure:0.5] ok"));
  EXPECT_TRUE(verifier->verdict(judged.answered(), {}).accept);
  EXPECT_EQ(verifier->not_for_client(judged.completion), 14U);
}

}  // namespace
}  // namespace triage::verify
