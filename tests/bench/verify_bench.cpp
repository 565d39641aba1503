// What verifying an answer adds to it: `checks` and all that it looks for, a look for the ledger's signals, a
// validation. docs/benchmarks.md has the figures.
#include "json/json.hpp"
#include "json/json_schema.hpp"
#include "openai/request_body.hpp"
#include "triage/body_padding.hpp"
#include "verify/checks.hpp"
#include "verify/grounding.hpp"
#include "verify/hedging.hpp"
#include "verify/language.hpp"
#include "verify/refusal.hpp"
#include "verify/repetition.hpp"
#include "verify/same_answer.hpp"
#include "verify/signals.hpp"
#include "verify/verifiers.hpp"

#include <benchmark/benchmark.h>

#include <optional>
#include <string>

namespace triage::verify {
namespace {

constexpr std::string_view sentences[] = {
    "The ship left the harbour shortly after dawn, and by noon the coast was a grey line behind it. ",
    "Nobody on deck spoke; the captain had made the crossing forty times before.\n",
    "Our costs fell from 2.6 to 2.35 million in quarter ", "of the year, which the board had not expected at all. ",
    "It took them until Thursday to find out who had signed the papers of lot "};

/// English prose of about `bytes`, no sentence quite like another.
std::string prose(std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; out.size() < bytes; ++i)
    out.append(sentences[i * 7 % std::size(sentences)]) += std::to_string(i * i);
  out.resize(bytes);
  return out;
}

std::string object(std::size_t bytes) {
  std::string out = R"({"items":[)";
  for (int i = 0; out.size() < bytes; ++i)
    out.append(i > 0 ? "," : "")
        .append(R"({"name":"item )" + std::to_string(i) + R"(","price":)" + std::to_string(i) + ".5}");
  return out + "]}";
}

constexpr std::string_view schema =
    R"({"type":"object","properties":{"items":{"type":"array","items":{"$ref":"#/$defs/item"}}},"required":["items"],)"
    R"("additionalProperties":false,"$defs":{"item":{"type":"object","properties":{"name":{"type":"string","maxLength":40},)"
    R"("price":{"type":"number","minimum":0}},"required":["name","price"],"additionalProperties":false}}})";

class Setup {
 public:
  explicit Setup(std::string answer, std::string_view more = "") {
    body_ = "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":";
    append_json_string(body_, "What happened to the ship and to our costs, and why was that so? " + prose(1'200));
    body_.append("}]").append(more).append("}");
    const std::size_t size = body_.size();
    body_.append(body_padding, '\0');
    request_ = parse_request_body(Api::chat, std::string_view(body_).substr(0, size), 64).value();
    view_.emplace(request_);
    completion_.text = std::move(answer);
    completion_.finish_reason = "stop";
  }
  [[nodiscard]] Answered answered() const { return {*view_, completion_}; }

 private:
  std::string body_;
  ApiRequest request_;
  std::optional<ChatView> view_;
  Completion completion_;
};

void judge(benchmark::State& state, const Setup& setup, const VerifierSpec& spec) {
  const auto verifier = make_verifier(spec);
  const Verdict verdict = verifier->verdict(setup.answered(), {});
  if (!verdict.accept) state.SkipWithError(verdict.reason.c_str());
  for (auto _ : state) benchmark::DoNotOptimize(verifier->verdict(setup.answered(), {}));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * setup.answered().answer.text.size()));
}

VerifierSpec checks() {
  return {"checks", ChecksSpec()};
}

void checks_of_prose(benchmark::State& state) {
  judge(state, Setup(prose(static_cast<std::size_t>(state.range(0)))), checks());
}
BENCHMARK(checks_of_prose)->Arg(400)->Arg(4'096)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void checks_with_pattern_and_context(benchmark::State& state) {
  ChecksSpec checks;
  checks.required = "(?i)thursday";
  checks.grounded = 0.1;
  judge(state, Setup(prose(4'096)), {"checks", checks});
}
BENCHMARK(checks_with_pattern_and_context)->Unit(benchmark::kMicrosecond);

void checks_of_json(benchmark::State& state) {
  const std::string format =
      R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":)" + std::string(schema) + "}}";
  judge(state, Setup(object(4'096), format), checks());
}
BENCHMARK(checks_of_json)->Unit(benchmark::kMicrosecond);

void signals(benchmark::State& state) {
  const Setup setup(prose(4'096));
  const Answered of = setup.answered();
  for (auto _ : state) benchmark::DoNotOptimize(look_at(of.request, of.answer));
}
BENCHMARK(signals)->Unit(benchmark::kMicrosecond);

template <class Check>
void alone(benchmark::State& state, Check check) {
  const Setup setup(prose(4'096));
  const Answered of = setup.answered();
  const AnswerText text(of.answer);
  for (auto _ : state) benchmark::DoNotOptimize(check(of, text));
}
void refusal(benchmark::State& state) {
  alone(state, [](const Answered& of, const AnswerText& text) { return find_refusal(of.answer, text, of.request); });
}
void hedging(benchmark::State& state) {
  alone(state, [](const Answered& of, const AnswerText& text) { return find_hedging(text, of.request); });
}
void repetition(benchmark::State& state) {
  alone(state, [](const Answered&, const AnswerText& text) { return find_repetition(text.text); });
}
void language(benchmark::State& state) {
  alone(state, [](const Answered& of, const AnswerText& text) { return find_other_language(of.request, text); });
}
void grounding(benchmark::State& state) {
  alone(state, [](const Answered& of, const AnswerText& text) { return grounded_share(of.request, text.text); });
}
void agreement(benchmark::State& state) {
  alone(state, [](const Answered& of, const AnswerText&) {
    return same_answer(of.answer, of.answer, CompareAs::automatic, of.request.text());
  });
}
void json_schema(benchmark::State& state) {
  const std::string document = object(4'096);
  for (auto _ : state) benchmark::DoNotOptimize(schema_problem(schema, document));
}
BENCHMARK(refusal)->Unit(benchmark::kMicrosecond);
BENCHMARK(hedging)->Unit(benchmark::kMicrosecond);
BENCHMARK(repetition)->Unit(benchmark::kMicrosecond);
BENCHMARK(language)->Unit(benchmark::kMicrosecond);
BENCHMARK(grounding)->Unit(benchmark::kMicrosecond);
BENCHMARK(agreement)->Unit(benchmark::kMicrosecond);
BENCHMARK(json_schema)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace triage::verify

BENCHMARK_MAIN();
