// Portkey's gateway configs (portkey.ai/docs/product/ai-gateway/configs): a target, or a strategy over targets.
//
//   fallback                            tiers, one above the other
//   loadbalance                         one tier, by weight
//   conditional                         a specialist tier for each target, rules over metadata
//   a target without override_params    asks for the model that the client names: a route for each of the price table
//   .model
#include "import/clouds.hpp"
#include "import/condition.hpp"
#include "import/open_models.hpp"
#include "import/readers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace triage::imports {
namespace {

/// A deployment to come: its model may be the client's.
struct Choice {
  std::string provider;
  const Vendor* vendor = nullptr;
  std::string model;  ///< empty: the one that the client names
  double weight = 1;
  NotesPtr notes;
};
using Level = std::vector<Choice>;
using Levels = std::vector<Level>;  ///< the first, and what it falls back to

/// What a target has from those around it.
struct Inherited {
  std::string model;
  Item retry;
  Item timeout;
};

class Portkey {
 public:
  Portkey(const Item& root, Draft& draft) : root_(root), draft_(draft) {}

  void read() {
    draft_.listen(8787);
    const Item strategy = root_["strategy"];
    const std::string mode = mode_of(root_);
    if (mode == "conditional") return conditional(strategy);
    if (!root_.first({"provider", "virtual_key", "virtualKey", "targets", "options"})) {
      add_unnamed_provider(draft_, "the file names no provider, which clients do by x-portkey-provider");
      if (const Item retry = root_["retry"]) retry_ = retry;
      if (const Item timeout = either(root_, "request_timeout", "requestTimeout")) timeout_ = timeout;
      return add_calls(draft_.config.routes.back());
    }
    const Levels levels = levels_of(root_, {});
    std::set<const Vendor*> open;
    for (const Level& level : levels)
      for (const Choice& choice : level)
        if (choice.model.empty()) open.insert(choice.vendor);
    std::vector<std::string> models;
    if (open.size() == 1 && *open.begin()) models = listed_models(**open.begin());
    if (models.empty()) return add_route("portkey", {"*"}, levels, "");
    draft_.note(
        "a target without a model asks for the client's; a deployment here has one: those of the price table that " +
        std::string((*open.begin())->name) + " sells have a route each, others need one of their own");
    for (const std::string& model : models) add_route(model, {model}, levels, model);
  }

 private:
  static Item either(const Item& of, std::string_view snake, std::string_view camel) {
    return of.first({snake, camel});
  }

  static std::string mode_of(const Item& of) {
    const Item strategy = of["strategy"];
    if (strategy.is_map()) return strategy["mode"].text();
    if (strategy) return strategy.text();
    return of["mode"].text();
  }

  /// "provider", or what the name of a stored key tells of it.
  const Vendor* vendor_of(const Item& target, std::string& name) {
    const Item provider = target["provider"];
    const Item stored = either(target, "virtual_key", "virtualKey");
    name = provider ? provider.text() : stored.peek();
    if (name.starts_with('@')) name.erase(0, 1);
    if (const Vendor* const known = find_vendor(name)) return known;
    for (std::size_t end = name.find_last_of("-_/"); end != std::string::npos && end > 0;
         end = name.find_last_of("-_/", end - 1))
      if (const Vendor* const known = find_vendor(name.substr(0, end))) return known;
    return nullptr;
  }

  Choice choice_of(const Item& target, const Inherited& inherited) {
    Choice out;
    out.notes = std::make_shared<Notes>();
    std::string name;
    out.vendor = vendor_of(target, name);
    const Item overrides = either(target, "override_params", "overrideParams");
    out.model = overrides["model"] ? overrides["model"].text() : inherited.model;
    const Item deployment = target.first({"azure_deployment_id", "deployment_id", "deploymentId"});
    if (deployment) out.model = deployment.text();
    if (out.vendor && out.vendor->dialect.empty()) out.vendor = nullptr;
    out.provider = out.vendor ? provider_of(target, *out.vendor, out) : stranger(target, name, out.notes);
    target.belongs(out.notes);
    if (const Item stored = either(target, "virtual_key", "virtualKey")) {
      out.notes->push_back("the key that Portkey keeps as '" + stored.text() + "' must be set as a variable");
    }
    return out;
  }

