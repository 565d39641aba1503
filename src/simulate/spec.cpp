#include "simulate/spec.hpp"

namespace triage {

namespace {

using std::chrono::milliseconds;

/// Prices in cents per million tokens, those of src/app/demo.cpp.
Price price_of(std::int64_t input, std::int64_t output) {
  constexpr std::int64_t cent = 10'000'000;  // femto-USD per token
  Price price;
  price.input = Rate{input * cent};
  price.output = Rate{output * cent};
  return price;
}

ModelSpec chat_model(std::string name, milliseconds ttft, double tokens_per_second, std::array<double, 3> quality,
                     std::uint32_t answer_tokens, Price price) {
  ModelSpec model;
  model.name = std::move(name);
  model.ttft = DelaySpec{ttft, 3 * ttft};
  model.tokens_per_second = tokens_per_second;
  model.quality = quality;
  model.answer_tokens = answer_tokens;
  model.price = std::move(price);
  return model;
}

SimulateSpec make_demo() {
  SimulateSpec spec;
  spec.models.push_back(chat_model("sim-small", milliseconds(40), 200, {0.95, 0.7, 0.3}, 40, price_of(10, 40)));
  spec.models.push_back(chat_model("sim-medium", milliseconds(90), 120, {0.98, 0.88, 0.6}, 60, price_of(50, 200)));
  spec.models.push_back(chat_model("sim-large", milliseconds(180), 80, {0.99, 0.97, 0.92}, 80, price_of(250, 1'000)));
  ModelSpec embedding;
  embedding.name = "sim-embedding";
  embedding.kind = ModelKind::embedding;
  embedding.latency = DelaySpec{milliseconds(10), milliseconds(30)};
  embedding.context_window = 8192;
  embedding.price = price_of(2, 0);
  spec.models.push_back(std::move(embedding));
  return spec;
}

}  // namespace

const SimulateSpec& demo_simulation() {
  static const SimulateSpec demo = make_demo();
  return demo;
}

}  // namespace triage
