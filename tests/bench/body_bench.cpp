// The cost of reading a request's JSON: the strict check of the whole body that every request pays, and what a router
// asks of it. The bodies are those that overhead.py sends. docs/benchmarks.md has the figures.
#include "load_bodies.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace triage {
namespace {

class Body {
 public:
  explicit Body(std::size_t bytes) {
    bench::RequestShape shape;
    shape.body_bytes = bytes;
    const std::string request = bench::make_request(shape);
    text_ = request.substr(request.find("\r\n\r\n") + 4);
    size_ = text_.size();
    text_.append(body_padding, '\0');
  }
  [[nodiscard]] std::string_view text() const { return std::string_view(text_).substr(0, size_); }
  [[nodiscard]] Result<ApiRequest> parse() const { return parse_request_body(Api::chat, text(), 64); }

 private:
  std::string text_;
  std::size_t size_ = 0;
};

void check(benchmark::State& state) {
  const Body body(static_cast<std::size_t>(state.range(0)));
  if (!body.parse()) state.SkipWithError("the body is not valid");
  for (auto _ : state) benchmark::DoNotOptimize(body.parse());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.text().size()));
}
BENCHMARK(check)->Arg(1'400)->Arg(20'000)->Unit(benchmark::kMicrosecond);

void view(benchmark::State& state) {
  const Body body(static_cast<std::size_t>(state.range(0)));
  const ApiRequest request = body.parse().value();
  for (auto _ : state) {
    const ChatView seen(request);
    benchmark::DoNotOptimize(seen.tokens() + seen.tokens_all());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.text().size()));
}
BENCHMARK(view)->Arg(1'400)->Arg(20'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace triage

BENCHMARK_MAIN();
