#include "simulate/spec.hpp"

#include "simulate/chance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace triage {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string fault_of(const std::string& yaml) {
  const auto spec = parse_simulation(yaml, "sim.yaml");
  return spec ? "no error" : spec.error().message;
}

TEST(SimulateSpec, ReadsEveryKey) {
  const auto spec = parse_simulation(R"(
api_key: secret
coalesce: true
models:
  a:
    latency: 20ms
    ttft: {p50: 40ms, p99: 1.5s}
    tokens_per_second: 80.5
    failure: {rate: 0.25, status: 503, retry_after: 2s}
    refusal: 0.1
    logprobs: false
    quality: {easy: 0.9, medium: 0.5, hard: 0.1}
    context_window: 4096
    answer_tokens: {mean: 12}
    cached_share: 0.5
    reasoning_tokens: 30
    price: {input: 0.15, output: 6e-1, input_cached: 0.075, reasoning: 0.7, request: 0.001}
  b: {kind: embedding, dimensions: 8, latency: 0, failure: 0.5, quality: 0.25, answer_tokens: 7}
  c:
)",
                                     "sim.yaml");
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  EXPECT_EQ(spec->api_key, "secret");
  EXPECT_TRUE(spec->coalesce);
  ASSERT_EQ(spec->models.size(), 3U);
  const ModelSpec& a = spec->models[0];
  EXPECT_EQ(a.name, "a");
  EXPECT_EQ(a.latency.p50, milliseconds(20));
  EXPECT_EQ(a.latency.p99, milliseconds(20));
  EXPECT_EQ(a.ttft.p50, milliseconds(40));
  EXPECT_EQ(a.ttft.p99, milliseconds(1500));
  EXPECT_EQ(a.tokens_per_second, 80.5);
  EXPECT_EQ(a.failure.rate, 0.25);
  EXPECT_EQ(a.failure.status, 503);
  EXPECT_EQ(a.failure.retry_after, std::chrono::seconds(2));
  EXPECT_EQ(a.refusal, 0.1);
  EXPECT_FALSE(a.logprobs);
  EXPECT_EQ(a.quality, (std::array<double, 3>{0.9, 0.5, 0.1}));
  EXPECT_EQ(a.context_window, 4096U);
  EXPECT_EQ(a.answer_tokens, 12U);
  EXPECT_EQ(a.cached_share, 0.5);
  EXPECT_EQ(a.reasoning_tokens, 30U);
  EXPECT_EQ(a.price.input, Rate{150'000'000});
  EXPECT_EQ(a.price.output, Rate{600'000'000});
  EXPECT_EQ(a.price.input_cached, Rate{75'000'000});
  EXPECT_EQ(a.price.reasoning, Rate{700'000'000});
  EXPECT_EQ(a.price.request, Charge{1'000'000'000'000});
  const ModelSpec& b = spec->models[1];
  EXPECT_EQ(b.kind, ModelKind::embedding);
  EXPECT_EQ(b.dimensions, 8U);
  EXPECT_EQ(b.failure.rate, 0.5);
  EXPECT_EQ(b.failure.status, 500);
  EXPECT_EQ(b.quality, (std::array<double, 3>{0.25, 0.25, 0.25}));
  EXPECT_EQ(spec->models[2].kind, ModelKind::chat);
}

TEST(SimulateSpec, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(fault_of("models:\n  a: {latncy: 5ms}\n"),
            "sim.yaml:2:7: error: unknown key `latncy` in model `a`\n  fix: did you mean `latency`?");
  EXPECT_EQ(
      fault_of("models:\n  a:\n    latency: 5\n"),
      "sim.yaml:3:14: error: `latency` is `5`\n  fix: give a duration up to 1h with its unit, as `250ms` or `1.5s`");
  EXPECT_EQ(fault_of("models: {a: {refusal: 1.5}}"),
            "sim.yaml:1:23: error: `refusal` is `1.5`\n  fix: give a number from 0 to 1");
  EXPECT_EQ(fault_of("models: {a: {}, a: {}}"),
            "sim.yaml:1:17: error: model `a` is written twice\n  fix: keep one of them");
}