  std::string stranger(const Item& target, const std::string& name, const NotesPtr& notes) {
    const std::string variable = variable_name(name);
    notes->push_back("where " + name + " is, is not known here: " + variable +
                     "_BASE_URL must be the address of its OpenAI-compatible API");
    const Item host = either(target, "custom_host", "customHost");
    const Item key = either(target, "api_key", "apiKey");
    const Members settings{
        {"dialect", "openai"},
        {"base_url",
         host ? draft_.url(host) : yaml_text(draft_.variable(variable + "_BASE_URL", "https://other.invalid"))},
        {"api_key",
         key ? draft_.secret(key, variable + "_API_KEY", notes) : yaml_text(draft_.variable(variable + "_API_KEY"))}};
    return draft_.provider(name, settings).name;
  }

  std::string provider_of(const Item& target, const Vendor& vendor, const Choice& choice) {
    const Item key = either(target, "api_key", "apiKey");
    if (is_cloud(vendor)) {
      const Item resource = target.first({"azure_resource_name", "resource_name", "resourceName", "azure_foundry_url"});
      const CloudItems items{resource ? resource : either(target, "custom_host", "customHost"),
                             key,
                             target.first({"azure_api_version", "api_version", "apiVersion"}),
                             target.first({"aws_region", "awsRegion"}),
                             target.first({"aws_access_key_id", "awsAccessKeyId"}),
                             target.first({"aws_secret_access_key", "awsSecretAccessKey"}),
                             target.first({"aws_session_token", "awsSessionToken"}),
                             target.first({"vertex_project_id", "vertexProjectId"}),
                             target.first({"vertex_region", "vertexRegion"}),
                             target.first({"vertex_service_account_json", "vertexServiceAccountJson"})};
      return cloud_provider(vendor, choice.model, items, choice.notes, draft_).name;
    }
    Members more;
    if (const Item host = either(target, "custom_host", "customHost")) more.emplace_back("base_url", draft_.url(host));
    if (const Item organization = target.first({"openai_organization", "openaiOrganization"}))
      more.emplace_back("organization", draft_.value(organization));
    if (const Item project = target.first({"openai_project", "openaiProject"}))
      more.emplace_back("project", draft_.value(project));
    return draft_.provider(vendor, key, choice.notes, more).name;
  }

  Levels levels_of(const Item& target, Inherited inherited) {
    const Item overrides = either(target, "override_params", "overrideParams");
    const Item targets = target.first({"targets", "options"});
    if (const Item retry = target["retry"]; retry && !retry_) retry_ = retry;
    if (const Item timeout = either(target, "request_timeout", "requestTimeout"); timeout && !timeout_)
      timeout_ = timeout;
    if (!targets) return {{choice_of(target, inherited)}};
    if (overrides["model"]) inherited.model = overrides["model"].text();
    const std::string mode = mode_of(target);
    Levels out;
    for (const Item& each : targets.items()) {
      const double weight = each["weight"].number().value_or(1);
      Levels inner = levels_of(each, inherited);
      if (mode == "loadbalance") {
        for (std::size_t i = 0; i < inner.size(); ++i) {
          if (out.size() <= i) out.emplace_back();
          for (Choice& choice : inner[i]) {
            choice.weight *= weight;
            out[i].push_back(std::move(choice));
          }
        }
      } else {
        std::ranges::move(inner, std::back_inserter(out));
        if (mode != "fallback") break;  // single: the first
      }
    }
    return out;
  }

