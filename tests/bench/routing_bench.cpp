// The cost of one routing decision: reading what the request looks like, and a chain of 20 rules over it.
// docs/benchmarks.md has the figures.
#include "openai/request_body.hpp"
#include "routing/chain.hpp"
#include "routing/fixed.hpp"
#include "routing/routers.hpp"
#include "routing/rules.hpp"
#include "text/text_shape.hpp"
#include "triage/exchange.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace triage {
namespace {

ConditionSpec keywords(std::vector<std::string> words) {
  ConditionSpec out;
  out.keywords = std::move(words);
  return out;
}

ConditionSpec regex(std::string pattern) {
  ConditionSpec out;
  out.regex = std::move(pattern);
  return out;
}

BoundsSpec above(std::int64_t least) {
  BoundsSpec out;
  out.gt = least;
  return out;
}

/// Twenty rules of which none holds, so that all are asked: eight with keywords, four with expressions, eight others.
HeuristicRouterSpec twenty_rules() {
  std::vector<ConditionSpec> when;
  for (const char* word :
       {"theorem", "lemma", "contract", "diagnosis", "translate", "jurisdiction", "derivative", "audit"})
    when.push_back(keywords({word, std::string(word) + "s", "please " + std::string(word)}));
  for (const char* pattern : {"(?i)step by step", "\\b[A-Z]{2,5}-\\d{4,}\\b", "(?i)(write|draft) an? (essay|report)",
                              "\\$\\d+(\\.\\d+)? (million|billion)"})
    when.push_back(regex(pattern));
  for (int i = 0; i < 8; ++i) when.emplace_back();
  ConditionSpec* rest = &when[12];
  rest[0].tokens.emplace().lt = 10;  // has to be counted: the length alone does not say
  rest[1].tokens_all.emplace().lt = 10;
  rest[2].code = true;
  rest[3].all = {ConditionSpec(), ConditionSpec()};
  rest[3].all[0].math = true;
  rest[3].all[1].negated.emplace().turns = above(10);
  rest[4].tools = true;
  rest[5].images = above(0);
  rest[6].response_format = ResponseFormat::json_schema;
  rest[7].any = {ConditionSpec(), ConditionSpec()};
  rest[7].any[0].script = Script::cjk;
  rest[7].any[1].metadata = {{"tenant", "acme-*"}};
  HeuristicRouterSpec out;
  for (std::size_t i = 0; i < when.size(); ++i) {
    RuleSpec& rule = out.rules.emplace_back();
    rule.name = "rule-" + std::to_string(i);
    rule.when = std::move(when[i]);
    (i % 2 == 0 ? rule.tier : rule.floor) = "large";
  }
  return out;
}

/// Has what the expressions for ticket numbers and sums need, and still no match: the automaton has to read the text.
constexpr std::string_view near_miss = "Order ab-2026 left on 2026-11-22 and cost $14. ";

/// Prose of about `bytes`, some of it escaped as JSON wants it.
std::string prompt(std::size_t bytes) {
  constexpr std::string_view sentences[] = {
      "The ship left the harbour shortly after dawn, and by noon the coast was a grey line behind it. ",
      "Nobody on deck spoke; the captain had made the crossing forty times before.\\n",
      "Our costs fell from 2.6 to 2.35 million last quarter, which the \\\"board\\\" had not expected. ",
      "Summarise the following notes in three points and list who owns each of them. "};
  std::string out;
  for (std::size_t i = 0; out.size() < bytes; ++i) out += sentences[i % std::size(sentences)];
  return out;
}

class Setup {
 public:
  explicit Setup(std::size_t bytes, std::string_view begin = "") {
    body_ =
        "{\"model\":\"auto\",\"messages\":[{\"role\":\"system\",\"content\":\"You are brief.\"},"
        "{\"role\":\"user\",\"content\":\"" +
        std::string(begin) + prompt(bytes - begin.size()) + "\"}],\"temperature\":0.2,\"stream\":true}";
    const std::size_t size = body_.size();
    body_.append(body_padding, '\0');
    request_ = parse_request_body(Api::chat, std::string_view(body_).substr(0, size), 64).value();
    route_.tiers = {{"small", {}}, {"large", {}}};
    route_.routers.push_back({"heuristic", twenty_rules()});
    route_.routers.push_back({"fixed", FixedRouterSpec{"small"}});
    for (const RouterSpec& spec : route_.routers) chain_.push_back(routing::make_router(spec, {route_, order_}));
  }
  [[nodiscard]] std::string_view body() const { return request_.body; }
  [[nodiscard]] const ApiRequest& request() const { return request_; }
  [[nodiscard]] Decision decide() const {
    const RoutingInput input(request_, head_, nullptr);
    return triage::decide({chain_, order_, {}}, input);
  }

 private:
  std::string body_;
  ApiRequest request_;
  RequestHead head_;
  RouteSpec route_;
  std::vector<std::string> order_{"small", "large"};
  std::vector<std::unique_ptr<Router>> chain_;
};

void decide(benchmark::State& state, const Setup& setup) {
  if (setup.decide().router != "fixed") state.SkipWithError("a rule holds");
  for (auto _ : state) benchmark::DoNotOptimize(setup.decide());
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * setup.body().size()));
}
void decision(benchmark::State& state) {
  decide(state, Setup(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(decision)->Arg(1'400)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void decision_with_automaton(benchmark::State& state) {
  decide(state, Setup(static_cast<std::size_t>(state.range(0)), near_miss));
}
BENCHMARK(decision_with_automaton)->Arg(1'400)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void view(benchmark::State& state) {
  const Setup setup(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    const ChatView seen(setup.request());
    benchmark::DoNotOptimize(seen.tokens() + seen.tokens_all());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * setup.body().size()));
}
BENCHMARK(view)->Arg(1'400)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void tokens(benchmark::State& state) {
  const std::string text = prompt(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    TextShape shape;
    count_text(text, shape);
    benchmark::DoNotOptimize(estimate_tokens(shape));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(tokens)->Arg(1'400)->Arg(100'000);

}  // namespace
}  // namespace triage

BENCHMARK_MAIN();
