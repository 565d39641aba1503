// What providers say of tokens and money, wherever they say it.
#include "unit/providers/reading.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

std::optional<Usage> usage_of(std::string_view body) {
  return test::read_whole_answer(body).usage;
}

Usage tokens(std::int64_t input, std::int64_t output, std::int64_t cached = 0, std::int64_t reasoning = 0) {
  Usage usage;
  usage.input = input;
  usage.output = output;
  usage.input_cached = cached;
  usage.reasoning = reasoning;
  return usage;
}

TEST(OpenaiStream, OfSeveralUsagesTheLargestOfEachFigureCounts) {
  const auto usage_after = [](std::initializer_list<const char*> usages) {
    const auto stream = std::make_unique<test::StreamReading>(false);
    for (const std::string usage : usages)
      stream->act(R"({"choices":[{"index":0,"delta":{"content":"x"}}],"usage":)" + usage + "}");
    return stream->usage();
  };
  const char* const figures = R"({"prompt_tokens":50,"completion_tokens":20,"total_tokens":70})";
  EXPECT_EQ(usage_after({figures, R"({"prompt_tokens":0,"completion_tokens":0,"total_tokens":0})"}), tokens(50, 20));
  EXPECT_EQ(usage_after({R"({"prompt_tokens":50,"completion_tokens":0,"total_tokens":50})",
                         R"({"prompt_tokens":0,"completion_tokens":20,"total_tokens":70})"}),
            tokens(50, 20));
  EXPECT_EQ(usage_after({R"({"prompt_tokens":50})", R"({"completion_tokens":20})"}), tokens(50, 20));
  EXPECT_EQ(usage_after({R"({"prompt_tokens":50,"completion_tokens":1,"total_tokens":51})", figures, "null"}),
            tokens(50, 20));
  EXPECT_EQ(usage_after({R"({"prompt_tokens":50,"prompt_tokens_details":{"cached_tokens":30}})",
                         R"({"completion_tokens":20,"completion_tokens_details":{"reasoning_tokens":7}})"}),
            tokens(50, 20, 30, 7));
}

TEST(OpenaiStream, UsageMayStandInItsChoice) {
  const auto stream = std::make_unique<test::StreamReading>(false);
  EXPECT_EQ(stream->act(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop",
    "usage":{"prompt_tokens":19,"completion_tokens":21,"total_tokens":40,"cached_tokens":4}}]})"),
            "forward");
  EXPECT_EQ(stream->usage(), tokens(19, 21, 4));
  EXPECT_EQ(stream->act(R"({"choices":[{"index":1,"delta":{},"finish_reason":"stop",
    "usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}]})"),
            "forward");
  EXPECT_EQ(stream->usage(), tokens(19, 31, 4));  // each choice has its own output, and the same input
  stream->act(R"({"choices":[],"usage":{"prompt_tokens":19,"completion_tokens":31,"total_tokens":50}})");
  EXPECT_EQ(stream->usage(), tokens(19, 31, 4));
  EXPECT_EQ(usage_of(R"({"choices":[{"message":{"content":"x"},"usage":{"prompt_tokens":1,"completion_tokens":2}}]})"),
            tokens(1, 2));
}

TEST(OpenaiStream, TheServiceTierIsWhereverItIsNamed) {
  const auto stream = std::make_unique<test::StreamReading>(false);
  stream->act(R"({"choices":[{"index":0,"delta":{"content":"x"}}],"service_tier":null})");
  EXPECT_EQ(stream->service_tier(), "");
  stream->act(R"({"choices":[{"index":0,"delta":{"content":"x"}}],"service_tier":"flex"})");
  EXPECT_EQ(stream->service_tier(), "flex");
  EXPECT_EQ(test::read_whole_answer(R"({"usage":{"input_tokens":1,"service_tier":"batch"}})").service_tier, "batch");
}

TEST(OpenaiUsage, OfWholeAnswers) {
  EXPECT_EQ(usage_of(R"({"id":"a","choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":99}]}"}}],
    "usage":{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,
    "prompt_tokens_details":{"cached_tokens":4,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":7}}})"),
            tokens(10, 20, 4, 7));
  EXPECT_EQ(usage_of(R"({"data":[{"embedding":[0.1,-2e-3]}],"usage":{"prompt_tokens":8,"total_tokens":8}})"),
            tokens(8, 0));
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":18,"completion_tokens":2,"prompt_cache_hit_tokens":16}})"),
            tokens(18, 2, 16));
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":18,"completion_tokens":2,"cached_tokens":6}})"), tokens(18, 2, 6));
}

