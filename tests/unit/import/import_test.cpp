// Other gateways' configurations: what becomes of each part, that nothing is lost in silence, and that the result can
// be served. The small ones here are made up; the real ones are read from ../shared.
#include "import/import.hpp"

#include "base/file.hpp"
#include "config/load.hpp"
#include "import/readers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace triage::imports {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

Imported import_of(std::string_view format, std::string_view text) {
  auto imported = import_config(format, text, "theirs.conf");
  EXPECT_TRUE(imported) << imported.error().message;
  return imported ? std::move(*imported) : Imported();
}

/// What `triage check` has against it once its variables are set.
std::string problems_of(const Imported& imported) {
  const std::string file = ::testing::TempDir() + "/import_token";
  std::ofstream(file) << "a-token";
  for (const auto& [name, example] : imported.variables) {
    const bool is_file = std::ranges::find(imported.files, name) != imported.files.end();
    ::setenv(name.c_str(), is_file ? file.c_str() : example.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  }
  std::string out;
  for (const Diagnostic& diagnostic : load_text(imported.yaml, "triage.yaml").diagnostics)
    if (diagnostic.severity == Diagnostic::error) out += to_string(diagnostic) + "\n";
  return out;
}

std::string yaml_of(std::string_view format, std::string_view text) {
  const Imported imported = import_of(format, text);
  EXPECT_EQ(problems_of(imported), "") << imported.yaml;
  return imported.yaml;
}

TEST(Litellm, GroupsAreRoutesAndFallbacksTiers) {
  const std::string yaml = yaml_of("litellm", R"(
model_list:
  - {model_name: fast, litellm_params: {model: openai/gpt-4o-mini, api_key: os.environ/KEY_A, weight: 3}}
  - {model_name: fast, litellm_params: {model: azure/mini, api_base: "https://x.openai.azure.com", api_key: os.environ/KEY_B, api_version: "2024-10-21", weight: 1}}
  - {model_name: strong, litellm_params: {model: anthropic/claude-opus-4-8, api_key: os.environ/KEY_C}}
router_settings:
  num_retries: 2
  timeout: 30
  fallbacks: [{fast: [strong]}]
  model_group_alias: {gpt-4: strong}
  allowed_fails: 3
  cooldown_time: 45
general_settings: {master_key: os.environ/MASTER}
litellm_settings: {cache: true}
)");
  EXPECT_THAT(yaml, HasSubstr("listen: {address: \"0.0.0.0:4000\"}"));
  EXPECT_THAT(yaml, HasSubstr("- {name: master, sha256: \"${MASTER_SHA256}\"}"));
  EXPECT_THAT(yaml,
              HasSubstr("openai: {dialect: openai, base_url: \"https://api.openai.com/v1\", api_key: \"${KEY_A}\"}"));
  EXPECT_THAT(yaml, HasSubstr("azure: {dialect: azure, base_url: \"https://x.openai.azure.com\", api_version: "
                              "2024-10-21, api_key: \"${KEY_B}\"}"));
  EXPECT_THAT(yaml, HasSubstr("primary: [{deployment: \"openai:gpt-4o-mini\", weight: 3}, \"azure:mini\"]\n"
                              "      fallback-1: [\"anthropic:claude-opus-4-8\"]\n"
                              "    routers:\n      - fixed: {tier: primary}\n"));
  EXPECT_THAT(yaml, HasSubstr("retry: {attempts: 3}"));
  EXPECT_THAT(yaml, HasSubstr("timeouts: {first_byte: 30s, whole: 30s, total: 270s}"));
  EXPECT_THAT(yaml, HasSubstr("match: {models: [strong, gpt-4]}"));
  EXPECT_THAT(yaml, HasSubstr("breaker: {consecutive: 4, eject: 45s, eject_max: 45s}"));
  EXPECT_THAT(yaml, HasSubstr("# no counterpart: litellm_settings: {cache: true} (Triage keeps no answers)"));
}

TEST(Litellm, PricesAndWindowsOfItsOwnAreKept) {
  const std::string yaml = yaml_of("litellm", R"(
model_list:
  - model_name: mine
    litellm_params: {model: hosted_vllm/qwen, api_base: "http://10.0.0.1:8000/v1", input_cost_per_token: 0.00000015, output_cost_per_token: 6e-7}
    model_info: {max_input_tokens: 32768, max_output_tokens: 4096}
)");
  EXPECT_THAT(yaml, HasSubstr("price: {input: 0.15, output: 0.6}, context_window: 32768, max_output: 4096"));
}

TEST(Litellm, AWildcardBecomesTheModelsOfThePriceTable) {
  const std::string yaml = yaml_of("litellm", R"(
model_list: [{model_name: "anthropic/*", litellm_params: {model: "anthropic/*", api_key: os.environ/KEY_C}}]
)");
  EXPECT_THAT(yaml, HasSubstr("anthropic/claude-opus-4-8: {provider: anthropic, model: claude-opus-4-8}"));
}

TEST(Litellm, CloudsHaveTheirOwnKeys) {
  const std::string yaml = yaml_of("litellm", R"(
model_list:
  - {model_name: a, litellm_params: {model: bedrock/converse/us.anthropic.claude-opus-4-8, aws_region_name: us-west-2}}
  - {model_name: b, litellm_params: {model: vertex_ai/gemini-2.5-pro, vertex_project: p-1, vertex_location: europe-west1}}
  - {model_name: c, litellm_params: {model: azure_ai/claude-opus-4-8, api_base: os.environ/FOUNDRY, api_key: os.environ/FKEY}}
)");
  EXPECT_THAT(yaml, HasSubstr("bedrock: {dialect: bedrock, region: us-west-2, access_key_id: \"${AWS_ACCESS_KEY_ID}\", "
                              "secret_access_key: \"${AWS_SECRET_ACCESS_KEY}\"}"));
  EXPECT_THAT(yaml, HasSubstr("model: us.anthropic.claude-opus-4-8}"));
  EXPECT_THAT(yaml, HasSubstr("vertex: {dialect: vertex, location: europe-west1, project: p-1, credentials: {file: "
                              "\"${GOOGLE_APPLICATION_CREDENTIALS}\"}}"));
  EXPECT_THAT(yaml,
              HasSubstr("azure_ai: {dialect: anthropic, base_url: \"${FOUNDRY}/anthropic\", api_key: \"${FKEY}\"}"));
}

TEST(Portkey, StrategiesAreTiersAndWeights) {
  const std::string yaml = yaml_of("portkey", R"({
    "strategy": {"mode": "fallback", "on_status_codes": [429]}, "retry": {"attempts": 2}, "request_timeout": 10000,
    "targets": [
      {"strategy": {"mode": "loadbalance"}, "targets": [
        {"provider": "openai", "api_key": "sk-live-1", "weight": 0.75, "override_params": {"model": "gpt-4o"}},
        {"provider": "azure-openai", "resource_name": "res", "deployment_id": "dep", "api_version": "2024-10-21", "weight": 0.25}]},
      {"provider": "anthropic", "override_params": {"model": "claude-opus-4-8"}}]})");
  EXPECT_THAT(yaml, HasSubstr("primary: [{deployment: \"openai:gpt-4o\", weight: 3}, \"azure:dep\"]"));
  EXPECT_THAT(yaml, HasSubstr("fallback-1: [\"anthropic:claude-opus-4-8\"]"));
  EXPECT_THAT(yaml, HasSubstr("retry: {attempts: 3}"));
  EXPECT_THAT(yaml, HasSubstr("first_byte: 10s, whole: 10s"));
  EXPECT_THAT(yaml, HasSubstr("base_url: \"https://res.openai.azure.com\""));
  EXPECT_THAT(yaml, HasSubstr("# no counterpart: strategy.on_status_codes"));
  EXPECT_THAT(yaml, Not(HasSubstr("sk-live-1")));
}

