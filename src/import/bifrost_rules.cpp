#include "base/glob.hpp"
#include "import/bifrost.hpp"
#include "import/cel.hpp"
#include "import/clouds.hpp"
#include "import/open_models.hpp"

#include <algorithm>
#include <utility>

namespace triage::imports {

void Sold::add(const std::string& name, const Vendor& vendor, Key key, const Calls& calls) {
  auto found = std::ranges::find(providers_, name, &Provider::name);
  if (found == providers_.end()) found = providers_.insert(providers_.end(), {name, &vendor, {}, calls});
  found->keys.push_back(std::move(key));
}

Sold::Provider* Sold::find(const std::string& name) {
  const auto found = std::ranges::find(providers_, name, &Provider::name);
  if (found != providers_.end()) return &*found;
  const Vendor* const vendor = find_vendor(name);
  if (!vendor || vendor->dialect.empty()) return nullptr;
  const auto notes = std::make_shared<Notes>();
  ImportedProvider& made =
      is_cloud(*vendor) ? cloud_provider(*vendor, "", {}, notes, draft_) : draft_.provider(*vendor, Item(), notes);
  made.notes->push_back("only a rule names it: its key is the variable of custom");
  return &providers_.emplace_back(Provider{name, vendor, {{made.name, 1, {}, {}}}, {}});
}

std::vector<std::string> Sold::models_of(const std::string& name) {
  std::vector<std::string> out;
  const Provider* const provider = find(name);
  if (!provider) return out;
  for (const Key& key : provider->keys) {
    for (const std::string& model : key.models) out.push_back(model);
    for (const auto& [model, deployment] : key.deployments) out.push_back(model);
    // Deployments of Azure have names of their owners; by custom they are the models'.
    static const Vendor& openai = *find_vendor("openai");
    if (key.models.empty() && key.deployments.empty())
      std::ranges::move(listed_models(provider->vendor->dialect == "azure" ? openai : *provider->vendor),
                        std::back_inserter(out));
  }
  std::set<std::string> seen;
  std::erase_if(out, [&](const std::string& model) { return !seen.insert(model).second; });
  return out;
}

ImportedTier Sold::tier_of(const std::string& tier, const std::string& name, const std::string& model) {
  ImportedTier out{tier, {}};
  const Provider* const provider = find(name);
  if (!provider) return out;
  std::vector<std::pair<std::string, double>> members;
  for (const Key& key : provider->keys) {
    if (!key.models.empty() && std::ranges::find(key.models, model) == key.models.end()) continue;
    const auto deployment = std::ranges::find(key.deployments, model, &std::pair<std::string, std::string>::first);
    const std::string& called = deployment == key.deployments.end() ? model : deployment->second;
    members.emplace_back(draft_.deployment(key.provider, called).name, key.weight);
  }
  std::vector<double> weights;
  for (const auto& [deployment, weight] : members) weights.push_back(weight);
  const auto whole = whole_weights(weights);
  for (std::size_t i = 0; i < members.size(); ++i) add_member(out, members[i].first, whole[i]);
  return out;
}

void Sold::write_models(const Provider& provider, const std::vector<std::string>& models) {
  const bool bare = provider.calls.timeouts.empty() && provider.calls.retry.empty();
  for (const std::string& model : models) {
    const std::string asked = provider.name + "/" + model;
    const ImportedTier tier = tier_of(draft_.tier(0), provider.name, model);
    if (tier.members.empty() || !draft_.asked.insert(asked).second) continue;
    ImportedRoute& route = draft_.route(asked);
    route.models = {asked};
    route.tiers.push_back(tier);
    if (bare) continue;
    route.timeouts = provider.calls.timeouts;
    route.retry = provider.calls.retry;
  }
}

void Sold::write() {
  for (const Provider& provider : providers_) {
    std::vector<std::string> named;
    std::vector<std::string> open;
    std::vector<double> weights;
    for (const Key& key : provider.keys) {
      for (const std::string& model : key.models) named.push_back(model);
      for (const auto& [model, deployment] : key.deployments) named.push_back(model);
      if (!key.models.empty() || !key.deployments.empty()) continue;
      open.push_back(key.provider);
      weights.push_back(key.weight);
    }
    write_models(provider, named);
    if (!open.empty())
      add_open_models(
          {provider.name + "/*", "*", open, weights, provider.vendor, provider.calls.timeouts, provider.calls.retry},
          draft_);
  }
}

namespace {

struct Match {
  std::vector<std::string> models;
  Members rest;
};

std::string glob_of(const Cel& test, const std::string& value) {
  if (test.op == "startsWith") return value + "*";
  if (test.op == "endsWith") return "*" + value;
  if (test.op == "contains") return "*" + value + "*";
  return value;
}

/// Adds what the expression says to `out`; false: a route's match cannot say it.
bool match_of(const Cel& cel, Match& out, const Draft& draft) {
  if (cel.kind == Cel::Kind::all)
    return std::ranges::all_of(cel.inner, [&](const Cel& each) { return match_of(each, out, draft); });
  if (cel.kind == Cel::Kind::any) {  // only alternatives of one field
    for (const Cel& each : cel.inner)
      if (each.kind != Cel::Kind::test || each.field != "model" || !match_of(each, out, draft)) return false;
    return true;
  }
  if (cel.kind != Cel::Kind::test || cel.op == "has" || cel.otherwise) return false;
  const bool equal = cel.op == "==" || cel.op == "in";
  const bool text = equal || cel.op == "startsWith" || cel.op == "endsWith" || cel.op == "contains";
  if (cel.field == "model" && text) {
    for (const std::string& value : cel.values) out.models.push_back(glob_of(cel, value));
    return true;
  }
  if (cel.field.starts_with("headers[") && text && cel.values.size() == 1) {
    const std::string name = cel.field.substr(8, cel.field.size() - 9);
    out.rest.emplace_back("headers", yaml_map({{name, yaml_text(glob_of(cel, cel.values[0]))}}));
    return true;
  }
  if ((cel.field == "virtual_key_name" || cel.field == "virtual_key_id") && equal) {
    for (const std::string& value : cel.values)
      if (std::ranges::find(draft.config.keys, name_from(value), &ImportedKey::name) == draft.config.keys.end())
        return false;
    out.rest.emplace_back("keys", yaml_texts(cel.values));
    return true;
  }
  if (cel.field == "request_type" && equal && cel.values.size() == 1) {
    const std::string& kind = cel.values[0];
    const char* path = kind == "embedding" || kind == "embeddings"   ? "/v1/embeddings"
                       : kind == "chat" || kind == "chat_completion" ? "/v1/chat/completions"
                       : kind == "text_completion"                   ? "/v1/completions"
                       : kind == "responses"                         ? "/v1/responses"
                                                                     : nullptr;
    if (!path) return false;
    out.rest.emplace_back("paths", yaml_texts({path}));
    return true;
  }
  return false;
}

struct Fallback {
  std::string provider;
  std::string model;  ///< empty: the client's
};

Fallback fallback_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  return slash == std::string::npos ? Fallback{text, ""} : Fallback{text.substr(0, slash), text.substr(slash + 1)};
}

void add_rule_route(const std::string& name, std::vector<std::string> models, const Match& match,
                    const std::vector<Fallback>& targets, const std::string& model, const NotesPtr& notes, Sold& sold,
                    Draft& draft) {
  std::vector<ImportedTier> tiers;
  std::set<std::string> earlier;
  for (const Fallback& target : targets) {
    ImportedTier tier =
        sold.tier_of(draft.tier(tiers.size()), target.provider, target.model.empty() ? model : target.model);
    std::erase_if(tier.members,
                  [&](const ImportedMember& member) { return !earlier.insert(member.deployment).second; });
    if (!tier.members.empty()) tiers.push_back(std::move(tier));
  }
  if (tiers.empty()) return;
  ImportedRoute& route = draft.route(name);
  route.models = std::move(models);
  route.match = match.rest;
  route.tiers = std::move(tiers);
  if (route.tiers.size() > 1) route.start = route.tiers[0].name;
  route.notes = notes;
}

}  // namespace

