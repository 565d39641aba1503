// agentgateway (agentgateway.dev), standalone: llm.models, llm.virtualModels; binds with AI backends are in
// agentgateway_binds.cpp.
//
//   llm.models.M                   a deployment, and a route unless its visibility is internal
//   virtualModels: weighted        a tier by weight; failover: tiers by priority
//   virtualModels: conditional     a specialist tier for each target, rules over metadata and max_tokens
//   name: "anthropic/*"            the models of the price table
#include "import/agentgateway.hpp"

#include "base/glob.hpp"
#include "import/cel.hpp"
#include "import/condition.hpp"
#include "import/open_models.hpp"
#include "import/readers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace triage::imports {
namespace {

/// default(llmRequest.max_tokens, 1024) <= 1024, llmRequest.metadata.tier == "x"; nullopt: rules cannot say it.
std::optional<std::string> test_of(const Cel& cel) {
  static constexpr std::string_view metadata = "llmRequest.metadata";
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> bounds{
      {{"<", "lt"}, {"<=", "lte"}, {">", "gt"}, {">=", "gte"}}};
  if (cel.field.starts_with(metadata) && cel.field.size() > metadata.size() + 1) {
    std::string name = cel.field.substr(metadata.size());
    name = name.front() == '[' ? name.substr(1, name.size() - 2) : name.substr(1);
    const std::string otherwise = cel.otherwise.value_or("");
    if (cel.op == "has") return metadata_is(name, "*");
    std::vector<std::string> any;
    bool absent_holds = false;
    for (const std::string& value : cel.values) {
      const std::string glob = cel.op == "startsWith" ? value + "*"
                               : cel.op == "endsWith" ? "*" + value
                               : cel.op == "contains" ? "*" + value + "*"
                                                      : value;
      if (!value.empty()) any.push_back(metadata_is(name, glob));
      absent_holds = absent_holds || (cel.otherwise && glob_matches(glob, otherwise));
    }
    if (absent_holds) any.push_back(no_metadata(name));
    if (any.empty() ||
        std::ranges::find(bounds, cel.op, &std::pair<std::string_view, std::string_view>::first) != bounds.end())
      return std::nullopt;
    return cel.op == "!=" ? not_of(any_of(any)) : any_of(any);
  }
  if (cel.field == "llmRequest.max_tokens" || cel.field == "llmRequest.max_completion_tokens") {
    const auto bound = std::ranges::find(bounds, cel.op, &std::pair<std::string_view, std::string_view>::first);
    if (bound == bounds.end() || cel.values.empty()) return std::nullopt;
    const double limit = std::strtod(cel.values[0].c_str(), nullptr);
    const std::string holds = bounded("max_tokens", bound->second, limit);
    if (!cel.otherwise) return holds;
    const double otherwise = std::strtod(cel.otherwise->c_str(), nullptr);
    const bool absent_holds = cel.op == "<"    ? otherwise < limit
                              : cel.op == "<=" ? otherwise <= limit
                              : cel.op == ">"  ? otherwise > limit
                                               : otherwise >= limit;
    return absent_holds ? any_of({holds, not_of(bounded("max_tokens", "gte", 0))}) : holds;
  }
  if (cel.field == "llmRequest.tools" && cel.op == "has") return "{tools: true}";
  return std::nullopt;
}

std::optional<std::string> condition_of(const Cel& cel) {
  if (cel.kind == Cel::Kind::test) return test_of(cel);
  std::vector<std::string> parts;
  for (const Cel& each : cel.inner) {
    const auto part = condition_of(each);
    if (!part) return std::nullopt;
    parts.push_back(*part);
  }
  if (cel.kind == Cel::Kind::negated) return not_of(parts.at(0));
  return cel.kind == Cel::Kind::all ? all_of(parts) : any_of(parts);
}

class Models {
 public:
  Models(const Item& llm, Draft& draft) : llm_(llm), draft_(draft) {}

  void read() {
    draft_.listen(static_cast<int>(llm_["port"].number().value_or(4000)));
    for (const Item& key : llm_["policies"]["apiKey"]["keys"].items()) read_key(key);
    for (const Item& model : llm_["models"].items()) read_model(model);
    for (const Item& model : llm_["virtualModels"].items()) read_virtual(model);
  }

 private:
  void read_key(const Item& key) {
    const Item value = key["key"];
    const Item name = key["metadata"].first({"name", "user", "id"});
    if (!value) return;
    draft_.gateway_key(value, name ? name.text() : "key-" + std::to_string(draft_.config.keys.size() + 1), "");
    key.belongs(draft_.config.keys.back().notes);
  }