TEST(Portkey, ConditionsOverMetadataAreRules) {
  const std::string yaml = yaml_of("portkey", R"({
    "strategy": {"mode": "conditional", "default": "cheap", "conditions": [
      {"query": {"metadata.plan": {"$in": ["paid", "gold"]}}, "then": "strong"},
      {"query": {"params.temperature": {"$gt": 1}}, "then": "strong"}]},
    "targets": [{"name": "strong", "provider": "openai", "override_params": {"model": "gpt-4o"}},
                {"name": "cheap", "provider": "openai", "override_params": {"model": "gpt-4o-mini"}}]})");
  EXPECT_THAT(yaml, HasSubstr("when: {any: [{metadata: {plan: paid}}, {metadata: {plan: gold}}]}, tier: strong}"));
  EXPECT_THAT(yaml, HasSubstr("- fixed: {tier: primary}"));
  EXPECT_THAT(yaml, HasSubstr("# no counterpart: strategy.conditions[1]"));
}

TEST(Tensorzero, VariantsShareAndRoutingFallsBack) {
  const std::string yaml = yaml_of("tensorzero", R"(
[models.main]
routing = ["openai", "azure"]
[models.main.providers.openai]
type = "openai"
model_name = "gpt-4o"
[models.main.providers.azure]
type = "azure"
deployment_id = "four"
endpoint = "https://res.openai.azure.com"
api_key_location = "env::AZ"
[functions.write]
type = "chat"
[functions.write.variants.a]
type = "chat_completion"
model = "main"
weight = 0.9
retries = { num_retries = 3 }
[functions.write.variants.b]
type = "chat_completion"
model = "anthropic::claude-opus-4-8"
weight = 0.1
[gateway]
bind_address = "0.0.0.0:3300"
)");
  EXPECT_THAT(yaml, HasSubstr("127.0.0.1:3300"));
  EXPECT_THAT(yaml, HasSubstr("match: {models: [\"tensorzero::model_name::main\", main]}"));
  EXPECT_THAT(yaml, HasSubstr("primary: [{deployment: \"openai:gpt-4o\", weight: 9}, \"anthropic:claude-opus-4-8\"]\n"
                              "      fallback-1: [\"azure:four\"]"));
  EXPECT_THAT(yaml, HasSubstr("retry: {attempts: 4}"));
}

