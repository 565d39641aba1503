#include "judge/judging.hpp"

#include "graded.hpp"

namespace triage::judge {
namespace {

TEST(Judging, PointwiseIsOneQuestion) {
  const Asked good =
      judged(judge_spec(), sample("2 + 2?", "4"), nullptr, [](const Shown& shown) { return reply(shown.nonce(), 8); });
  EXPECT_EQ(good.questions, 1);
  EXPECT_EQ(good.judgement.finding, Finding::graded);
  EXPECT_DOUBLE_EQ(good.judgement.score.value_or(-1), 0.8);
  EXPECT_EQ(good.judgement.reason, "8 of 10");
  EXPECT_EQ(good.judgement.said, "because");
}

TEST(Judging, TheQuestionIsShortAndStructured) {
  JudgeSpec spec = judge_spec();
  spec.rubric = "Be strict.";
  const Sample graded = sample("2 + 2?", "4");
  Judging judging(spec, graded, nullptr, random_nonces);
  auto next = judging.next({});
  const auto& asked = std::get<ChatQuestion>(std::get<Question>(next));
  EXPECT_EQ(asked.deployment, "frontier");
  EXPECT_EQ(asked.timeout, spec.timeout);
  const Shown shown(std::get<Question>(next));
  EXPECT_EQ(shown.body["temperature"], 0);
  EXPECT_EQ(shown.body["response_format"]["type"], "json_schema");
  EXPECT_EQ(shown.body["response_format"]["json_schema"]["strict"], true);
  EXPECT_TRUE(shown.system.starts_with("Be strict.\n\nYou are given one line of JSON")) << shown.system;
  EXPECT_EQ(shown.system.find('@'), std::string::npos) << "a word of the frame was not replaced: " << shown.system;
  EXPECT_NE(shown.system.find(shown.marker), std::string::npos);
  EXPECT_EQ(shown.material(), nlohmann::json::parse(R"({"request":[{"role":"user","text":"2 + 2?"}],"answer":"4"})"));
}

TEST(Judging, WithoutARubricThereIsABuiltInOne) {
  const Sample graded = sample("x", "y");
  const JudgeSpec spec = judge_spec();
  Judging judging(spec, graded, nullptr, random_nonces);
  auto next = judging.next({});
  EXPECT_TRUE(Shown(std::get<Question>(next)).system.starts_with(built_in_rubric));
}

TEST(Judging, AnUnreadableReplyIsAskedForOnceMore) {
  int asked = 0;
  std::string first_nonce;
  const Asked then = judged(judge_spec(), sample("x", "y"), nullptr, [&](const Shown& shown) {
    if (++asked == 1) {
      first_nonce = shown.nonce();
      EXPECT_EQ(shown.user.find("could not be read"), std::string::npos);
      return std::string("Seven out of ten.");
    }
    EXPECT_NE(shown.nonce(), first_nonce) << "each question has its own";
    EXPECT_NE(shown.user.find("could not be read"), std::string::npos);
    return reply(shown.nonce(), 7);
  });
  EXPECT_EQ(then.questions, 2);
  EXPECT_DOUBLE_EQ(then.judgement.score.value_or(-1), 0.7);
  const Asked never = judged(judge_spec(), sample("x", "y"), nullptr, [](const Shown&) { return "Seven."; });
  EXPECT_EQ(never.questions, 2);
  EXPECT_EQ(never.judgement.finding, Finding::unreadable);
  EXPECT_FALSE(never.judgement.score);
}

TEST(Judging, ARefusalOfTheJudgeIsNoGrade) {
  const Sample graded = sample("x", "y");
  const JudgeSpec spec = judge_spec();
  Judging judging(spec, graded, nullptr, random_nonces);
  auto next = judging.next({});
  Completion refusal = says(reply(Shown(std::get<Question>(next)).nonce(), 10));
  refusal.refusal = "I can't help with that.";
  next = judging.next(refusal);
  ASSERT_TRUE(std::holds_alternative<Question>(next));
  next = judging.next(refusal);
  ASSERT_TRUE(std::holds_alternative<Judgement>(next));
  EXPECT_FALSE(std::get<Judgement>(next).score);
}

TEST(Judging, NoReplyIsNoGrade) {
  const Sample graded = sample("x", "y");
  const JudgeSpec spec = judge_spec();
  Judging judging(spec, graded, nullptr, random_nonces);
  auto next = judging.next({});
  next = judging.next(QuestionResult());
  ASSERT_TRUE(std::holds_alternative<Judgement>(next));
  EXPECT_EQ(std::get<Judgement>(next).finding, Finding::no_reply);
  EXPECT_FALSE(std::get<Judgement>(next).score);
}

// Nothing to grade costs nothing.
TEST(Judging, NotEnoughIsAStateOfItsOwn) {
  Sample calls = sample("x", "");
  calls.answer.tool_calls.push_back({"weather", "{}"});
  Sample media = sample("x", "");
  media.answer.media = true;
  Sample cut = sample("x", "It is");
  cut.answer.finish_reason = "length";
  Sample filtered = sample("x", "It is");
  filtered.answer.finish_reason = "content_filter";
  const std::pair<Sample, const char*> cases[] = {
      {sample("x", ""), "it is empty"}, {sample("x", " \n\t"), "it is empty"},
      {calls, "it only calls tools"},   {media, "it has no text"},
      {cut, "it was cut off"},          {filtered, "it was filtered"}};
  for (const auto& [graded, why] : cases) {
    const Asked none = judged(judge_spec(), graded, nullptr, [](const Shown&) { return ""; });
    EXPECT_EQ(none.questions, 0) << why;
    EXPECT_EQ(none.judgement.finding, Finding::not_enough);
    EXPECT_EQ(none.judgement.reason, why);
    EXPECT_FALSE(none.judgement.score);
  }
  const Asked told =
      judged(judge_spec(), sample("x", "y"), nullptr, [](const Shown& shown) { return reply(shown.nonce(), nullptr); });
  EXPECT_EQ(told.questions, 1);
  EXPECT_EQ(told.judgement.finding, Finding::not_enough);
  EXPECT_FALSE(told.judgement.score);
}

TEST(Judging, ARefusalIsGraded) {
  Sample refused = sample("x", "");
  refused.answer.refusal = "I won't.";
  const Asked graded = judged(judge_spec(), refused, nullptr, [](const Shown& shown) {
    EXPECT_EQ(shown.material()["answer"], "I won't.");
    return reply(shown.nonce(), 1);
  });
  EXPECT_DOUBLE_EQ(graded.judgement.score.value_or(-1), 0.1);
}

TEST(Judging, PairwiseAsksInBothOrders) {
  const Completion baseline = says("baseline");
  std::vector<std::string> orders;
  const Asked won = judged(judge_spec(JudgeMode::pairwise), sample("x", "given"), &baseline, [&](const Shown& shown) {
    const auto material = shown.material();
    orders.push_back(material["first"].get<std::string>() + " " + material["second"].get<std::string>());
    EXPECT_EQ(shown.system.find("frontier"), std::string::npos) << "blind";
    EXPECT_EQ(shown.user.find("frontier"), std::string::npos) << "blind";
    return reply(shown.nonce(), material["first"] == "given" ? "first" : "second", "better");
  });
  EXPECT_EQ(orders, (std::vector<std::string>{"given baseline", "baseline given"}));
  EXPECT_EQ(won.judgement.finding, Finding::win);
  EXPECT_DOUBLE_EQ(won.judgement.score.value_or(-1), 1);
}

TEST(Judging, AVerdictThatChangesWithTheOrderIsATie) {
  using B = Better;
  struct Case {
    B given_first, given_second;
    Finding finding;
    std::optional<double> score;
  };
  for (const Case& each :
       {Case{B::first, B::second, Finding::win, 1.0}, Case{B::second, B::first, Finding::loss, 0.0},
        Case{B::tie, B::tie, Finding::tie, 1.0}, Case{B::first, B::first, Finding::order, 1.0},
        Case{B::second, B::second, Finding::order, 1.0}, Case{B::first, B::tie, Finding::order, 1.0},
        Case{B::tie, B::first, Finding::order, 1.0}, Case{B::unknown, B::second, Finding::not_enough, std::nullopt},
        Case{B::first, B::unknown, Finding::not_enough, std::nullopt}}) {
    const Judgement found = judgement_of({each.given_first, "a"}, {each.given_second, "b"});
    EXPECT_EQ(found.finding, each.finding) << word(each.given_first) << word(each.given_second);
    EXPECT_EQ(found.score, each.score);
    EXPECT_EQ(found.said, "a / b");
  }
}

TEST(Judging, PairwiseNeedsABaselineThatSaysSomething) {
  const auto never = [](const Shown&) { return ""; };
  const JudgeSpec spec = judge_spec(JudgeMode::pairwise);
  EXPECT_EQ(judged(spec, sample("x", "y"), nullptr, never).judgement.finding, Finding::no_reply);
  const Completion empty = says("");
  const Asked none = judged(spec, sample("x", "y"), &empty, never);
  EXPECT_EQ(none.judgement.finding, Finding::not_enough);
  EXPECT_EQ(none.questions, 0);
}

TEST(Judging, EachOrderMayBeAskedForOnceMore) {
  const Completion baseline = says("baseline");
  int asked = 0;
  const Asked won = judged(judge_spec(JudgeMode::pairwise), sample("x", "given"), &baseline, [&](const Shown& shown) {
    if (++asked % 2 == 1) return std::string("Hm.");
    return reply(shown.nonce(), shown.material()["first"] == "given" ? "first" : "second", "better");
  });
  EXPECT_EQ(won.questions, 4);
  EXPECT_EQ(won.judgement.finding, Finding::win);
}

TEST(Judging, TheVersionChangesWithWhateverGradesDependOn) {
  const JudgeSpec spec = judge_spec();
  const std::string version = version_of(spec, "gpt", "");
  EXPECT_EQ(version.size(), 16U);
  EXPECT_EQ(version, version_of(spec, "gpt", ""));
  JudgeSpec other = spec;
  other.rubric = "Be strict.";
  EXPECT_NE(version_of(other, "gpt", ""), version);
  other = spec;
  other.mode = JudgeMode::pairwise;
  EXPECT_NE(version_of(other, "gpt", ""), version);
  other = spec;
  other.deployment = "mini";
  EXPECT_NE(version_of(other, "gpt", ""), version);
  EXPECT_NE(version_of(spec, "gpt-2", ""), version);
  EXPECT_NE(version_of(spec, "gpt", "dear"), version);
  other = spec;
  other.share = 0.5;
  other.daily_budget_usd = 3;
  EXPECT_EQ(version_of(other, "gpt", ""), version) << "how many are graded changes no grade";
}

TEST(Judging, WhatIsNotThatJsonIsNoGrade) {
  const std::string n = "nonce";
  EXPECT_TRUE(read_point(says(" {\"score\":7,\"nonce\":\"nonce\",\"reason\":\"\"}\n"), n));
  EXPECT_TRUE(read_point(says(R"({"nonce":"\u006eonce","reason":"","score":10})"), n));
  for (const char* text : {"",
                           "7",
                           R"("7")",
                           "null",
                           R"({"nonce":"nonce","score":7})",
                           R"({"reason":"","score":7})",
                           R"({"nonce":"nonce","reason":""})",
                           R"({"nonce":"other","reason":"","score":7})",
                           R"({"nonce":"","reason":"","score":7})",
                           R"({"nonce":"nonce","reason":"","score":"7"})",
                           R"({"nonce":"nonce","reason":"","score":11})",
                           R"({"nonce":"nonce","reason":"","score":-1})",
                           R"({"nonce":"nonce","reason":"","score":7.5})",
                           R"({"nonce":"nonce","reason":"","score":1e1})",
                           R"({"nonce":"nonce","reason":"","score":true})",
                           R"({"nonce":"nonce","reason":"","score":[7]})",
                           R"({"nonce":"nonce","reason":7,"score":7})",
                           R"({"nonce":"nonce","reason":"","score":7,"more":1})",
                           R"({"nonce":"nonce","reason":"","score":7,"score":10})",
                           R"({"nonce":"nonce","reason":"","score":7)",
                           R"([{"nonce":"nonce","reason":"","score":7}])",
                           R"(So: {"nonce":"nonce","reason":"","score":7})",
                           R"({"nonce":"nonce","reason":"","score":7} Done.)",
                           "```json\n{\"nonce\":\"nonce\",\"reason\":\"\",\"score\":7}\n```",
                           R"({"nonce":"nonce","reason":"","better":"first"})"})
    EXPECT_FALSE(read_point(says(text), n)) << text;
  EXPECT_FALSE(read_point(says(R"({"nonce":"","reason":"","score":7})"), "")) << "no nonce, no grade";
  EXPECT_FALSE(read_pair(says(R"({"nonce":"nonce","reason":"","better":"FIRST"})"), n));
  EXPECT_FALSE(read_pair(says(R"({"nonce":"nonce","reason":"","better":1})"), n));
  EXPECT_FALSE(read_pair(says(R"({"nonce":"nonce","reason":"","better":null})"), n));
}

TEST(Judging, LongTextsAreCut) {
  const Sample graded = sample(std::string(300'000, 'q') + "?", "first" + std::string(300'000, 'a') + "last");
  const JudgeSpec spec = judge_spec();
  Judging judging(spec, graded, nullptr, random_nonces);
  auto next = judging.next({});
  const Shown shown(std::get<Question>(next));
  EXPECT_LT(shown.line.size(), 50'000U);
  const std::string answer = shown.material()["answer"];
  EXPECT_TRUE(answer.starts_with("firsta"));
  EXPECT_TRUE(answer.ends_with("alast"));
  EXPECT_NE(answer.find("[the middle is left out]"), std::string::npos);
  EXPECT_TRUE(shown.material()["request"][0]["text"].get<std::string>().ends_with("q?"));
}

TEST(Judging, OfALongConversationTheEndIsShown) {
  nlohmann::json body{{"model", "m"}, {"messages", nlohmann::json::array()}};
  for (int i = 0; i < 40; ++i)
    body["messages"].push_back(
        {{"role", i % 2 == 0 ? "user" : "assistant"}, {"content", std::to_string(i) + " " + std::string(5'000, 'x')}});
  const Sample graded = sample_from(body.dump(), says("y"));
  const JudgeSpec spec = judge_spec();
  Judging judging(spec, graded, nullptr, random_nonces);
  auto next = judging.next({});
  const auto request = Shown(std::get<Question>(next)).material()["request"];
  EXPECT_TRUE(request.back()["text"].get<std::string>().starts_with("39 "));
  EXPECT_EQ(request.back()["role"], "assistant");
  std::size_t bytes = 0;
  for (const auto& turn : request) bytes += turn["text"].get<std::string>().size();
  EXPECT_EQ(bytes, 24'000U);
}

}  // namespace
}  // namespace triage::judge