TEST(OpenaiUsage, ReasoningLeftOutOfTheOutputIsAdded) {
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":12,"completion_tokens":1,"total_tokens":303,
    "prompt_tokens_details":{"cached_tokens":11},"completion_tokens_details":{"reasoning_tokens":290}}})"),
            tokens(12, 291, 11, 290));
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":20,"completion_tokens":424,"total_tokens":1016}})"),
            tokens(20, 996, 0, 572));
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":20,"completion_tokens":30,"total_tokens":9}})"), tokens(20, 30));
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":20,"completion_tokens":30,"total_tokens":60,
    "completion_tokens_details":{"reasoning_tokens":7}}})"),
            tokens(20, 30, 0, 7));
}

TEST(OpenaiUsage, AudioAndCacheWrites) {
  const auto usage = usage_of(R"({"usage":{"prompt_tokens":120,"completion_tokens":90,"total_tokens":210,
    "prompt_tokens_details":{"cached_tokens":30,"audio_tokens":40,"cache_write_tokens":20},
    "completion_tokens_details":{"reasoning_tokens":10,"audio_tokens":50}}})");
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->input_cached, 30);
  EXPECT_EQ(usage->input_audio, 40);
  EXPECT_EQ(usage->cache_write, 20);
  EXPECT_EQ(usage->reasoning, 10);
  EXPECT_EQ(usage->output_audio, 50);
  const auto alibaba = usage_of(R"({"usage":{"prompt_tokens":12,"completion_tokens":9,
    "prompt_tokens_details":{"cache_creation_input_tokens":10,"cache_creation":{"ephemeral_5m_input_tokens":10}}}})");
  EXPECT_EQ(alibaba->cache_write, 10);
  const auto litellm = usage_of(R"({"usage":{"prompt_tokens":12,"completion_tokens":9,
    "cache_creation_input_tokens":3,"cache_read_input_tokens":4}})");
  EXPECT_EQ(litellm->cache_write, 3);
  EXPECT_EQ(litellm->input_cached, 4);
}

TEST(OpenaiUsage, TheProvidersOwnCost) {
  const auto cost_of = [](const std::string& members) {
    const auto report = test::read_whole_answer(R"({"usage":{"prompt_tokens":1,)" + members + "}}").reported;
    return report ? report->cost_nano_usd : std::nullopt;
  };
  EXPECT_EQ(cost_of(R"("cost":0.00183)"), 1'830'000);
  EXPECT_EQ(cost_of(R"("cost":3.9e-06)"), 3'900);
  EXPECT_EQ(cost_of(R"("cost":0)"), 0);
  EXPECT_EQ(cost_of(R"("cost":"0.0045405")"), 4'540'500);
  EXPECT_EQ(cost_of(R"("cost":{"input_tokens_cost":0.1,"total_cost":0.409})"), 409'000'000);
  EXPECT_EQ(cost_of(R"("cost":0.00183,"is_byok":false,"cost_details":{"upstream_inference_cost":0.00183})"), 1'830'000);
  EXPECT_EQ(cost_of(R"("cost_details":{"upstream_inference_cost":0.002},"is_byok":true,"cost":0.0001)"), 2'100'000);
  EXPECT_EQ(cost_of(R"("estimated_cost":0.0001)"), 100'000);
  EXPECT_EQ(cost_of(R"("cost_in_usd_ticks":1466255)"), 146'626);
  for (const char* none : {R"("cost":null)", R"("cost":-1)", R"("cost":"free")", R"("cost":{})", R"("cost":[1])"})
    EXPECT_EQ(cost_of(none), std::nullopt) << none;
}

TEST(OpenaiUsage, OfResponsesWithoutATotal) {
  EXPECT_EQ(usage_of(R"({"usage":{"input_tokens":75,"input_tokens_details":{"cached_tokens":5},"output_tokens":9}})"),
            tokens(75, 9, 5));
}

TEST(OpenaiUsage, OfResponses) {
  EXPECT_EQ(usage_of(R"({"usage":{"input_tokens":75,"input_tokens_details":{"cached_tokens":5},"output_tokens":1186,
    "output_tokens_details":{"reasoning_tokens":1024},"total_tokens":1261}})"),
            tokens(75, 1186, 5, 1024));
}

TEST(OpenaiUsage, IsTolerant) {
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":12.0,"completion_tokens":"x","prompt_tokens_details":null,
    "completion_tokens_details":[1],"cost":{"a":[{}]}}})"),
            tokens(12, 0));
  EXPECT_EQ(usage_of(R"({"usage":{"prompt_tokens":-5,"completion_tokens":1e300}})"), tokens(0, 0));
  for (const std::string_view body :
       {"", "x", "[]", "{}", "{\"usage\":null}", "{\"usage\":{}}", "{\"usage\":[]}", "{\"usage\":{\"prompt_tokens\":1}",
        "{\"x\":[}", "{\"x\":{\"usage\":{\"prompt_tokens\":1}}}", "{\"usage\":{\"prompt_tokens\":1}} trailing"})
    EXPECT_EQ(usage_of(body), std::nullopt) << body;
}

}  // namespace
}  // namespace triage