TEST(VllmSr, DecisionsOverKeywordsAndLengthAreRules) {
  const std::string yaml = yaml_of("vllm-sr", R"(
version: v0.3
listeners: [{name: h, address: 0.0.0.0, port: 8899, timeout: 300s}]
providers:
  defaults: {default_model: small}
  models:
    - {name: small, provider_model_id: qwen, backend_refs: [{name: a, endpoint: "10.0.0.1:8000", weight: 1}], pricing: {currency: USD, prompt_per_1m: 0.1, completion_per_1m: 0.2}}
    - {name: big, provider_model_id: openai/gpt-5.5, backend_refs: [{name: or, base_url: "https://openrouter.ai/api/v1", api_key_env: OR_KEY}]}
routing:
  signals:
    keywords: [{name: law, operator: OR, keywords: [contract, liability]}]
    context: [{name: long, min_tokens: 16K, max_tokens: 1M}]
  decisions:
    - {name: hard, priority: 10, modelRefs: [{model: big}], rules: {operator: OR, conditions: [{type: keyword, name: law}, {type: embedding, name: x}]}}
    - {name: lengthy, priority: 20, modelRefs: [{model: big}], rules: {operator: AND, conditions: [{type: context, name: long}]}}
    - {name: odd, priority: 5, modelRefs: [{model: big}], rules: {operator: AND, conditions: [{type: modality, name: x}]}}
)");
  const std::size_t lengthy =
      yaml.find("{name: lengthy, when: {all: [{tokens_all: {gte: 16000}}, {tokens_all: {lte: 1000000}}]}");
  const std::size_t hard = yaml.find("{name: hard, when: {keywords: [contract, liability]}, tier: hard}");
  ASSERT_NE(lengthy, std::string::npos) << yaml;
  ASSERT_NE(hard, std::string::npos) << yaml;
  EXPECT_LT(lengthy, hard) << "by priority";
  EXPECT_THAT(yaml, HasSubstr("price: {input: 0.1, output: 0.2}"));
  EXPECT_THAT(yaml, HasSubstr("tier 'odd' has no rule"));
  EXPECT_THAT(yaml, HasSubstr("need signals that Triage has not"));
  EXPECT_THAT(yaml, HasSubstr("- fixed: {tier: default}"));
}

