// From a request's text to a decision, and from an answer's text to a verdict, on one core: the router `classifier` and
// the verifier `model` with the models inside the program. Prints microseconds at the median and the 99th percentile.
//
//   bench_learned [rounds [MODEL.onnx TOKENIZER]]
//
// With a model: also a sentence encoder, from text to vector.
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "onnx/text_model.hpp"
#include "openai/request_body.hpp"
#include "options/type_of.hpp"
#include "routing/chain.hpp"
#include "routing/classifier.hpp"
#include "routing/routers.hpp"
#include "triage/body_padding.hpp"
#include "verify/model.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace triage {
namespace {

using Clock = std::chrono::steady_clock;

/// Prose of about `bytes` that is different for each `seed`.
std::string prose(std::size_t bytes, std::size_t seed) {
  constexpr std::string_view sentences[] = {
      "A train leaves at 14:05 and covers 240 km in 3 hours; how fast does it go? ",
      "Nobody on deck spoke; the captain had made the crossing forty times before. ",
      "Our costs fell from 2.6 to 2.35 million last quarter, which nobody had expected. ",
      "So 12 * 7 = 84, and 84 / 4 = 21, which leaves 63 of them. ",
      "Which of the following is true of every prime above two? (A) It is odd. (B) It is even. ",
      "Therefore the answer is 42. ",
      "Explain why the theorem fails if the function is not continuous. "};
  std::string out;
  for (std::size_t i = seed; out.size() < bytes; i = i * 5 + 3) out += sentences[i % std::size(sentences)];
  out.resize(bytes);
  return out;
}

struct Chat {
  explicit Chat(const std::string& text)
      : body(R"({"model":"auto","messages":[{"role":"user","content":")" + text + "\"}]}") {
    const std::size_t size = body.size();
    body.append(body_padding, '\0');
    request = *parse_request_body(Api::chat, std::string_view(body).substr(0, size), 64);
  }
  std::string body;
  ApiRequest request;
};

void report(const char* what, std::vector<double>& micros) {
  std::ranges::sort(micros);
  const auto at = [&](double share) {
    return micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))];
  };
  std::printf("%-44s p50 %7.1f us   p99 %7.1f us\n", what, at(0.5), at(0.99));
}

void measure(const char* what, int rounds, const std::function<void(int)>& once) {
  std::vector<double> micros;
  for (int i = 0; i < rounds; ++i) {
    const auto began = Clock::now();
    once(i);
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
  }
  report(what, micros);
}

void measure_classifier(int rounds, std::size_t bytes) {
  RouteSpec route;
  const std::vector<std::string> order{"small", "large"};
  for (const std::string& tier : order) route.tiers.push_back({tier, {{"d", 1}}});
  ClassifierSpec spec;
  spec.thresholds.by_tier = {{"large", 0.5}};
  const RouterSpec router{"classifier", spec};
  const auto made = routing::make_router(router, {route, order});
  std::vector<Chat> chats;
  for (std::size_t i = 0; i < 64; ++i) chats.emplace_back(prose(bytes, i));
  const RequestHead head;
  const std::string name = "classifier, a prompt of " + std::to_string(bytes) + " bytes";
  measure(name.c_str(), rounds, [&](int i) {
    const RoutingInput input(chats[static_cast<std::size_t>(i) % chats.size()].request, head, nullptr);
    if (made->pick(input).tier.empty()) std::abort();
  });
}

void measure_verifier(int rounds, std::size_t bytes) {
  const VerifierSpec spec{"model", ModelVerifierSpec()};
  const auto made = verify::make_verifier(spec);
  std::vector<Chat> chats;
  std::vector<Completion> answers(64);
  for (std::size_t i = 0; i < 64; ++i) {
    chats.emplace_back(prose(400, i));
    answers[i].text = prose(bytes, i + 7);
    answers[i].finish_reason = "stop";
  }
  const std::string name = "verifier model, an answer of " + std::to_string(bytes) + " bytes";
  measure(name.c_str(), rounds, [&](int i) {
    const std::size_t at = static_cast<std::size_t>(i) % chats.size();
    const ChatView view(chats[at].request);
    if (!made->verdict({view, answers[at]}, {}).score) std::abort();
  });
}

PartFile part(const std::string& path) {
  PartFile out{path, path, {}};
  std::string reason;
  if (const auto content = read_file(path, part_bytes_max, reason)) out.sha256 = hex(sha256(*content));
  return out;
}

void measure_encoder(int rounds, const std::string& model, const std::string& tokenizer) {
  onnx::TextModelSpec spec;
  spec.model = part(model);
  spec.tokenizer = part(tokenizer);
  spec.encodes = true;
  spec.tokens_max = 64;
  onnx::TextModelProblem problem;
  const auto encoder = onnx::TextModel::load(spec, problem);
  if (encoder == nullptr) return void(std::fprintf(stderr, "%s\n", problem.message.c_str()));
  ModelInput input;
  input.text = prose(400, 1);
  const ModelInput* const only = &input;
  measure("encoder, 64 tokens", rounds, [&](int) {
    if (!encoder->run({&only, 1})) std::abort();
  });
}

}  // namespace
}  // namespace triage

int main(int count, char** words) {
  const int rounds = count > 1 ? std::atoi(words[1]) : 20'000;
  for (const std::size_t bytes : {200U, 1'400U, 20'000U}) triage::measure_classifier(rounds, bytes);
  for (const std::size_t bytes : {200U, 2'000U, 20'000U}) triage::measure_verifier(rounds, bytes);
  if (count > 3) triage::measure_encoder(std::min(rounds, 500), words[2], words[3]);
}