  void read_model(const Item& model) {
    const Item params = model["params"];
    const auto notes = std::make_shared<Notes>();
    const AgentTarget target = agent_target(model["provider"], {params, {}, {}}, llm_["providers"], notes, draft_);
    const std::string name = model["name"].text();
    if (target.provider.empty()) {
      draft_.note("'" + name + "' is left out: Triage has no dialect for its provider");
      model.unuse();
      return;
    }
    const bool internal = model["visibility"].peek() == "internal";
    model["visibility"].use();
    if (name.find('*') != std::string::npos) return read_open(model, name, target, notes);
    const std::string called = params["model"] ? params["model"].text() : name;
    ImportedDeployment& made = draft_.deployment(target.provider, called);
    made.notes->insert(made.notes->end(), notes->begin(), notes->end());
    model.belongs(made.notes);
    const auto weight = model["weight"].number();
    models_[name].push_back({made.name, static_cast<std::uint32_t>(std::lround(weight.value_or(1)))});
    if (internal) return;
    const auto known = std::ranges::find(draft_.config.routes, name_from(name), &ImportedRoute::name);
    if (known != draft_.config.routes.end()) return add_member(known->tiers[0], made.name, models_[name].back().weight);
    ImportedRoute& route = draft_.route(name);
    route.models = {name};
    route.tiers.push_back({draft_.tier(0), {models_[name].back()}});
  }

  /// `anthropic/*` with a transformation that strips the prefix, `gemini-*`, `*`
  void read_open(const Item& model, const std::string& name, const AgentTarget& target, const NotesPtr& notes) {
    std::string called = model["params"]["model"] ? model["params"]["model"].text() : name;
    const Item transformation = model["transformation"]["model"];
    const std::string prefix = name.substr(0, name.find('*'));
    const std::string expression = transformation.peek();
    if (!prefix.empty() && (expression.find("stripPrefix(\"" + prefix + "\")") != std::string::npos ||
                            expression.find("stripPrefix('" + prefix + "')") != std::string::npos)) {
      transformation.use();
      called = called.substr(std::min(called.size(), prefix.size()));
    }
    add_open_models({name, called, {target.provider}, {}, target.vendor, {}, {}}, draft_);
    ImportedProvider& provider = *std::ranges::find(draft_.config.providers, target.provider, &ImportedProvider::name);
    provider.notes->insert(provider.notes->end(), notes->begin(), notes->end());
    model.belongs(provider.notes);
  }

  /// An entry of a virtual model's targets.
  std::vector<ImportedMember> members_of(const Item& target) {
    const auto found = models_.find(target["model"].peek());
    if (found == models_.end()) return {};
    target["model"].use();
    return found->second;
  }

  void read_virtual(const Item& model) {
    const std::string name = model["name"].text();
    const Item routing = model["routing"];
    ImportedRoute& route = draft_.route(name);
    route.models = {name};
    model.belongs(route.notes);
    if (const Item conditional = routing["conditional"]) {
      read_conditional(conditional["targets"].items(), route);
    } else if (const Item failover = routing["failover"]) {
      read_failover(failover["targets"].items(), route);
    } else {
      ImportedTier tier{draft_.tier(0), {}};
      std::vector<double> weights;
      std::vector<std::string> deployments;
      for (const Item& target : routing["weighted"]["targets"].items()) {
        const double weight = target["weight"].number().value_or(1);
        for (const ImportedMember& member : members_of(target)) {
          weights.push_back(weight * member.weight);
          deployments.push_back(member.deployment);
        }
      }
      const auto whole = whole_weights(weights);
      for (std::size_t i = 0; i < whole.size(); ++i) add_member(tier, deployments[i], whole[i]);
      if (!tier.members.empty()) route.tiers.push_back(std::move(tier));
    }
    if (!route.tiers.empty()) return;
    draft_.note("'" + name + "' is left out: none of its models is above");
    model.belongs(draft_.config.notes);
    draft_.config.routes.pop_back();
  }

  void read_failover(const std::vector<Item>& targets, ImportedRoute& route) {
    std::map<double, std::vector<ImportedMember>> by_priority;
    for (const Item& target : targets)
      for (const ImportedMember& member : members_of(target))
        by_priority[target["priority"].number().value_or(0)].push_back(member);
    for (const auto& [priority, members] : by_priority) {
      ImportedTier tier{draft_.tier(route.tiers.size()), {}};
      for (const ImportedMember& member : members) add_member(tier, member.deployment, member.weight);
      route.tiers.push_back(std::move(tier));
    }
    if (route.tiers.size() > 1) route.start = route.tiers[0].name;
  }

