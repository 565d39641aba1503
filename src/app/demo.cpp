#include "app/demo.hpp"

#include "onnx/model_file.hpp"
#include "options/values.hpp"

#include <algorithm>

namespace triage {
namespace {

// @LEDGER is a folder, @CLASSIFIER the router, or one that needs no model.
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
    match: {models: [auto, "gpt-*"]}
    tiers:
      small: [sim-small]
      medium: [sim-medium]
      large: [sim-large]
    routers:
      - heuristic:
          rules:
            - {name: proof, when: {keywords: [prove, proof, theorem]}, tier: large, class: math}
            - {name: long, when: {tokens: {gt: 4000}}, floor: medium}
@CLASSIFIER
    cascade: {verify: checks}
  embeddings:
    match: {models: ["text-embedding-*"]}
    tiers: {small: [sim-embedding]}
  everything-else:
    match: {paths: ["/v1/*"]}
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
  const auto small = std::ranges::find(out.models, "sim-small", &ModelSpec::name);
  if (small != out.models.end()) small->refusal = 0.1;
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

std::string demo_hints(const std::string& endpoint) {
  return "\nTry it:\n\n  curl http://" + endpoint +
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
