// The keys of a price.
#include "config/describe.hpp"
#include "options/type_of.hpp"

namespace triage {

using options::Describer;

static void describe_rates(Describer& v, Rates& s, bool first) {
  const auto rate = [&](std::string_view name, std::string_view text, std::string_view otherwise, auto& member) {
    v.field({.name = name, .text = text, .shown_default = first ? otherwise : "as it was"}, member);
  };
  rate("input", "USD per million tokens of input", "unknown", s.input);
  rate("output", "USD per million tokens of output; 0 for embeddings", "unknown", s.output);
  rate("input_cached", "USD per million tokens of input that came from the provider's cache", "as `input`",
       s.input_cached);
  rate("cache_write", "USD per million tokens of input that were put into it", "as `input`", s.cache_write);
  rate("cache_write_1h", "USD per million tokens of input that were put into it for an hour", "unknown",
       s.cache_write_1h);
  rate("reasoning", "USD per million tokens of output spent on reasoning", "as `output`", s.reasoning);
  rate("input_audio", "USD per million tokens of audio sent", "unknown", s.input_audio);
  rate("output_audio", "USD per million tokens of audio received", "unknown", s.output_audio);
  rate("citations", "USD per million tokens of sources that the provider itself read", "unknown", s.citations);
}

void describe(Describer& v, PriceStep& s) {
  v.field({.name = "above",
           .text = "a request with more tokens of input than these is billed as a whole at the rates that follow",
           .least = 1,
           .required = true},
          s.above);
  describe_rates(v, s, false);
}

void describe(Describer& v, SearchCharges& s) {
  const auto charge = [&](std::string_view name, std::string_view text, std::optional<Charge>& member) {
    v.field({.name = name, .text = text, .shown_default = "unknown"}, member);
  };
  charge("low", "USD for each search with a small context", s.low);
  charge("medium", "USD for each with a medium one: where neither request nor answer names a size", s.medium);
  charge("high", "USD for each with a large one", s.high);
}

void describe(Describer& v, ServiceTierPrice& s) {
  describe_rates(v, s, true);
  v.field({.name = "steps", .text = "other rates for long requests"}, s.steps);
}

void describe(Describer& v, Price& s) {
  describe_rates(v, s, true);
  v.field({.name = "steps", .text = "other rates for long requests"}, s.steps);
  v.field({.name = "service_tiers",
           .text = "prices of calls that the provider serves otherwise than usual, by the `service_tier` that the "
                   "answer names, else the request; nothing of the usual price holds for them",
           .shown_default = "unknown"},
          s.service_tiers);
  v.field({.name = "search", .text = "what searches of the web cost, besides their tokens"}, s.search);
  v.field({.name = "image", .text = "USD for each image of a request, besides its tokens", .shown_default = "0"},
          s.image);
  v.field({.name = "request", .text = "USD for each request, besides its tokens", .shown_default = "0"}, s.request);
}

void describe(Describer& v, PricesSpec& s) {
  v.field({.name = "file",
           .text = "a table in place of the one built in: YAML like config/prices.yaml, or LiteLLM's "
                   "model_prices_and_context_window.json; relative to this file",
           .shown_default = "the table built in",
           .check = check_filled},
          s.file);
}

}  // namespace triage
