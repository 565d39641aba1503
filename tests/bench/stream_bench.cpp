// What one event of a stream, and a whole answer, cost the dialect: checked, usage found, text counted.
#include "answer/tally.hpp"
#include "providers/providers.hpp"
#include "triage/body_padding.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace triage;

std::string padded(std::string text) {
  text.reserve(text.size() + body_padding);
  return text;
}

void read_events(benchmark::State& state, const std::string& event) {
  ApiRequest request;
  request.stream = true;
  const std::string data = padded("data: " + event + "\n\n");
  auto decoder = find_dialect("openai")->decoder(request, 1 << 20);
  AnswerTally tally;
  for (auto _ : state) {
    decoder->feed(data);
    tally.add(**decoder->next());
    benchmark::DoNotOptimize(decoder->next());
  }
  benchmark::DoNotOptimize(tally.output_estimate());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(data.size()));
}

const std::string head =
    R"({"id":"chatcmpl-D89YAHFHMmJdhh8xf4jfXBHYxWgxS","object":"chat.completion.chunk","created":1785880003,)"
    R"("model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_a33c04","choices":[{"index":0,)";

BENCHMARK_CAPTURE(read_events, one_word,
                  head + R"("delta":{"content":" weather"},"logprobs":null,"finish_reason":null}]})");
BENCHMARK_CAPTURE(
    read_events, forty_words, head + R"("delta":{"content":")" + [] {
      std::string words;
      for (int i = 0; i < 40; ++i) words += "weather ";
      return words;
    }() + R"("},"finish_reason":null}]})");
BENCHMARK_CAPTURE(read_events, arguments,
                  head + R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"location\":"}}]}}]})");

void read_answer(benchmark::State& state, const std::string& usage) {
  const std::string body =
      padded(R"({"id":"chatcmpl-D89YAHFHMmJdhh8xf4jfXBHYxWgxS","object":"chat.completion","created":1785880003,)"
             R"("model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":")" +
             [] {
               std::string words;
               for (int i = 0; i < 40; ++i) words += "weather ";
               return words;
             }() +
             R"(","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}])" + usage + "}");
  AnswerEvent answer;
  for (auto _ : state) {
    answer.clear();
    AnswerTally tally;
    benchmark::DoNotOptimize(find_dialect("openai")->decode_whole("application/json", body, answer));
    tally.add_whole(answer);
    benchmark::DoNotOptimize(tally);
  }
}

BENCHMARK_CAPTURE(read_answer, with_usage,
                  R"(,"usage":{"prompt_tokens":16,"completion_tokens":300,"total_tokens":316,)"
                  R"("prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{)"
                  R"("reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0}},"service_tier":"default")");
BENCHMARK_CAPTURE(read_answer, without_usage, "");

}  // namespace

BENCHMARK_MAIN();
