#include "config/litellm.hpp"

#include "config/price_table.hpp"

#include <gtest/gtest.h>

namespace triage::config {
namespace {

ImportedPrices import_of(std::string_view json) {
  auto imported = import_litellm(json);
  EXPECT_TRUE(imported) << imported.error().message;
  return imported ? std::move(*imported) : ImportedPrices();
}

const ListedModel& only(const ImportedPrices& imported) {
  EXPECT_EQ(imported.table.models.size(), 1u);
  static const ListedModel none;
  return imported.table.models.empty() ? none : imported.table.models.front();
}

Rate nano_per_token(std::int64_t nano_usd) {
  return Rate{nano_usd * 1'000'000};
}

TEST(Litellm, GivesPricesWindowAndCapabilities) {
  const ImportedPrices imported = import_of(R"({"gpt-4o-mini": {
    "litellm_provider": "openai", "mode": "chat", "max_input_tokens": 128000, "max_tokens": 16384,
    "input_cost_per_token": 1.5e-07, "output_cost_per_token": 0.0000006, "cache_read_input_token_cost": 7.5E-8,
    "cache_creation_input_token_cost": 1.875e-07, "output_cost_per_reasoning_token": 1e-06,
    "input_cost_per_audio_token": 1e-05, "output_cost_per_audio_token": 2e-05, "input_cost_per_image": 0.001,
    "input_cost_per_request": 0.005, "input_cost_per_token_batches": 7.5e-08, "output_cost_per_token_batches": 3e-07,
    "input_cost_per_token_priority": 2.5e-07, "output_cost_per_token_priority": 1e-06, "input_cost_per_token_flex": null,
    "cache_read_input_token_cost_priority": 1.25e-07, "input_cost_per_token_decisions": 9, "citation_cost_per_token": 2e-06,
    "cache_creation_input_token_cost_above_1hr": 3e-07, "cache_creation_input_token_cost_above_12hr": 9,
    "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_medium": 0.035,
                                      "search_context_size_high": 0.05},
    "supports_function_calling": true, "supports_vision": true, "supports_response_schema": true,
    "supported_endpoints": ["/v1/chat/completions"], "supports_audio_input": false}})");
  const ListedModel& model = only(imported);
  EXPECT_EQ(model.name, "gpt-4o-mini");
  EXPECT_EQ(model.provider, "openai");
  EXPECT_EQ(model.context_window, 128'000);
  EXPECT_EQ(model.capabilities, (std::vector<std::string>{"tools", "images", "json_schema"}));
  EXPECT_EQ(model.price.input, nano_per_token(150));
  EXPECT_EQ(model.price.output, nano_per_token(600));
  EXPECT_EQ(model.price.input_cached, nano_per_token(75));
  EXPECT_EQ(model.price.cache_write, Rate{187'500'000});
  EXPECT_EQ(model.price.reasoning, nano_per_token(1'000));
  EXPECT_EQ(model.price.input_audio, nano_per_token(10'000));
  EXPECT_EQ(model.price.output_audio, nano_per_token(20'000));
  EXPECT_EQ(model.price.image, Charge{1'000'000'000'000});
  EXPECT_EQ(model.price.request, Charge{5'000'000'000'000});
  EXPECT_TRUE(model.price.steps.empty());
  EXPECT_EQ(model.price.cache_write_1h, nano_per_token(300));
  EXPECT_EQ(model.price.citations, nano_per_token(2'000));
  EXPECT_EQ(model.price.search.low, Charge{30'000'000'000'000});
  EXPECT_EQ(model.price.search.medium, Charge{35'000'000'000'000});
  EXPECT_EQ(model.price.search.high, Charge{50'000'000'000'000});
  ASSERT_EQ(model.price.service_tiers.size(), 2u);
  EXPECT_EQ(model.price.service_tiers[0].name, "batch");
  EXPECT_EQ(model.price.service_tiers[0].input, nano_per_token(75));
  EXPECT_EQ(model.price.service_tiers[0].input_cached, std::nullopt);
  EXPECT_EQ(model.price.service_tiers[1].name, "priority");
  EXPECT_EQ(model.price.service_tiers[1].output, nano_per_token(1'000));
  EXPECT_EQ(model.price.service_tiers[1].input_cached, nano_per_token(125));
  EXPECT_TRUE(imported.skipped.empty());
  EXPECT_EQ(imported.rounded, 0u);
  EXPECT_EQ(imported.table.providers.size(), 1u);
}

TEST(Litellm, SaysHowAModelThinksAndWhatItTakes) {
  const auto model = [](const std::string& name, const std::string& provider, const std::string& more) {
    return only(import_of(
        "{\"" + name + "\": {\"litellm_provider\": \"" + provider +
        "\", \"mode\": \"chat\", \"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 2e-06, " + more + "}}"));
  };
  const ListedModel claude =
      model("claude-a", "anthropic", R"("supports_reasoning": true, "supports_adaptive_thinking": true,
    "supports_sampling_params": false, "max_output_tokens": 128000, "max_input_tokens": 1000000, "supports_audio_input": true,
    "supports_assistant_prefill": true)");
  EXPECT_EQ(claude.thinking, Thinking::adaptive);
  EXPECT_EQ(claude.sampling, false);
  EXPECT_EQ(claude.max_output, 128'000);
  EXPECT_EQ(claude.context_window, 1'000'000);
  EXPECT_EQ(claude.capabilities, (std::vector<std::string>{"audio", "prefill"}));
  EXPECT_EQ(model("claude-b", "anthropic", R"("supports_reasoning": true)").thinking, Thinking::budget);
  EXPECT_EQ(model("claude-c", "anthropic", R"("supports_reasoning": true, "supports_adaptive_thinking": true,
    "supports_legacy_thinking": true)")
                .thinking,
            Thinking::budget);
  EXPECT_EQ(model("claude-d", "anthropic", R"("supports_reasoning": false)").thinking, Thinking::none);
  const ListedModel gpt = model("gpt-x", "openai", R"("supports_reasoning": true)");
  EXPECT_EQ(gpt.thinking, Thinking::adaptive);
  EXPECT_EQ(gpt.sampling, false);
  EXPECT_EQ(model("gemini-2.5-pro", "gemini", R"("supports_reasoning": true)").thinking, Thinking::budget);
  EXPECT_EQ(model("gemini-3.8-flash", "gemini", R"("supports_reasoning": true)").thinking, Thinking::level);
  EXPECT_EQ(model("other", "groq", R"("supports_reasoning": true)").thinking, std::nullopt);
  EXPECT_EQ(model("plain", "openai", R"("max_tokens": 5)").sampling, std::nullopt);
}

TEST(Litellm, GivesThresholds) {
  const ListedModel model = only(import_of(R"({"gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "mode": "chat",
    "input_cost_per_token_above_200k_tokens": 2.5e-06, "input_cost_per_token": 1.25e-06,
    "cache_read_input_token_cost_above_200k_tokens": 2.5e-07, "output_cost_per_token": 1e-05,
    "output_cost_per_token_above_200k_tokens": 1.5e-05, "input_cost_per_token_above_200k_tokens_priority": 9,
    "input_cost_per_token_above_128k_tokens": 1.5e-06, "input_cost_per_character_above_128k_tokens": 9}})"));
  ASSERT_EQ(model.price.steps.size(), 2u);
  EXPECT_EQ(model.price.steps[0].above, 200'000);
  EXPECT_EQ(model.price.steps[0].input, nano_per_token(2'500));
  EXPECT_EQ(model.price.steps[0].output, nano_per_token(15'000));
  EXPECT_EQ(model.price.steps[0].input_cached, nano_per_token(250));
  EXPECT_EQ(model.price.steps[1].above, 128'000);
  EXPECT_EQ(model.price.steps[1].output, std::nullopt);
  ASSERT_EQ(model.price.service_tiers.size(), 1u);
  ASSERT_EQ(model.price.service_tiers[0].steps.size(), 1u);
  EXPECT_EQ(model.price.service_tiers[0].steps[0].above, 200'000);
}

TEST(Litellm, XaisLongRequestsBeginAtTheThresholdItself) {
  const Price price = only(import_of(R"({"xai/grok-4": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
    "input_cost_per_token_above_200k_tokens": 2e-06, "litellm_provider": "xai", "mode": "chat",
    "input_cost_per_token_batches": 5e-07, "output_cost_per_token_batches": 1e-06,
    "input_cost_per_token_above_200k_tokens_batches": 1e-06}})"))
                          .price;
  Usage usage;
  usage.input = 199'999;
  EXPECT_EQ(cost_nano_usd(price, usage), 199'999 * 1'000);
  usage.input = 200'000;
  EXPECT_EQ(cost_nano_usd(price, usage), 200'000 * 2'000);
  Extras batch;
  batch.service_tier = "batch";
  EXPECT_EQ(cost_nano_usd(price, usage, batch), 200'000 * 1'000);
  const ListedModel* const built_in = builtin_prices().find("grok-4.3", "xai");
  ASSERT_TRUE(built_in);
  EXPECT_EQ(cost_nano_usd(built_in->price, usage), 200'000 * 2'500);
}

TEST(Litellm, GivesTieredPrices) {
  const ListedModel model = only(import_of(R"({"dashscope/qwen-flash": {"litellm_provider": "dashscope", "mode": "chat",
    "tiered_pricing": [
      {"input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06, "range": [256000.0, 1000000.0]},
      {"input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07, "output_cost_per_reasoning_token": 4e-06,
       "range": [0, 256000.0]}]}})"));
  EXPECT_EQ(model.price.input, nano_per_token(50));
  EXPECT_EQ(model.price.reasoning, nano_per_token(4'000));
  ASSERT_EQ(model.price.steps.size(), 1u);
  EXPECT_EQ(model.price.steps[0].above, 256'000);
  EXPECT_EQ(model.price.steps[0].output, nano_per_token(2'000));
}

TEST(Litellm, SaysWhatItSkips) {
  const ImportedPrices imported = import_of(R"({
    "sample_spec": {"mode": "one of: chat, embedding", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
    "dall-e-3": {"mode": "image_generation", "output_cost_per_image": 0.04},
    "no-input": {"mode": "chat", "output_cost_per_token": 1e-06},
    "no-output": {"mode": "chat", "input_cost_per_token": 1e-06},
    "embed": {"mode": "embedding", "input_cost_per_token": 1e-07},
    "below": {"mode": "chat", "input_cost_per_token": -1e-07, "output_cost_per_token": 1e-07},
    "word": {"mode": "chat", "input_cost_per_token": "free", "output_cost_per_token": 1e-07},
    "nothing": {"mode": "chat", "input_cost_per_token": null, "output_cost_per_token": 1e-07},
    "a b": {"mode": "chat", "input_cost_per_token": 1e-07, "output_cost_per_token": 1e-07},
    "holes": {"mode": "chat", "tiered_pricing": [{"input_cost_per_token": 1, "output_cost_per_token": 1, "range": [5, 9]}]},
    "huge": {"mode": "chat", "input_cost_per_token": 1e300, "output_cost_per_token": 1e-07},
    "not-an-entry": 7})");
  EXPECT_EQ(only(imported).name, "embed");
  EXPECT_EQ(only(imported).price.output, Rate{0});
  using Names = std::vector<std::string>;
  EXPECT_EQ(imported.skipped,
            (std::map<std::string, Names>{{"no model for text or embeddings", {"sample_spec", "dall-e-3"}},
                                          {"no price per token of input", {"no-input", "nothing"}},
                                          {"no price per token of output", {"no-output"}},
                                          {"a price that is none", {"below", "word", "holes", "huge"}},
                                          {"a name that a configuration cannot have", {"a b"}}}));
}

TEST(Litellm, RoundsWhatIsFinerThanAFemtoUsd) {
  const ImportedPrices imported = import_of(
      R"({"m": {"mode": "chat", "input_cost_per_token": 3.0001999999999996E-7, "output_cost_per_token": 1e-07}})");
  EXPECT_EQ(only(imported).price.input, Rate{300'020'000});
  EXPECT_EQ(imported.rounded, 1u);
}

TEST(Litellm, RefusesWhatIsNoTable) {
  for (const char* text :
       {"", "{", "[]", "null", "{}", R"({"m": {"mode": "chat"}})", "{\"m\": {}} x", "{\"m\": {\"mode\": }}",
        R"({"m": {"tiered_pricing": [{"range": []}], "mode": "chat"}})", R"({"m": {"tiered_pricing": [[]]}})"})
    EXPECT_FALSE(import_litellm(text)) << text;
}

TEST(PriceTableYaml, ReadsBackAsItWas) {
  ImportedPrices imported = import_of(R"({
    "a/b:0": {"litellm_provider": "x", "mode": "chat", "max_tokens": 5, "input_cost_per_token": 1.5e-07,
      "output_cost_per_token": 1e-15, "cache_read_input_token_cost": 0, "input_cost_per_image": 1e-15,
      "input_cost_per_request": 3, "input_cost_per_token_above_128k_tokens": 1e-6, "supports_vision": true,
      "cache_creation_input_token_cost_above_1hr": 1e-6, "citation_cost_per_token": 2e-6,
      "input_cost_per_token_flex": 1e-8, "output_cost_per_token_flex": 2e-8,
      "input_cost_per_token_above_128k_tokens_flex": 3e-8, "input_cost_per_token_batches": 4e-8,
      "search_context_cost_per_query": {"search_context_size_medium": 0.01}},
    "123": {"litellm_provider": "null", "mode": "embedding", "input_cost_per_token": 0},
    "c": {"mode": "chat", "input_cost_per_token": 0, "output_cost_per_token": 0}})");
  imported.table.date = "2026-02-03";
  imported.table.providers[0].source = "https://x.example/prices#api";
  const std::string yaml = price_table_yaml(imported.table);
  Report report;
  const PriceTable again = read_price_table(yaml, "again.yaml", report);
  EXPECT_FALSE(report.has_errors()) << yaml;
  EXPECT_EQ(price_table_yaml(again), yaml);
  ASSERT_EQ(again.models.size(), 3u);
  EXPECT_EQ(again.models[0].name, "a/b:0");
  EXPECT_EQ(again.models[0].price, imported.table.models[0].price);
  EXPECT_EQ(again.models[1].price, imported.table.models[1].price);
}

}  // namespace
}  // namespace triage::config
