#include "verify/verification.hpp"
#include "judged.hpp"
#include "verify/agreement.hpp"
#include "verify/weighted.hpp"

#include <map>

namespace triage::verify {
namespace {

/// Verifiers by name: what they say, and whether they ask first.
struct Scripted {
  Verdict verdict;
  bool asks = false;
};
using Script = std::map<std::string, Scripted>;

class Fake final : public Verifier {
 public:
  Fake(std::string name, const Scripted& script, std::string& seen)
      : name_(std::move(name)), script_(script), seen_(seen) {}
  std::string_view kind() const noexcept override { return name_; }
  void prepare(CallChanges& changes) const override { changes.instruction += name_; }
  std::size_t not_for_client(const Completion& answer) const override {
    return answer.text.size() / (name_ == "a" ? 2 : 4);
  }
  std::optional<Question> question(const Answered&) const override {
    if (!script_.asks) return std::nullopt;
    seen_ += "?" + name_;
    return ChatQuestion{name_, "{}", std::chrono::milliseconds(1)};
  }
  Verdict verdict(const Answered&, const QuestionResult& result) const override {
    seen_ += completion_in(result) != nullptr ? "!" + name_ : name_;
    return script_.verdict;
  }

 private:
  std::string name_;
  const Scripted& script_;
  std::string& seen_;
};

class VerifierTrees : public testing::Test {
 protected:
  std::unique_ptr<VerifierTree> tree(const VerifierSpec& spec) {
    return make_tree(spec, [this](const VerifierSpec& leaf) -> std::unique_ptr<Verifier> {
      const std::string name = leaf.kind == "agreement" ? "agreement" : leaf.kind;
      if (!script.contains(name)) return nullptr;
      return std::make_unique<Fake>(name, script[name], seen);
    });
  }
  Verdict run(const VerifierSpec& spec) {
    seen.clear();
    const auto made = tree(spec);
    const auto walk = made->start(judged.answered());
    auto next = walk->next({});
    while (std::holds_alternative<Question>(next)) next = walk->next(says("ok"));
    return std::get<Verdict>(next);
  }
  Script script{{"a", {{true, 0.9, "a"}, false}},         {"b", {{false, 0.2, "b"}, false}},
                {"c", {{true, std::nullopt, "c"}, true}}, {"d", {{false, std::nullopt, "d"}, true}},
                {"m", {{true, 0.6, "m"}, false}},         {"agreement", {{true, 1.0, "agreement"}, true}}};
  std::string seen;
  Judged judged{chat("x"), says("12345678")};
};

VerifierSpec combined(const std::string& kind, const std::vector<std::string>& of) {
  std::vector<VerifierSpec> parts;
  for (const std::string& each : of) parts.push_back(of_kind(each));
  return {kind, parts};
}

TEST_F(VerifierTrees, OneLeaf) {
  EXPECT_TRUE(run(of_kind("a")).accept);
  EXPECT_FALSE(run(of_kind("d")).accept);
  EXPECT_EQ(seen, "?d!d");
  EXPECT_EQ(tree(of_kind("unknown")), nullptr);
  EXPECT_EQ(tree(combined("all", {"a", "unknown"})), nullptr);
}

TEST_F(VerifierTrees, AllStopsAtTheFirstThatRejects) {
  const Verdict no = run(combined("all", {"a", "b", "c"}));
  EXPECT_FALSE(no.accept);
  EXPECT_EQ(no.reason, "b");
  EXPECT_EQ(seen, "ab");
  const Verdict yes = run(combined("all", {"a", "c", "m"}));
  EXPECT_TRUE(yes.accept);
  EXPECT_EQ(yes.score, 0.6);
  EXPECT_EQ(yes.reason, "a; c; m");
  EXPECT_EQ(seen, "a?c!cm");  // and nobody is asked twice
}

TEST_F(VerifierTrees, AnyStopsAtTheFirstThatAccepts) {
  EXPECT_TRUE(run(combined("any", {"b", "d", "a", "c"})).accept);
  EXPECT_EQ(seen, "b?d!da");
  const Verdict no = run(combined("any", {"b", "d"}));
  EXPECT_FALSE(no.accept);
  EXPECT_EQ(no.reason, "b; d");
}

TEST_F(VerifierTrees, NestedQuestionsGoOnWhereTheyStood) {
  const VerifierSpec spec{"all", std::vector<VerifierSpec>{of_kind("a"), combined("any", {"d", "c"}), of_kind("m")}};
  EXPECT_TRUE(run(spec).accept);
  EXPECT_EQ(seen, "a?d!d?c!cm");
}

VerifierSpec weighted(const std::vector<std::pair<std::string, double>>& parts, double at_least) {
  WeightedVerifierSpec out;
  out.at_least = at_least;
  for (const auto& [kind, weight] : parts) {
    WeightedPartSpec part;
    part.weight = weight;
    part.verifier = of_kind(kind);
    out.of.push_back(part);
  }
  return {"weighted", out};
}

TEST_F(VerifierTrees, WeightedMean) {
  const Verdict verdict = run(weighted({{"a", 3}, {"b", 1}}, 0.7));
  EXPECT_TRUE(verdict.accept);
  EXPECT_NEAR(*verdict.score, (3 * 0.9 + 0.2) / 4, 1e-12);
  EXPECT_FALSE(run(weighted({{"a", 1}, {"b", 1}}, 0.7)).accept);
  EXPECT_TRUE(run(weighted({{"b", 1}, {"c", 1}}, 0.55)).accept);  // no score: 1
  EXPECT_EQ(seen, "b?c!c");
}

TEST_F(VerifierTrees, WeightedAsksNobodyWhoseReplyChangesNothing) {
  EXPECT_TRUE(run(weighted({{"a", 3}, {"d", 1}}, 0.6)).accept);   // 0.675 at least
  EXPECT_EQ(seen, "a?d");                                         // the question is made, and not asked
  EXPECT_FALSE(run(weighted({{"b", 3}, {"c", 1}}, 0.5)).accept);  // 0.4 at most
  EXPECT_EQ(seen, "b?c");
}

TEST_F(VerifierTrees, BandOfAgreement) {
  VerifierSpec spec = of_kind("agreement");
  BandSpec& band = options::options_in<AgreementSpec>(spec.options).unsure.emplace();
  band.from = 0.4;
  band.to = 0.9;
  band.of.emplace() = of_kind("a");
  const Verdict sure = run(spec);
  EXPECT_TRUE(sure.accept);
  EXPECT_EQ(seen, "a");
  *band.of = of_kind("b");
  EXPECT_FALSE(run(spec).accept);
  EXPECT_EQ(seen, "b");
  *band.of = of_kind("m");
  EXPECT_EQ(run(spec).reason, "agreement");
  EXPECT_EQ(seen, "m?agreement!agreement");
}

TEST_F(VerifierTrees, WhatTheCallNeedsIsCollected) {
  const auto made = tree(combined("all", {"a", "b"}));
  CallChanges changes;
  made->prepare(changes);
  EXPECT_EQ(changes.instruction, "ab");
  EXPECT_EQ(made->not_for_client(judged.completion), 4U);
}

TEST_F(VerifierTrees, AnUnansweredQuestionIsSaidToBeOne) {
  const VerifierSpec spec = of_kind("c");
  const auto made = tree(spec);
  const auto walk = made->start(judged.answered());
  ASSERT_TRUE(std::holds_alternative<Question>(walk->next({})));
  ASSERT_TRUE(std::holds_alternative<Verdict>(walk->next({})));
  EXPECT_EQ(seen, "?cc");
}

// A confidence at the end is neither JSON's nor the number that two answers are compared by.
TEST(VerifierTree, OthersJudgeWhatTheClientGets) {
  AgreementSpec agreement;
  agreement.compare = CompareAs::number;
  const VerifierSpec spec{"all",
                          std::vector<VerifierSpec>{of_kind("self"), of_kind("checks"), {"agreement", agreement}}};
  const auto tree = make_verifier_tree(spec);
  const Judged judged(chat("x", R"(,"response_format":{"type":"json_object"})"), says("{\"n\":12}\nConfidence: 0.9"));
  EXPECT_EQ(tree->not_for_client(judged.completion), 16U);
  const auto walk = tree->start(judged.answered());
  EXPECT_TRUE(std::holds_alternative<Question>(walk->next({})));
  const auto last = walk->next(says("12"));
  ASSERT_TRUE(std::holds_alternative<Verdict>(last));
  EXPECT_TRUE(std::get<Verdict>(last).accept) << std::get<Verdict>(last).reason;
}

TEST(VerifierList, KnowsWhatShips) {
  for (const char* kind : {"checks", "self", "logprob", "llm", "agreement"}) {
    const VerifierSpec spec = of_kind(kind);
    ASSERT_NE(make_verifier(spec), nullptr) << kind;
    EXPECT_EQ(make_verifier(spec)->kind(), kind);
    EXPECT_NE(make_verifier_tree(spec), nullptr);
  }
  EXPECT_EQ(make_verifier(of_kind("all")), nullptr);
  EXPECT_EQ(make_verifier_tree(of_kind("")), nullptr);
}

}  // namespace
}  // namespace triage::verify