TEST(SimulateSpec, RefusesWhatItDoesNotUnderstand) {
  const std::vector<std::string> wrong{
      "",
      "[]",
      "text",
      "models:",
      "models: {}",
      "models: [a]",
      "models: {a: 5}",
      "models: {a: {latency: -5ms}}",
      "models: {a: {latency: 5years}}",
      "models: {a: {latency: 2h}}",
      "models: {a: {latency: nan}}",
      "models: {a: {latency: [5ms]}}",
      "models: {a: {ttft: {p50: 5ms}}}",
      "models: {a: {ttft: {p50: 5ms, p99: 1ms}}}",
      "models: {a: {failure: {status: 500}}}",
      "models: {a: {failure: {rate: 0.1, status: 200}}}",
      "models: {a: {quality: {easy: 1}}}",
      "models: {a: {logprobs: perhaps}}",
      "models: {a: {kind: images}}",
      "models: {a: {context_window: 0.5}}",
      "models: {a: {answer_tokens: 0}}",
      "models: {a: {dimensions: 5000}}",
      "models: {a: {reasoning_tokens: -1}}",
      "models: {a: {price: 5}}",
      "models: {a: {price: {input: 1}}}",
      "models: {a: {price: {input: 1, output: -1}}}",
      "models: {a: {price: {input: 1, output: cheap}}}",
      "models: {a: {price: {input: 1, output: 0.0000000001}}}",
      "models: {a: {price: {input: 1, output: 1, cached: 1}}}",
      "models: {a: {replay: missing.jsonl}}",
      "models: {a: {latency: 1ms, latency: 2ms}}",
      "models: {a: {}}\napi_key: ''",
      "models: {a: {}",
      "\x01",
      "models: {a: *b}",
  };
  for (const std::string& yaml : wrong) {
    const std::string message = fault_of(yaml);
    EXPECT_NE(message.find(":"), std::string::npos) << yaml << " -> " << message;
    EXPECT_NE(message.find(": error: "), std::string::npos) << yaml << " -> " << message;
  }
}

TEST(SimulateSpec, MissingFileIsAnError) {
  const auto spec = load_simulation("/nowhere/sim.yaml");
  ASSERT_FALSE(spec.has_value());
  EXPECT_EQ(spec.error().message.substr(0, 30), "/nowhere/sim.yaml:1:1: error: ");
}

TEST(SimulateSpec, ReplayFilesAreRelativeToTheFileAndFilteredByModel) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "triage_simulate_replay";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "answers.jsonl") << R"({"prompt": " 2+2? ", "answer": "4"})"
                                          << "\n\n"
                                          << R"({"model": "b", "prompt": "who", "answer": "b", "more": [1]})"
                                          << "\n"
                                          << R"({"prompt": "2+2?", "answer": "later"})"
                                          << "\n";
  std::ofstream(folder / "broken.jsonl") << R"({"prompt": "x", "answer": "y"})"
                                         << "\n"
                                         << R"({"prompt": 5})"
                                         << "\n";
  std::ofstream(folder / "sim.yaml") << "models: {a: {replay: answers.jsonl}, b: {replay: answers.jsonl}}";
  const auto spec = load_simulation((folder / "sim.yaml").string());
  ASSERT_TRUE(spec.has_value()) << spec.error().message;
  const ReplayAnswers& a = *spec->models[0].replay;
  ASSERT_EQ(a.size(), 1U);
  EXPECT_EQ(a.at("2+2?"), "4");
  EXPECT_EQ(spec->models[1].replay->at("who"), "b");

  const auto broken = parse_simulation("models: {a: {replay: broken.jsonl}}", (folder / "sim.yaml").string());
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error().message, (folder / "broken.jsonl").string() +
                                        ":2:1: error: `prompt` and `answer` must both be strings\n"
                                        "  fix: write {\"prompt\": \"...\", \"answer\": \"...\"}");
  std::filesystem::remove_all(folder);
}

TEST(SimulateSpec, DemoHasItsModels) {
  std::vector<std::string> names;
  for (const ModelSpec& model : demo_simulation().models) names.push_back(model.name);
  EXPECT_EQ(names, (std::vector<std::string>{"sim-small", "sim-medium", "sim-large", "sim-embedding"}));
}

TEST(SimulateSpec, TheExampleFileIsValid) {
  const auto spec = load_simulation(std::string(TRIAGE_SOURCE_DIR) + "/config/simulate.example.yaml");
  EXPECT_TRUE(spec.has_value()) << spec.error().message;
}

TEST(SimulateChance, DelaysHaveTheirQuantiles) {
  const DelaySpec delay{milliseconds(40), milliseconds(200)};
  std::vector<microseconds> drawn;
  for (std::uint64_t i = 0; i < 20'000; ++i) drawn.push_back(simulate::sample(delay, simulate::mix(7, i), 1));
  std::sort(drawn.begin(), drawn.end());
  const auto p50 = static_cast<double>(drawn[drawn.size() / 2].count());
  const auto p99 = static_cast<double>(drawn[drawn.size() * 99 / 100].count());
  EXPECT_NEAR(p50, 40'000, 1'500);
  EXPECT_NEAR(p99, 200'000, 20'000);
  EXPECT_LE(drawn.back(), milliseconds(800));
  EXPECT_EQ(simulate::sample(DelaySpec{milliseconds(3), milliseconds(3)}, 1, 1), milliseconds(3));
}

TEST(SimulateChance, UniformIsEvenAndPurposesAreIndependent) {
  int low = 0;
  int both = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::uint64_t seed = simulate::mix(1, i);
    const bool a = simulate::uniform(seed, 1) < 0.5;
    const bool b = simulate::uniform(seed, 2) < 0.5;
    low += a ? 1 : 0;
    both += a && b ? 1 : 0;
  }
  EXPECT_NEAR(low, 5000, 200);
  EXPECT_NEAR(both, 2500, 200);
}

}  // namespace
}  // namespace triage