  std::string deployment_of(const Choice& choice, const std::string& model) {
    std::string name = choice.model.empty() ? model : choice.model;
    if (name.empty()) {
      const std::string variable = variable_name(choice.provider) + "_MODEL";
      name = draft_.variable(variable);
      const std::string told = "the target asks for the client's model; a deployment has one, the variable " +
                               variable + ": copy it, and its route, for each that your clients ask for";
      if (std::ranges::find(*choice.notes, told) == choice.notes->end()) choice.notes->push_back(told);
    }
    ImportedDeployment& made = draft_.deployment(choice.provider, name);
    if (!told_.insert(choice.notes.get()).second) return made.name;
    if (made.notes->empty())
      made.notes = choice.notes;
    else
      made.notes->insert(made.notes->end(), choice.notes->begin(), choice.notes->end());
    return made.name;
  }

  ImportedTier tier_of(const std::string& name, const Level& level, const std::string& model) {
    std::vector<double> weights;
    for (const Choice& choice : level) weights.push_back(choice.weight);
    const auto whole = whole_weights(weights);
    ImportedTier out{name, {}};
    for (std::size_t i = 0; i < level.size(); ++i) add_member(out, deployment_of(level[i], model), whole[i]);
    return out;
  }

  void add_calls(ImportedRoute& route) {
    const Item attempts = retry_.first({"attempts", "count"});
    if (const auto number = attempts.number())
      route.retry = {{"attempts", std::to_string(std::lround(std::clamp(*number + 1, 1.0, 10.0)))}};
    if (const auto ms = timeout_.number()) {
      const std::string each = yaml_seconds(*ms / 1000);
      std::size_t calls = 0;
      for (const ImportedTier& tier : route.tiers) calls += tier.members.size();
      const double all = *ms / 1000 * static_cast<double>(calls) * (attempts.number().value_or(1) + 1);
      route.timeouts = {{"first_byte", each}, {"whole", each}, {"total", yaml_seconds(all)}};
    }
  }

  void add_route(const std::string& name, std::vector<std::string> models, const Levels& levels,
                 const std::string& model) {
    ImportedRoute& route = draft_.route(name);
    route.models = std::move(models);
    std::set<std::string> earlier;
    for (const Level& level : levels) {
      ImportedTier tier = tier_of(draft_.tier(route.tiers.size()), level, model);
      std::erase_if(tier.members, [&](const ImportedMember& member) { return earlier.contains(member.deployment); });
      for (const ImportedMember& member : tier.members) earlier.insert(member.deployment);
      if (!tier.members.empty()) route.tiers.push_back(std::move(tier));
    }
    if (route.tiers.size() > 1) route.start = route.tiers[0].name;
    add_calls(route);
  }

  /// {"metadata.plan": {"$eq": "paid"}, "$and": [...]}; nullopt: rules cannot tell.
  static std::optional<std::string> condition_of(const Item& query) {
    std::vector<std::string> all;
    for (const Item& part : query.items()) {
      std::optional<std::string> one;
      if (part.key() == "$and" || part.key() == "$or") {
        std::vector<std::string> inner;
        for (const Item& each : part.items()) {
          const auto found = condition_of(each);
          if (!found) return std::nullopt;
          inner.push_back(*found);
        }
        if (inner.empty()) return std::nullopt;
        one = part.key() == "$and" ? all_of(inner) : any_of(inner);
      } else {
        one = comparison_of(part);
      }
      if (!one) return std::nullopt;
      all.push_back(*one);
    }
    if (all.empty()) return std::nullopt;
    return all_of(all);
  }

