// vLLM Semantic Router (vllm-semantic-router.com): models at endpoints, signals about a request, decisions over
// signals.
//
//   providers.models.M                 a deployment for each of its backend_refs; by its own name a route
//   routing.decisions.D                a specialist tier with its models, and a rule
//   signals keywords, context          conditions; all other signals come from models that Triage has not
//   providers.defaults.default_model   the tier `default`
//
// Before version 0.3 the same stood in vllm_endpoints, model_config, keyword_rules and decisions.
#include "base/ascii.hpp"
#include "import/clouds.hpp"
#include "import/readers.hpp"
#include "import/vllm_sr_signals.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace triage::imports {
namespace {

struct Endpoint {
  std::string deployment;
  double weight = 1;
};

class VllmSr {
 public:
  VllmSr(const Item& root, Draft& draft) : root_(root), draft_(draft), signals_(root, draft) {}

  void read() {
    read_listener();
    read_models();
    read_old_models();
    decisions_route();
    model_routes();
  }

 private:
  void read_listener() {
    int port = 8899;
    const auto listeners = root_["listeners"].items();
    if (!listeners.empty()) port = static_cast<int>(listeners[0]["port"].number().value_or(port));
    draft_.listen(port);
    if (!listeners.empty())
      if (const Item limit = listeners[0]["timeout"]; limit) {
        const std::string text = limit.text();
        total_ = text;
      }
  }

  Item card_of(const std::string& model) const {
    for (const Item& card : root_["routing"]["modelCards"].items())
      if (card["name"].peek() == model) return card;
    return {};
  }

  static Members settings_of(const Item& pricing, const Item& card) {
    Members price;
    const auto rate = [&](const char* theirs, const char* ours) {
      const Item item = pricing[theirs];
      if (const auto number = item.number(); number && *number >= 0) price.emplace_back(ours, item.peek());
    };
    rate("prompt_per_1m", "input");
    rate("completion_per_1m", "output");
    rate("cached_input_per_1m", "input_cached");
    if (pricing["currency"].peek() == "USD") pricing["currency"].use();
    Members out;
    if (const auto window = card["context_window_size"].number(); window && *window >= 1)
      out.emplace_back("context_window", std::to_string(std::llround(*window)));
    if (!price.empty()) out.emplace_back("price", yaml_map(price));
    return out;
  }

  /// {endpoint: "host:port", protocol} or {base_url, provider, api_key_env, auth_header, auth_prefix}
  std::string provider_of(const Item& backend, const std::string& api_format, const NotesPtr& notes) {
    const Item kind = backend.first({"provider", "type"});
    const Vendor* const vendor = find_vendor(kind.peek());
    Members settings{{"dialect", api_format == "anthropic" ? "anthropic" : "openai"}};
    if (vendor && !vendor->dialect.empty() && !is_cloud(*vendor)) settings[0].second = vendor->dialect;
    if (kind) kind.use();
    if (const Item base = backend["base_url"]) {
      settings.emplace_back("base_url", draft_.url(base));
    } else if (const Item endpoint = backend.first({"endpoint", "address"})) {
      const std::string scheme = backend["protocol"] ? backend["protocol"].text() : "http";
      std::string address = endpoint.text();
      if (const Item port = backend["port"]) address += ":" + port.text();
      if (address.find("://") == std::string::npos) address = scheme + "://" + address;
      if (const Item path = backend["path"]) address += path.text();
      settings.emplace_back(
          "base_url",
          yaml_text(address.find('/', address.find("://") + 3) == std::string::npos ? address + "/v1" : address));
    }
    if (const Item variable = backend["api_key_env"])
      settings.emplace_back("api_key", yaml_text(draft_.variable(variable.text())));
    else if (const Item key = backend.first({"api_key", "access_key"}))
      settings.emplace_back("api_key", draft_.secret(key, variable_name(backend["name"].peek()) + "_API_KEY", notes));
    if (to_lower(backend["auth_header"].peek()) == "authorization") backend["auth_header"].use();
    if (backend["auth_prefix"].peek() == "Bearer") backend["auth_prefix"].use();
    const Item name = backend["name"];
    return draft_.provider(name ? name.text() : "vllm", settings).name;
  }