  void read_conditional(const std::vector<Item>& targets, ImportedRoute& route) {
    for (const Item& target : targets) {
      const std::string model = target["model"].peek();
      const std::vector<ImportedMember> members = members_of(target);
      if (members.empty()) continue;
      const Item when = target["when"];
      const auto cel = when ? parse_cel(when.peek()) : std::nullopt;
      const auto condition = cel ? condition_of(*cel) : std::nullopt;
      if (when && !condition) {
        target["model"].unuse();
        continue;
      }
      const std::string tier = when ? name_from(model) : draft_.tier(0);
      if (std::ranges::find(route.tiers, tier, &ImportedTier::name) == route.tiers.end()) {
        route.tiers_by_name = true;
        route.tiers.push_back({tier, members});
        auto& specialists = draft_.config.specialists;
        if (when && std::ranges::find(specialists, tier) == specialists.end()) specialists.push_back(tier);
      }
      if (!when) {
        route.start = tier;
        break;
      }
      when.use();
      route.rules.push_back({name_from(model + "-" + std::to_string(route.rules.size() + 1)), *condition, tier});
    }
    if (route.start.empty() && !route.tiers.empty()) {
      route.notes->push_back("without a target for the rest, other requests were refused; here they go to the last");
      route.start = route.tiers.back().name;
    }
  }

  Item llm_;
  Draft& draft_;
  std::map<std::string, std::vector<ImportedMember>> models_;
};

}  // namespace

AgentTarget agent_target(const Item& provider, AgentAddress address, const Item& providers, const NotesPtr& notes,
                         Draft& draft) {
  std::string kind = provider.is_map() && !provider.items().empty() ? provider.items()[0].key() : provider.text();
  for (const Item& known : providers.items())  // one that several models share, by its name
    if (known["name"].peek() == kind || (kind == "reference" && known["name"].peek() == provider["reference"].peek())) {
      known["name"].use();
      provider.use();
      address.params = known["params"];
      kind = known["provider"].text();
    }
  AgentTarget out;
  out.vendor = find_vendor(to_lower(kind) == "custom" ? "openai" : kind);
  if (!out.vendor || out.vendor->dialect.empty()) return {};
  const Item& given = address.params;
  const Item base = address.host ? address.host : given.first({"baseUrl", "hostOverride", "host", "azureHost"});
  const Item key = address.key ? address.key : given.first({"apiKey", "key"});
  if (is_cloud(*out.vendor)) {
    const CloudItems items{base ? base : given.first({"azureResourceName", "resourceName"}),
                           key,
                           given.first({"azureApiVersion", "apiVersion"}),
                           given.first({"awsRegion", "region"}),
                           given["awsAccessKeyId"],
                           given["awsSecretAccessKey"],
                           given["awsSessionToken"],
                           given.first({"vertexProject", "projectId"}),
                           given.first({"vertexRegion", "region"}),
                           Item()};
    out.provider = cloud_provider(*out.vendor, given["model"].peek(), items, notes, draft).name;
    return out;
  }
  Members more;
  const bool below_v1 = address.host && out.vendor->dialect == "openai";
  if (base) more.emplace_back("base_url", draft.url(base, below_v1 ? "/v1" : ""));
  out.provider = draft.provider(*out.vendor, key, notes, more).name;
  return out;
}

void read_agentgateway(const Item& root, Draft& draft) {
  if (root["llm"]) Models(root["llm"], draft).read();
  read_agentgateway_binds(root["binds"], draft);
  const auto buffer = root["frontendPolicies"]["http"]["maxBufferSize"].number();
  if (buffer && *buffer >= 1)
    draft.config.sections.emplace_back("limits", yaml_map({{"body", std::to_string(std::llround(*buffer)) + "B"}}));
  if (draft.config.deployments.empty()) add_unnamed_provider(draft, "the file has no model that Triage can ask");
}

std::vector<Reason> agentgateway_reasons() {
  return {
      {"*.directResponse.*", "Triage makes no answers of its own; `triage simulate` injects faults"},
      {"*.delay.*", "`triage simulate` injects faults"},
      {"*Guard*", "Triage has no guardrails"},
      {"*guardrails*", "Triage has no guardrails"},
      {"*health*", "deployments that fail are ejected by the `breaker`"},
      {"*ateLimit*", "Triage does not limit rates"},
      {"*.defaults*", "parameters are the client's own"},
      {"*.overrides*", "parameters are the client's own"},
      {"*transformation*", "requests are passed on as the client wrote them"},
      {"*.mcp*", "Triage calls no tools"},
      {"*.when", "rules look at metadata and max_tokens only; a route's `match` at models, headers and paths"},
      {"*database*", "Triage needs none: the ledger is files"},
      {"*.readinessAddr", "GET /health/ready at admin.address"},
      {"*.statsAddr", "/metrics at admin.address"},
      {"*.adminAddr", "see admin.address"},
      {"*.pricing*", "see `price` of a deployment"},
      {"*.matches*", "clients call the paths of their APIs: /v1/chat/completions, /v1/messages and so on"},
      {"*.backends*.host", "it is no model: Triage passes on what models are asked for"},
      {"*protocol", "Triage speaks HTTP/1.1; see listen.tls"},
      {"*hostnames*", "see listen.hosts"},
      {"*logging*", "see `log`, and the ledger"},
      {"*tracing*", "see the ledger"},
      {"*.name", "a name"},
  };
}

}  // namespace triage::imports
