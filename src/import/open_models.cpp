#include "import/open_models.hpp"

#include "base/glob.hpp"

#include <algorithm>

namespace triage::imports {
namespace {

/// `text` with `with` in the place of its star.
std::string filled(std::string text, std::string_view with) {
  const std::size_t star = text.find('*');
  return star == std::string::npos ? text : text.replace(star, 1, with);
}

/// What the star of `pattern` stands for in `text`, which it matches.
std::string starred(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return std::string(text);
  return std::string(text.substr(star, text.size() + 1 - pattern.size()));
}

void add_route(const OpenModels& open, const std::string& asked, const std::string& model, Draft& draft) {
  std::vector<double> weights = open.weights;
  weights.resize(open.providers.size(), 1);
  const auto whole = whole_weights(weights);
  ImportedTier tier{draft.tier(0), {}};
  for (std::size_t i = 0; i < open.providers.size(); ++i)
    add_member(tier, draft.deployment(open.providers[i], model).name, whole[i]);
  ImportedRoute& route = draft.route(asked);
  route.models = {asked};
  route.tiers.push_back(std::move(tier));
  route.timeouts = open.timeouts;
  route.retry = open.retry;
}

}  // namespace

void add_open_models(const OpenModels& open, Draft& draft, const std::set<std::string>& taken) {
  std::vector<std::string> models;
  if (open.vendor)
    for (const std::string& model : listed_models(*open.vendor))
      if (glob_matches(open.model, model)) models.push_back(model);
  const bool bare = open.timeouts.empty() && open.retry.empty() && open.providers.size() == 1;
  if (models.empty()) {
    const std::string variable = variable_name(open.providers[0]) + "_MODEL";
    draft.note("'" + open.asked + "' takes any model of " + open.providers[0] +
               "; a deployment here has one, the variable " + variable +
               ": copy it, and its route, for each that your clients ask for");
    return add_route(open, open.asked, filled(open.model, draft.variable(variable)), draft);
  }
  draft.note("'" + open.asked + "' takes any model of " + open.providers[0] +
             "; a deployment here has one: those of the price table are below, others need a line of their own");
  for (const std::string& model : models) {
    const std::string asked = filled(open.asked, starred(open.model, model));
    if (taken.contains(asked) || !draft.asked.insert(asked).second) continue;
    if (bare)
      draft.named_deployment(asked, open.providers[0], model);
    else
      add_route(open, asked, model, draft);
  }
}

void add_unnamed_provider(Draft& draft, const std::string& why) {
  draft.note(why + ": set PROVIDER_BASE_URL, PROVIDER_API_KEY and PROVIDER_MODEL, or write others");
  const Members settings{{"dialect", "openai"},
                         {"base_url", yaml_text(draft.variable("PROVIDER_BASE_URL", "https://provider.invalid"))},
                         {"api_key", yaml_text(draft.variable("PROVIDER_API_KEY"))}};
  const std::string provider = draft.provider("provider", settings).name;
  ImportedRoute& route = draft.route("any");
  route.models = {"*"};
  route.tiers.push_back({draft.tier(0), {{draft.deployment(provider, draft.variable("PROVIDER_MODEL")).name}}});
}

}  // namespace triage::imports
