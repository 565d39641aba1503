#include "app/demo.hpp"

#include "onnx/model_file.hpp"
#include "options/values.hpp"

#include <algorithm>

namespace triage {
namespace {

// @LEDGER is a folder, @CLASSIFIER the router, or one that needs no model. The first experiment saves money and grows,
// the second costs quality and is taken back within a minute of traffic.
constexpr std::string_view config = R"(listen: {address: "127.0.0.1:8080"}
admin: {address: "127.0.0.1:9090"}
ledger: {dir: "@LEDGER", sync: os}
providers:
  simulated: {dialect: openai, base_url: "http://127.0.0.1:1/v1"}
deployments:
  sim-small: {provider: simulated, price: {input: 0.1, output: 0.4}}
  sim-medium: {provider: simulated, price: {input: 0.5, output: 2}}
  sim-large: {provider: simulated, price: {input: 2.5, output: 10}}
  sim-embedding: {provider: simulated, price: {input: 0.02, output: 0}}
tiers: [small, medium, large]
routes:
  chat:
    match: {models: [auto, "gpt-*", "claude-*", "gemini-*"]}
    tiers: &tiers {small: [sim-small], medium: [sim-medium], large: [sim-large]}
    routers:
      - heuristic:
          rules:
            - {name: proof, when: {keywords: [prove, proof, theorem]}, tier: large, class: math}
            - {name: long, when: {tokens: {gt: 4000}}, floor: medium}
@CLASSIFIER
    cascade: {verify: checks}
    shadow: {share: 0.05, picker: {scorer: {verify: checks}}, daily_budget_usd: 1}
    record: {content: full}
    quality:
      graders: [{regex: {pattern: "I'm sorry", absent: true, name: no-apology}}]
      slo: [{signal: feedback, value_min: 0.8}, {signal: refusal, value_max: 0.1}]
      drift: {window: 10s, reference: 200}
  support:
    match: {models: [support]}
    tiers: *tiers
    routers: [{fixed: {tier: large}}]
    record: {content: full}
    experiment:
      name: support-small-first
      treatment: {routers: [{fixed: {tier: small}}], cascade: {verify: checks}}
      unit: [{field: user}]
      window: 0s
      stages: [{share: 0.2, at_least: 30s}, {share: 0.5, at_least: 7d}, {share: 1}]
      guardrails: [{signal: feedback, margin: 0.2}]
  reports:
    match: {models: [reports]}
    tiers: *tiers
    routers: [{fixed: {tier: large}}]
    record: {content: full}
    experiment:
      name: reports-small-only
      treatment: {routers: [{fixed: {tier: small}}]}
      unit: [{field: user}]
      window: 0s
      stages: [{share: 0.5, at_least: 7d}, {share: 1}]
      guardrails: [{signal: feedback, margin: 0.05}]
  embeddings:
    match: {models: ["text-embedding-*"]}
    tiers: {small: [sim-embedding]}
  other-calls:
    match: {paths: ["/v1/audio/*", /v1/files, "/v1/files/*", "/v1/images/*", /v1/moderations]}
    tiers: {small: [sim-small]}
)";

constexpr std::string_view classifier = "      - classifier: {thresholds: {medium: 0.62, large: 0.65}}";
constexpr std::string_view no_classifier = "      - fixed: {tier: small}";

// The index of the first tier, in the order of strength, that has the deployment: that says how good it is.
std::size_t strength(const ConfigSpec& spec, const std::string& deployment) {
  for (std::size_t tier = 0; tier < spec.tiers.size(); ++tier)
    for (const RouteSpec& route : spec.routes)
      for (const auto& [name, members] : route.tiers)
        if (name == spec.tiers[tier] &&
            std::ranges::find(members, deployment, &TierMember::deployment) != members.end())
          return tier;
  return spec.tiers.size();
}

}  // namespace

std::string demo_config(const std::string& ledger) {
  const bool can_classify = onnx::session_of({"builtin:difficulty", "", ""}).has_value();
  std::string out(config);
  const auto put = [&out](std::string_view mark, std::string_view text) {
    out.replace(out.find(mark), mark.size(), text);
  };
  put("@LEDGER", ledger);
  put("@CLASSIFIER", can_classify ? classifier : no_classifier);
  return out;
}

SimulateSpec simulation_for(const ConfigSpec& spec) {
  SimulateSpec out = demo_simulation();
  const std::vector<ModelSpec> profiles = out.models;
  for (const Deployment& deployment : spec.deployments) {
    const std::string& model = deployment.model.empty() ? deployment.name : deployment.model;
    if (std::ranges::find(out.models, model, &ModelSpec::name) != out.models.end()) continue;
    const bool embedding = model.find("embed") != std::string::npos;
    std::vector<ModelSpec> fitting;
    for (const ModelSpec& profile : profiles)
      if ((profile.kind == ModelKind::embedding) == embedding) fitting.push_back(profile);
    ModelSpec made = fitting[std::min(strength(spec, deployment.name), fitting.size() - 1)];
    made.name = model;
    out.models.push_back(std::move(made));
  }
  return out;
}

SimulateSpec demo_simulation_for(const ConfigSpec& spec) {
  SimulateSpec out = simulation_for(spec);
  for (ModelSpec& model : out.models) {
    if (model.name == "sim-small") model.refusal = 0.1;
    if (model.name == "sim-large") model.failure.rate = 0.03;
  }
  return out;
}

void point_providers_at(ConfigSpec& spec, const std::string& endpoint) {
  const std::size_t colon = endpoint.rfind(':');
  for (Provider& provider : spec.providers) {
    Url url;
    url.host = endpoint.substr(0, colon);
    url.port = static_cast<std::uint16_t>(std::stoi(endpoint.substr(colon + 1)));
    url.path = "/v1";
    provider.base_url = url;
    provider.proxy.reset();
  }
}

std::string demo_hints(const std::string& endpoint, const std::string& admin) {
  return "\nThe dashboard: http://" + admin + "/dashboard/\n\nTry it:\n\n  curl http://" + endpoint +
         "/v1/chat/completions -H 'content-type: application/json' \\\n"
         "    -d '{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"What is 12*7?\"}]}'\n\n"
         "or, with `pip install openai`:\n\n"
         "  from openai import OpenAI\n"
         "  client = OpenAI(base_url=\"http://" +
         endpoint +
         "/v1\", api_key=\"none\")\n"
         "  for chunk in client.chat.completions.create(model=\"auto\", stream=True,\n"
         "      messages=[{\"role\": \"user\", \"content\": \"Tell me of the sea\"}]):\n"
         "    print(chunk.choices[0].delta.content or \"\" if chunk.choices else \"\", end=\"\", flush=True)\n\n"
         "Ctrl-C ends it.\n";
}

std::string exposure_refusal(const ConfigSpec& spec) {
  const std::string& host = spec.listen.address.host;
  if (is_loopback(host) || !spec.keys.empty() || spec.listen.unauthenticated) return "";
  return "anyone who reaches " + host +
         " could spend your money: add `keys` (see `triage key new`), listen on 127.0.0.1, or say "
         "`listen: {unauthenticated: allow}`";
}

}  // namespace triage