  void read_models() {
    for (const Item& model : root_["providers"]["models"].items()) {
      const std::string name = model["name"].text();
      const auto notes = std::make_shared<Notes>();
      const std::string api_format = model["api_format"].text();
      const Item card = card_of(name);
      card["name"].use();
      const Members settings = settings_of(model["pricing"], card);
      std::string id = model["provider_model_id"].text();
      for (const Item& other : model["external_model_ids"].items())
        if (id.empty()) id = other.text();
      for (const Item& backend : model["backend_refs"].items()) {
        const std::string provider = provider_of(backend, api_format, notes);
        const double weight = backend["weight"].number().value_or(1);
        models_[name].push_back({draft_.deployment(provider, id.empty() ? name : id, settings).name, weight});
      }
      if (models_[name].empty()) {
        draft_.note("model '" + name + "' is left out: it has no backend");
        models_.erase(name);
        model.unuse();
        continue;
      }
      order_.push_back(name);
      ImportedDeployment& first = draft_.config.deployments.back();
      first.notes->insert(first.notes->end(), notes->begin(), notes->end());
      model.belongs(first.notes);
      card.belongs(first.notes);
    }
  }

  /// Before 0.3: vllm_endpoints: [{name, address, port, weight, models}], model_config: {M: {preferred_endpoints,
  /// pricing}}
  void read_old_models() {
    const auto endpoints = root_["vllm_endpoints"].items();
    std::map<std::string, Item> configs;
    for (const Item& model : root_["model_config"].items()) configs[model.key()] = model;
    for (const Item& endpoint : endpoints)
      for (const std::string& name : endpoint["models"].texts()) configs.emplace(name, Item());
    for (const auto& [name, config] : configs) {
      std::vector<std::string> preferred = config["preferred_endpoints"].texts();
      const auto notes = std::make_shared<Notes>();
      for (const Item& endpoint : endpoints) {
        const std::string& its = endpoint["name"].peek();
        const auto listed = endpoint["models"].texts();
        const bool fits = preferred.empty() ? (listed.empty() || std::ranges::find(listed, name) != listed.end())
                                            : std::ranges::find(preferred, its) != preferred.end();
        if (!fits) continue;
        const std::string provider = provider_of(endpoint, "", notes);
        models_[name].push_back({draft_.deployment(provider, name, settings_of(config["pricing"], Item())).name,
                                 endpoint["weight"].number().value_or(1)});
      }
      if (!models_.contains(name)) continue;
      order_.push_back(name);
      config.belongs(draft_.config.deployments.back().notes);
    }
  }

  ImportedTier tier_of(const std::string& name, const std::vector<Endpoint>& endpoints) {
    std::vector<double> weights;
    for (const Endpoint& each : endpoints) weights.push_back(each.weight);
    const auto whole = whole_weights(weights);
    ImportedTier out{name, {}};
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
      const bool there =
          std::ranges::find(out.members, endpoints[i].deployment, &ImportedMember::deployment) != out.members.end();
      if (!there || whole[i] > 0) add_member(out, endpoints[i].deployment, whole[i]);
    }
    return out;
  }

  void read_decision(const Item& decision, ImportedRoute& route) {
    const std::string name = decision["name"].text();
    const auto notes = std::make_shared<Notes>();
    decision.belongs(notes);
    std::vector<Endpoint> members;
    std::vector<Item> refs = decision["modelRefs"].items();
    for (const Item& old : decision["model_refs"].items()) refs.push_back(old);
    for (const Item& old : decision["model_scores"].items()) refs.push_back(old);
    for (const Item& ref : refs) {
      const auto model = models_.find(ref["model"].peek());
      if (model == models_.end()) continue;
      ref["model"].use();
      const Item share = ref["weight"];
      const bool first = members.empty();
      for (Endpoint endpoint : model->second) {
        endpoint.weight *= share ? share.number().value_or(1) : first ? 1.0 : 0.0;
        members.push_back(endpoint);
      }
    }
    if (members.empty()) {
      route.notes->push_back("decision '" + name + "' is left out: it names no model that is above");
      decision.belongs(route.notes);
      return;
    }
    const std::string kind = decision["algorithm"]["type"].peek();
    if (kind == "static") decision["algorithm"]["type"].use();
    if (refs.size() > 1)
      notes->push_back(
          "the first model answers, the others where it cannot; docs/ensemble.md and docs/cascade.md have ways to use "
          "several");
    const std::string tier = name_from(name);
    draft_.config.specialists.push_back(tier);
    route.tiers.push_back(tier_of(tier, members));
    const Item rules = decision["rules"];
    if (!rules || rules["conditions"].items().empty()) {
      if (!always_.empty()) notes->push_back("it is never reached: '" + always_ + "' always holds");
      if (always_.empty()) always_ = tier;
      route.notes->insert(route.notes->end(), notes->begin(), notes->end());
      decision.belongs(route.notes);
      return;
    }
    auto when = signals_.condition_of(rules, notes);
    if (!when) {
      rules.unuse();
      decision.belongs(route.notes);
      route.notes->push_back("tier '" + tier +
                             "' has no rule, because its decision needs signals that Triage has not; clients can name "
                             "it (x-triage-tier). docs/learned-routing.md has classifiers and examples");
      route.notes->insert(route.notes->end(), notes->begin(), notes->end());
      return;
    }
    ImportedRule rule{tier, std::move(*when), tier};
    rule.notes = notes;
    route.rules.push_back(std::move(rule));
  }