TEST(Bifrost, KeysShareAndRulesMatch) {
  const std::string yaml = yaml_of("bifrost", R"({
    "providers": {"openai": {"keys": [{"name": "one", "value": "env.K1", "models": ["gpt-4o"], "weight": 0.8},
                                      {"name": "two", "value": "env.K2", "models": ["gpt-4o"], "weight": 0.2}],
                             "network_config": {"default_request_timeout_in_seconds": 30, "max_retries": 1}}},
    "governance": {"virtual_keys": [{"id": "vk", "name": "team", "value": "sk-bf-secret", "is_active": true}],
                   "routing_rules": [{"id": "r1", "enabled": true, "cel_expression": "headers['x-tier'] == 'gold' && model == 'gpt-4o'",
                                      "provider": "anthropic", "model": "claude-opus-4-8", "fallbacks": ["openai/gpt-4o"]},
                                     {"id": "r2", "enabled": true, "cel_expression": "budget_used > 80", "provider": "openai"}]}})");
  EXPECT_THAT(yaml, HasSubstr("primary: [{deployment: \"openai:gpt-4o\", weight: 4}, \"openai-2:gpt-4o\"]"));
  EXPECT_THAT(yaml, HasSubstr("match: {models: [gpt-4o], headers: {x-tier: gold}}"));
  EXPECT_THAT(yaml, HasSubstr("primary: [\"anthropic:claude-opus-4-8\"]"));
  EXPECT_THAT(yaml, HasSubstr("# no counterpart: governance.routing_rules[1]"));
  EXPECT_THAT(yaml, HasSubstr("retry: {attempts: 2}"));
  EXPECT_THAT(yaml, Not(HasSubstr("sk-bf-secret")));
}

TEST(Agentgateway, VirtualModelsAreTiersAndRules) {
  const std::string yaml = yaml_of("agentgateway", R"(
llm:
  port: 4100
  models:
  - {name: a, visibility: internal, provider: openAI, params: {model: gpt-4o-mini, apiKey: $KEY_A}}
  - {name: b, provider: anthropic, params: {model: claude-opus-4-8, apiKey: $KEY_B}}
  virtualModels:
  - {name: split, routing: {weighted: {targets: [{model: a, weight: 9}, {model: b, weight: 1}]}}}
  - {name: safe, routing: {failover: {targets: [{model: b, priority: 1}, {model: a, priority: 0}]}}}
  - name: smart
    routing:
      conditional:
        targets:
        - {when: 'llmRequest.metadata.tier == "gold"', model: b}
        - {when: 'random() < 0.5', model: b}
        - {model: a}
)");
  EXPECT_THAT(yaml,
              HasSubstr("primary: [{deployment: \"openai:gpt-4o-mini\", weight: 9}, \"anthropic:claude-opus-4-8\"]"));
  EXPECT_THAT(yaml, HasSubstr("primary: [\"openai:gpt-4o-mini\"]\n      fallback-1: [\"anthropic:claude-opus-4-8\"]"));
  EXPECT_THAT(yaml, HasSubstr("when: {metadata: {tier: gold}}, tier: b}"));
  EXPECT_THAT(yaml, HasSubstr("random() < 0.5"));
  EXPECT_THAT(yaml, Not(HasSubstr("\n  a: {match")));
}

TEST(Agentgateway, BackendsOfBindsAreDeployments) {
  const std::string yaml = yaml_of("agentgateway", R"(
binds:
- port: 3000
  listeners:
  - routes:
    - policies: {backendAuth: {key: "$OPENAI_API_KEY"}, timeout: {requestTimeout: 20s}, retry: {attempts: 2}}
      backends: [{ai: {name: o, provider: {openAI: {model: gpt-4o-mini}}}}]
)");
  EXPECT_THAT(yaml, HasSubstr("\"openai:gpt-4o-mini\": {provider: openai, model: gpt-4o-mini}"));
  EXPECT_THAT(yaml, HasSubstr("timeouts: {total: 20s}\n    retry: {attempts: 3}"));
}

TEST(Import, SaysWhatIsWrongWithAFile) {
  for (const auto& [format, text] : {std::pair<const char*, const char*>{"litellm", "a: [1"},
                                     {"portkey", "{\"a\": "},
                                     {"tensorzero", "a = "},
                                     {"bifrost", "[1, 2]"}}) {
    const auto imported = import_config(format, text, "x");
    ASSERT_FALSE(imported) << format;
    EXPECT_FALSE(imported.error().message.empty());
  }
}