void read_bifrost_rule(const Item& rule, Sold& sold, Draft& draft) {
  const auto cel = parse_cel(rule["cel_expression"].peek());
  Match match;
  std::vector<Fallback> targets;
  const bool enabled = !rule["enabled"] || rule["enabled"].is_true();
  const std::string provider = rule["provider"].peek();
  if (!enabled || !cel || !match_of(*cel, match, draft) || provider.empty()) return;
  const std::string model = rule["model"].text();
  targets.push_back({rule["provider"].text(), model});
  for (const std::string& fallback : rule["fallbacks"].texts()) targets.push_back(fallback_of(fallback));
  static_cast<void>(rule["cel_expression"].text());
  const auto notes = std::make_shared<Notes>();
  rule.belongs(notes);
  const std::string name = name_from(rule["id"] ? rule["id"].text() : rule["name"].text());
  if (!model.empty())
    return add_rule_route(name, match.models.empty() ? std::vector<std::string>{"*"} : match.models, match, targets,
                          model, notes, sold, draft);
  std::vector<std::string> globs = match.models;
  if (globs.empty()) globs.emplace_back("*");
  bool first = true;
  for (const std::string& each : sold.models_of(provider)) {
    if (std::ranges::none_of(globs, [&](const std::string& glob) { return glob_matches(glob, each); })) continue;
    add_rule_route(name + ":" + each, {each, "*/" + each}, match, targets, each,
                   first ? notes : std::make_shared<Notes>(), sold, draft);
    first = false;
  }
}

}  // namespace triage::imports