  static std::optional<std::string> comparison_of(const Item& part) {
    static constexpr std::string_view metadata = "metadata.";
    const bool of_metadata = part.key().starts_with(metadata);
    if (!of_metadata && part.key() != "params.max_tokens") return std::nullopt;
    const std::string name = of_metadata ? part.key().substr(metadata.size()) : "";
    std::vector<std::string> all;
    for (const Item& test : part.is_map() ? part.items() : std::vector<Item>{part}) {
      const std::string op = part.is_map() ? test.key() : "$eq";
      static constexpr std::array<std::string_view, 4> bounds{"$gt", "$gte", "$lt", "$lte"};
      if (!of_metadata) {
        const auto number = test.number();
        if (!number || std::ranges::find(bounds, op) == bounds.end()) return std::nullopt;
        all.push_back(bounded("max_tokens", op.substr(1), *number));
        continue;
      }
      std::vector<std::string> values;
      for (const std::string& value : test.texts()) values.push_back(metadata_is(name, value));
      if (values.empty()) return std::nullopt;
      if (op == "$eq" || op == "$in")
        all.push_back(any_of(values));
      else if (op == "$ne" || op == "$nin")
        all.push_back(not_of(any_of(values)));
      else
        return std::nullopt;
    }
    if (all.empty()) return std::nullopt;
    return all_of(all);
  }

  void conditional(const Item& strategy) {
    ImportedRoute& route = draft_.route("portkey");
    route.models = {"*"};
    route.tiers_by_name = true;
    const std::string otherwise = strategy["default"].text();
    if (const Item retry = root_["retry"]) retry_ = retry;
    if (const Item timeout = either(root_, "request_timeout", "requestTimeout")) timeout_ = timeout;
    std::map<std::string, std::string> tier_names;
    const auto targets = root_.first({"targets", "options"}).items();
    std::size_t last = targets.empty() ? 0 : targets.size() - 1;
    for (std::size_t i = 0; i < targets.size(); ++i)
      if (targets[i]["name"].peek() == otherwise && !otherwise.empty()) last = i;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::string name = targets[i]["name"].text();
      const std::string tier = i == last ? draft_.tier(0) : name_from(name);
      if (i != last) draft_.config.specialists.push_back(tier);
      tier_names[name] = tier;
      Level all;
      const Levels levels = levels_of(targets[i], {});
      for (const Level& level : levels)
        for (Choice choice : level) {
          if (&level != &levels.front()) choice.weight = 0;
          all.push_back(std::move(choice));
        }
      route.tiers.push_back(tier_of(tier, all, ""));
    }
    for (const Item& condition : strategy["conditions"].items()) {
      const auto when = condition_of(condition["query"]);
      const auto tier = tier_names.find(condition["then"].peek());
      if (!when || tier == tier_names.end()) {
        condition.unuse();
        continue;
      }
      condition["then"].use();
      ImportedRule rule{name_from("to-" + tier->first + "-" + std::to_string(route.rules.size() + 1)), *when,
                        tier->second};
      route.rules.push_back(std::move(rule));
    }
    route.start = draft_.tier(0);
    strategy.belongs(route.notes);
    add_calls(route);
  }

  Item root_;
  Draft& draft_;
  Item retry_;
  Item timeout_;
  std::set<const Notes*> told_;
};

}  // namespace

void read_portkey(const Item& root, Draft& draft) {
  Portkey(root, draft).read();
}

std::vector<Reason> portkey_reasons() {
  return {
      {"*on_status_codes*", "what is tried again, and when the next deployment is asked: docs/errors.md"},
      {"*cache*", "Triage keeps no answers"},
      {"*use_retry_after*", "see `retry.wait`"},
      {"*override_params*", "parameters are the client's own"},
      {"*guardrails*", "Triage has no guardrails"},
      {"*hooks*", "Triage has no guardrails"},
      {"*conditions*", "rules look at metadata and max_tokens only; a route's `match` at models, headers and paths"},
      {"*retry*", "a route has one: the first that the file has"},
      {"*timeout*", "a route has one: the first that the file has"},
      {"*forward_headers*", "the client's headers that a provider may see are passed on"},
  };
}

}  // namespace triage::imports
