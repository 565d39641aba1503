#include "config/price_table.hpp"

#include "config/litellm.hpp"
#include "config/load.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace triage::config {
namespace {

namespace fs = std::filesystem;

std::string messages(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += to_string(diagnostic) + "\n";
  return out;
}

PriceTable table_of(std::string_view text, const std::string& name = "prices.yaml") {
  Report report;
  PriceTable table = read_price_table(text, name, report);
  EXPECT_EQ(messages(report.take()), "");
  return table;
}

std::string problems_of(std::string_view text, const std::string& name = "prices.yaml") {
  Report report;
  read_price_table(text, name, report);
  return messages(report.take());
}

std::string found(const PriceBook& book, std::string_view model, std::string_view provider = "p") {
  const ListedModel* const listed = book.find(model, provider);
  return listed ? listed->name : "";
}

Loaded load(const std::string& deployments, const std::string& more = "") {
  return load_text("providers: {p: {base_url: \"https://x.example/v1\"}}\ndeployments:\n" + deployments + more,
                   "triage.yaml");
}

TEST(BuiltinPrices, AreWholeAndDated) {
  const PriceTable table = table_of(builtin_price_yaml());
  EXPECT_EQ(table.date.size(), 10u);
  EXPECT_GE(table.models.size(), 100u);
  std::set<std::string> providers;
  for (const PriceProvider& provider : table.providers) {
    EXPECT_TRUE(provider.source.starts_with("https://")) << provider.name;
    providers.insert(provider.name);
  }
  for (const ListedModel& model : table.models) {
    EXPECT_TRUE(model.price.input && model.price.output) << model.name;
    EXPECT_TRUE(providers.contains(model.provider)) << model.name;
    EXPECT_TRUE(model.context_window) << model.name;
    if (model.price.input_cached) {
      EXPECT_LE(model.price.input_cached->femto_usd, model.price.input->femto_usd) << model.name;
    }
    for (const PriceStep& step : model.price.steps)
      EXPECT_TRUE(step.input && step.input->femto_usd > model.price.input->femto_usd) << model.name;
    EXPECT_EQ(found(builtin_prices(), model.name), model.name);
  }
  EXPECT_EQ(builtin_prices().name(), "built in");
}

TEST(PriceBook, FindsAModelByItsNameOnly) {
  const PriceBook book("test", table_of(R"(
date: 2026-01-02
models:
  gpt-4o: {provider: openai, input: 1, output: 1}
  gpt-4o-2024-05-13: {provider: openai, input: 2, output: 2}
  gemini/gemini-pro: {provider: gemini, input: 3, output: 3}
  groq/llama: {provider: groq, input: 4, output: 4}
  azure/phi: {provider: azure, input: 5, output: 5}
  mistral/phi: {provider: mistral, input: 6, output: 6}
  azure/twin: {provider: azure, input: 7, output: 7}
  openai/twin: {provider: openai, input: 7, output: 7}
  claude-haiku-4-5: {provider: anthropic, input: 8, output: 8}
)"));
  EXPECT_EQ(found(book, "gpt-4o"), "gpt-4o");
  EXPECT_EQ(found(book, "gpt-4o-2024-05-13"), "gpt-4o-2024-05-13");  // exactly, before anything else
  EXPECT_EQ(found(book, "gpt-4o-2024-08-06"), "gpt-4o");
  EXPECT_EQ(found(book, "azure/gpt-4o"), "gpt-4o");
  EXPECT_EQ(found(book, "azure/gpt-4o-2024-08-06"), "gpt-4o");
  EXPECT_EQ(found(book, "gemini-pro"), "gemini/gemini-pro");
  EXPECT_EQ(found(book, "gemini/gemini-pro"), "gemini/gemini-pro");
  EXPECT_EQ(found(book, "claude-haiku-4-5@20251001"), "claude-haiku-4-5");
  EXPECT_EQ(found(book, "claude-haiku-4-5-20251001"), "claude-haiku-4-5");
  EXPECT_EQ(found(book, "llama"), "") << "a host's price is not everybody's";
  EXPECT_EQ(found(book, "llama", "groq"), "groq/llama");
  EXPECT_EQ(found(book, "phi"), "") << "two prices, no way to tell";
  EXPECT_EQ(found(book, "phi", "mistral"), "mistral/phi");
  EXPECT_EQ(found(book, "twin"), "azure/twin") << "the same price twice";
  for (const char* stranger : {"gpt-4", "gpt-4o-", "gpt-4o-mini", "GPT-4o", "gpt-4o-2024-08", "gpt-4o-20240806x",
                               "openrouter/gpt-4o", "meta-llama/gpt-4o", "", "/", "azure/", "-2024-05-13"})
    EXPECT_EQ(found(book, stranger), "") << stranger;
}

TEST(ApplyPrices, FillsInWhatADeploymentLeavesOut) {
  const Loaded loaded = load(R"(
  plain: {provider: p, model: gpt-4o-mini}
  small: {provider: p, model: gpt-4o-mini, context_window: 9, capabilities: [], price: {input: 1, output: 2}}
  none: {provider: p, model: gpt-4o-mini, price: {}}
  strange: {provider: p, model: "llama3.1:8b"}
)");
  ASSERT_EQ(messages(loaded.diagnostics), "");
  const auto& deployments = loaded.spec.deployments;
  const ListedModel& listed = *builtin_prices().find("gpt-4o-mini", "p");
  EXPECT_EQ(deployments[0].price, listed.price);
  EXPECT_EQ(deployments[0].context_window, 128'000);
  std::vector<std::string> capabilities;
  for (const Capability each : deployments[0].capabilities.value()) capabilities.emplace_back(word(each));
  EXPECT_EQ(capabilities, listed.capabilities);
  EXPECT_EQ(deployments[0].price_source, PriceSource::table);
  EXPECT_EQ(deployments[0].price_key, "gpt-4o-mini");
  EXPECT_EQ(deployments[1].price.input, Rate{1'000'000'000});
  EXPECT_EQ(deployments[1].price.input_cached, std::nullopt) << "of a price of its own nothing is the table's";
  EXPECT_EQ(deployments[1].context_window, 9);
  EXPECT_TRUE(deployments[1].capabilities && deployments[1].capabilities->empty());
  EXPECT_EQ(deployments[1].price_source, PriceSource::own);
  EXPECT_EQ(deployments[2].price, Price()) << "said to be unknown";
  EXPECT_EQ(deployments[3].price, Price());
  EXPECT_EQ(deployments[3].price_source, PriceSource::unknown);
  EXPECT_EQ(deployments[3].price_key, "");
}

std::string version_of(const std::string& deployments, const std::string& more = "") {
  const Loaded loaded = load(deployments, more);
  EXPECT_TRUE(loaded.ok()) << messages(loaded.diagnostics);
  return loaded.spec.price_version.id;
}

TEST(PriceVersion, ChangesWithEveryPriceAndWithNothingElse) {
  const std::string a = "  a: {provider: p, model: gpt-4o}\n";
  const std::string b = "  b: {provider: p, model: m, price: {input: 1, output: 2}}\n";
  const std::string version = version_of(a + b);
  EXPECT_EQ(version.size(), 19u);
  EXPECT_EQ(version.substr(0, 10), builtin_prices().table().date);
  EXPECT_EQ(version_of(b + a), version);
  EXPECT_EQ(version_of(a + b, "aliases: {fast: a}\n"), version);
  EXPECT_EQ(version_of(a + "  b: {provider: p, model: m, price: {input: 1.0, output: 2e0}}\n"), version);
  std::set<std::string> versions{version};
  for (const char* price :
       {"input: 1, output: 3", "input: 2, output: 1", "input: 1, output: 2, input_cached: 0",
        "input: 1, output: 2, image: 2", "input: 1, output: 2, request: 2", "input: 1, output: 2, cache_write: 2",
        "input: 1, output: 2, steps: [{above: 5, input: 2}]", "input: 1, output: 2, steps: [{above: 6, input: 2}]",
        "input: 1, output: 2, cache_write_1h: 2", "input: 1, output: 2, citations: 2",
        "input: 1, output: 2, search: {low: 2}", "input: 1, output: 2, search: {high: 2}",
        "input: 1, output: 2, service_tiers: {flex: {input: 2, output: 2}}",
        "input: 1, output: 2, service_tiers: {priority: {input: 2, output: 2}}",
        "input: 1, output: 2, service_tiers: {flex: {input: 2, output: 2, steps: [{above: 5, input: 2}]}}"})
    EXPECT_TRUE(versions.insert(version_of(a + "  b: {provider: p, model: m, price: {" + price + "}}\n")).second)
        << price;
}

TEST(PriceTable, NamesItsMistakes) {
  EXPECT_NE(problems_of("models: {m: {input: 1, output: 1}}").find("has no 'date'"), std::string::npos);
  EXPECT_NE(problems_of("date: 2026-13-01\nmodels: {m: {input: 1, output: 1}}").find("it is no date"),
            std::string::npos);
  EXPECT_NE(problems_of("date: 2026-02-30\nmodels: {m: {}}").find("it is no date"), std::string::npos);
  EXPECT_NE(problems_of("date: 2026-01-01\nmodels: {m: {input: 1, outputs: 1}}").find("unknown key 'outputs'"),
            std::string::npos);
  EXPECT_NE(problems_of("date: 2026-01-01\nmodels: {m: {input: 1}}").find("no cost is known"), std::string::npos);
  EXPECT_NE(problems_of("{", "p.json").find("no JSON"), std::string::npos);
  EXPECT_NE(problems_of("[1]", "p.json").find("no model with a price"), std::string::npos);
}

class PricesFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("triage-prices-" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "conf.d");
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  Loaded load_it() { return load_file((folder_ / "triage.yaml").string()); }
  fs::path folder_;
};

TEST_F(PricesFile, TakesThePlaceOfTheTableBuiltIn) {
  write("triage.yaml",
        "providers: {p: {base_url: \"https://x.example/v1\"}}\ndeployments: {gpt-4o: {provider: p}, m: {provider: p}}\n"
        "include: conf.d/*.yaml\n");
  write("conf.d/prices.yaml", "prices: {file: ours.yaml.txt}\n");
  write("conf.d/ours.yaml.txt", "date: 2026-01-02\nmodels: {m: {input: 1, output: 2, context_window: 7}}\n");
  const Loaded loaded = load_it();
  ASSERT_EQ(messages(loaded.diagnostics), "");
  EXPECT_EQ(loaded.spec.deployments[0].price_source, PriceSource::unknown);
  EXPECT_EQ(loaded.spec.deployments[1].price.output, Rate{2'000'000'000});
  EXPECT_EQ(loaded.spec.deployments[1].context_window, 7);
  EXPECT_EQ(loaded.spec.price_version.date, "2026-01-02");
  EXPECT_EQ(loaded.spec.price_version.table, (folder_ / "conf.d/ours.yaml.txt").string());
  EXPECT_EQ(loaded.files.back(), loaded.spec.price_version.table) << "a change of it is a change of the config";
  write("conf.d/ours.yaml.txt", "date: 2026-01-02\nmodels: {m: {input: 1, output: 3}}\n");
  const Loaded changed = load_it();
  EXPECT_NE(changed.version, loaded.version);
  EXPECT_NE(changed.spec.price_version.id, loaded.spec.price_version.id);
}

TEST_F(PricesFile, MayBeLitellms) {
  write("triage.yaml",
        "providers: {p: {base_url: \"https://x.example/v1\"}}\ndeployments: {gpt-4o: {provider: p}}\nprices: {file: "
        "l.json}\n");
  write("l.json", R"({"gpt-4o": {"mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}})");
  const Loaded loaded = load_it();
  ASSERT_EQ(messages(loaded.diagnostics), "");
  EXPECT_EQ(loaded.spec.deployments[0].price.input, Rate{2'500'000'000});
  EXPECT_EQ(loaded.spec.price_version.date, "");
  EXPECT_EQ(loaded.spec.price_version.id.substr(0, 8), "undated-");
}

TEST_F(PricesFile, ThatIsBrokenIsAnErrorOfTheConfig) {
  write("triage.yaml",
        "providers: {p: {base_url: \"https://x.example/v1\"}}\ndeployments: {gpt-4o: {provider: p}}\nprices: {file: "
        "t.yaml}\n");
  const Loaded missing = load_it();
  EXPECT_FALSE(missing.ok());
  EXPECT_NE(messages(missing.diagnostics).find("triage.yaml:3:16: error: cannot read"), std::string::npos)
      << messages(missing.diagnostics);
  write("t.yaml", "date: 2026-01-02\nmodels: {m: {input: cheap, output: 3}}\n");
  const Loaded broken = load_it();
  EXPECT_FALSE(broken.ok());
  EXPECT_NE(messages(broken.diagnostics).find("t.yaml:2:21: error: models.m.input 'cheap': it is no number"),
            std::string::npos)
      << messages(broken.diagnostics);
}

}  // namespace
}  // namespace triage::config
