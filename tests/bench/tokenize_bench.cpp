// The cost of turning a text into token ids, with the tokenizers of tests/golden/tokenize and, as "own", with
// $TRIAGE_TOKENIZER: `TRIAGE_TOKENIZER=tokenizer.json bench_tokenize`.
#include "tokenize/tokenizer.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace triage::tokenize {
namespace {

const std::string question =
    "A train leaves the station at 3:15 pm and travels 120 miles at an average speed of 48 miles per hour; how long "
    "does "
    "the journey take, and at what time does the train arrive? Explain your reasoning step by step, then give the "
    "final "
    "answer in hours and minutes. ";

std::string repeated(std::string_view text, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += text;
  return out;
}

void encode(benchmark::State& state, const std::string& path, const std::string& text, std::size_t tokens_max) {
  const auto tokenizer = load_tokenizer(path);
  if (!tokenizer) return state.SkipWithError(tokenizer.error().message.c_str());
  std::size_t tokens = 0;
  for (auto _ : state) {
    const auto encoding = (*tokenizer)->encode(text, tokens_max);
    if (!encoding) return state.SkipWithError(encoding.error().message.c_str());
    tokens = encoding->ids.size();
  }
  state.counters["bytes"] = static_cast<double>(text.size());
  state.counters["tokens"] = static_cast<double>(tokens);
}

void add(const std::string& name, const std::string& path) {
  const auto run = [&](const std::string& what, const std::string& text,
                       std::size_t tokens_max = Tokenizer::unlimited) {
    benchmark::RegisterBenchmark((name + '/' + what).c_str(), encode, path, text, tokens_max)
        ->Unit(benchmark::kMicrosecond);
  };
  run("question", question);
  run("question, at most 64 tokens", question, 64);
  run("1.4 KB", repeated(question, 1400));
  run("100 KB of questions", repeated(question, 100'000));
  run("100 KB of questions, at most 512 tokens", repeated(question, 100'000), 512);
  run("100 KB in one word", repeated("ab", 100'000));
  run("100 KB of accents", repeated("é", 100'000));
  run("100 KB of marks", repeated("\u0301\u0323", 100'000));
  run("100 KB of CJK", repeated("漢字", 100'000));
}

}  // namespace
}  // namespace triage::tokenize

int main(int argc, char** argv) {
  const std::string folder = TRIAGE_SOURCE_DIR "/tests/golden/tokenize/";
  for (const char* name : {"uncased", "byte_level", "llama", "unigram"}) {
    triage::tokenize::add(name, folder + name + ".json");
  }
  if (const char* const own = std::getenv("TRIAGE_TOKENIZER")) triage::tokenize::add("own", own);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