  void decisions_route() {
    std::vector<Item> decisions = root_["routing"]["decisions"].items();
    for (const Item& old : root_["decisions"].items()) decisions.push_back(old);
    for (const Item& old : root_["categories"].items())
      if (old["model_scores"]) decisions.push_back(old);
    std::ranges::stable_sort(decisions, std::greater<>(),
                             [](const Item& each) { return each["priority"].number().value_or(0); });
    const Item named = root_["providers"]["defaults"]["default_model"];
    const Item otherwise = named ? named : root_["default_model"];
    auto model = models_.find(otherwise.text());
    if (model == models_.end() && !models_.empty()) model = models_.find(order_.front());
    if (model == models_.end()) return draft_.note("the file has no model with a backend");
    draft_.config.tiers = {"default"};
    ImportedRoute& route = draft_.route("auto");
    route.models = {"auto", "MoM"};
    const Item router = root_["global"]["router"];
    if (const Item names = router["auto_model_names"]) route.models = names.texts();
    if (const Item name = root_["auto_model_name"]) route.models = {name.text()};
    if (std::ranges::find(route.models, "auto") == route.models.end()) route.models.emplace_back("auto");
    route.tiers.push_back(tier_of("default", model->second));
    for (const Item& decision : decisions) read_decision(decision, route);
    route.tiers_by_name = true;
    route.start = always_.empty() ? "default" : always_;
    if (!total_.empty()) route.timeouts = {{"total", yaml_text(total_)}};
  }

  /// Clients may name a model instead of `auto`.
  void model_routes() {
    for (const std::string& name : order_) {
      ImportedRoute& route = draft_.route(name);
      route.models = {name};
      route.tiers.push_back(tier_of("default", models_[name]));
      if (!total_.empty()) route.timeouts = {{"total", yaml_text(total_)}};
    }
  }

  Item root_;
  Draft& draft_;
  Signals signals_;
  std::map<std::string, std::vector<Endpoint>> models_;
  std::vector<std::string> order_;
  std::string always_;  // the tier of the decision without conditions
  std::string total_;
};

}  // namespace

void read_vllm_sr(const Item& root, Draft& draft) {
  VllmSr(root, draft).read();
}

std::vector<Reason> vllm_sr_reasons() {
  return {
      {"version", "of the other file's format"},
      {"listeners*", "see `listen`"},
      {"*.use_reasoning", "thinking is the client's to ask for"},
      {"*reasoning*", "thinking is the client's to ask for; `thinking` says how a model is asked"},
      {"*system_prompt*", "prompts are the client's own"},
      {"*cache*", "Triage keeps no answers"},
      {"*.plugins*", "Triage has no plugins"},
      {"*.description", "a description"},
      {"*modelCards*", "a description"},
      {"*.algorithm*", "see docs/ensemble.md and docs/cascade.md"},
      {"*looper*", "see docs/ensemble.md and docs/cascade.md"},
      {"*signals*", "it comes from a model of the semantic router: docs/learned-routing.md has Triage's"},
      {"*conditions*", "it comes from a model of the semantic router: docs/learned-routing.md has Triage's"},
      {"*projections*", "it comes from a model of the semantic router: docs/learned-routing.md has Triage's"},
      {"*classifier*", "it comes from a model of the semantic router: docs/learned-routing.md has Triage's"},
      {"*prompt_guard*", "Triage has no guardrails"},
      {"*observability*", "metrics are at /metrics, every request is in the ledger"},
      {"*.priority", "the rules are in this order"},
      {"*.stores*", "Triage keeps no answers and no documents"},
      {"*.tools*", "clients send their tools"},
  };
}

}  // namespace triage::imports