// As files that were made public have them: no vendor may get another's key.
TEST(Import, MaskedKeysOfTwoVendorsAreTwoVariables) {
  const std::string yaml = yaml_of("portkey", R"({"strategy": {"mode": "fallback"}, "targets": [
    {"provider": "openai", "api_key": "sk-***", "override_params": {"model": "gpt-4o"}},
    {"provider": "anthropic", "api_key": "sk-***", "override_params": {"model": "claude-sonnet-4-5"}},
    {"provider": "openai", "api_key": "sk-***", "override_params": {"model": "gpt-4o-mini"}}]})");
  EXPECT_THAT(yaml, HasSubstr(R"(base_url: "https://api.openai.com/v1", api_key: "${OPENAI_API_KEY}"})"));
  EXPECT_THAT(yaml, HasSubstr(R"(base_url: "https://api.anthropic.com", api_key: "${ANTHROPIC_API_KEY}"})"));
  EXPECT_THAT(yaml, Not(HasSubstr("OPENAI_API_KEY_2")));
}

TEST(Import, SecretsAreNeverCopied) {
  const std::string yaml = yaml_of("litellm", R"(
model_list: [{model_name: a, litellm_params: {model: openai/gpt-4o, api_key: sk-live-12345, aws_secret_access_key: hidden-1}}]
litellm_settings: {langfuse_secret: hidden-2, slack_webhook_url: "https://hooks.example/hidden-3"}
general_settings: {database_url: "postgresql://u:hidden-4@host/db", master_key: sk-master-999}
)");
  for (const char* secret : {"12345", "hidden", "999"}) EXPECT_THAT(yaml, Not(HasSubstr(secret)));
  EXPECT_THAT(yaml, HasSubstr("model_list[0].litellm_params.api_key: the file holds the key itself"));
  EXPECT_THAT(yaml, HasSubstr("langfuse_secret: (a secret, not shown)"));
}

// --- the real ones ---

fs::path configs() {
  const char* shared = std::getenv("TRIAGE_SHARED");  // NOLINT(concurrency-mt-unsafe): set before the tests start
  return fs::path(shared ? shared : TRIAGE_SOURCE_DIR "/../shared") / "data" / "configs";
}

struct Reader {
  const char* format;
  const char* folder;
  Syntax syntax;
  void (*read)(const Item& root, Draft& draft);
  std::vector<Reason> (*reasons)();
};
const Reader readers[] = {
    {"litellm", "litellm", Syntax::yaml, read_litellm, litellm_reasons},
    {"portkey", "portkey", Syntax::json, read_portkey, portkey_reasons},
    {"tensorzero", "tensorzero", Syntax::toml, read_tensorzero, tensorzero_reasons},
    {"vllm-sr", "vllm-semantic-router", Syntax::yaml, read_vllm_sr, vllm_sr_reasons},
    {"bifrost", "bifrost", Syntax::json, read_bifrost, bifrost_reasons},
    {"agentgateway", "agentgateway", Syntax::yaml, read_agentgateway, agentgateway_reasons},
};

/// Whether a comment names the value: by its own path, or as part of what stands in one of its parents' comments.
bool is_told(const Foreign& leaf, const std::string& yaml) {
  if (yaml.find(leaf.path + ":") != std::string::npos) return true;
  for (std::size_t end = leaf.path.find_last_of(".["); end != std::string::npos && end > 0;
       end = leaf.path.find_last_of(".[", end - 1)) {
    const std::size_t at = yaml.find("no counterpart: " + leaf.path.substr(0, end) + ": ");
    if (at == std::string::npos) continue;
    const std::string line = yaml.substr(at, yaml.find('\n', at) - at);
    if (line.find(leaf.key.empty() ? leaf.text : leaf.key) != std::string::npos) return true;
  }
  return false;
}

TEST(RealConfigs, CanBeServedAndLoseNothingInSilence) {
  if (!fs::exists(configs())) GTEST_SKIP() << "no configurations at " << configs() << " (set TRIAGE_SHARED)";
  std::size_t files = 0;
  for (const Reader& reader : readers)
    for (const auto& entry : fs::directory_iterator(configs() / reader.folder)) {
      SCOPED_TRACE(entry.path().string());
      std::string reason;
      const auto text = read_file(entry.path().string(), 1 << 20, reason);
      ASSERT_TRUE(text) << reason;
      const Imported imported = import_of(reader.format, *text);
      EXPECT_EQ(problems_of(imported), "");
      auto root = parse_foreign(*text, "x", reader.syntax);
      ASSERT_TRUE(root);
      Draft draft(reader.format, "x");
      reader.read(Item(&*root), draft);
      std::size_t leaves = 0;
      each_leaf(*root, [&](const Foreign& leaf) {
        if (leaf.kind != Foreign::Kind::scalar) return;
        ++leaves;
        EXPECT_TRUE(leaf.used || is_told(leaf, imported.yaml)) << leaf.path << ": " << leaf.text;
      });
      EXPECT_GT(leaves, 0U);
      ++files;
    }
  EXPECT_GE(files, 30U);
}

}  // namespace
}  // namespace triage::imports
