// Routes of the HTTP proxy whose backends are models. A backend's groups are tiers; its `provider` may name a model,
// else clients do.
#include "import/agentgateway.hpp"
#include "import/open_models.hpp"

#include <algorithm>
#include <cmath>

namespace triage::imports {
namespace {

struct Backend {
  std::string provider;
  const Vendor* vendor = nullptr;
  std::string model;  ///< empty: the client's
};
using Groups = std::vector<std::vector<Backend>>;

double duration_of(const Item& item) {
  const std::string& text = item.peek();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  const std::string_view unit = end;
  const double scale = unit == "ms"                  ? 0.001
                       : unit == "s" || unit.empty() ? 1
                       : unit == "m"                 ? 60
                       : unit == "h"                 ? 3600
                                                     : 0;
  if (number * scale > 0) item.use();
  return number * scale;
}

class Binds {
 public:
  explicit Binds(Draft& draft) : draft_(draft) {}

  void read_route(const Item& route) {
    Groups groups;
    for (const Item& backend : route["backends"].items())
      if (const Item ai = backend["backend"]["ai"] ? backend["backend"]["ai"] : backend["ai"])
        read_ai(ai, route, groups);
    if (groups.empty()) return;
    ImportedRoute calls;
    read_calls(route["policies"], calls);
    const std::string name = route["name"] ? route["name"].text() : groups[0][0].provider;
    const Backend& first = groups[0][0];
    const bool open = groups.size() == 1 && groups[0].size() == 1 && first.model.empty();
    if (open)
      return add_open_models({"*", "*", {first.provider}, {}, first.vendor, calls.timeouts, calls.retry}, draft_);
    ImportedRoute& made = draft_.route(name);
    made.models = {"*"};
    for (const auto& group : groups) {
      ImportedTier tier{draft_.tier(made.tiers.size()), {}};
      for (const Backend& backend : group) add_member(tier, deployment_of(backend), 1);
      made.tiers.push_back(std::move(tier));
    }
    if (made.tiers.size() > 1) made.start = made.tiers[0].name;
    made.timeouts = calls.timeouts;
    made.retry = calls.retry;
    route.belongs(made.notes);
    if (++taking_all_ > 1)
      made.notes->push_back("routes before this one take every model: write into their match.models which are theirs");
  }

 private:
  std::string deployment_of(const Backend& backend) {
    if (!backend.model.empty()) return draft_.deployment(backend.provider, backend.model).name;
    const std::string variable = variable_name(backend.provider) + "_MODEL";
    ImportedDeployment& made = draft_.deployment(backend.provider, draft_.variable(variable));
    if (made.notes->empty())
      made.notes->push_back("it asks for the client's model; a deployment has one, the variable " + variable +
                            ": copy it, and its route, for each that your clients ask for");
    return made.name;
  }

  /// {name, provider: {openAI: {model}}, hostOverride, policies} or {groups: [{providers: [...]}]}
  void read_ai(const Item& ai, const Item& route, Groups& out) {
    const auto groups = ai["groups"].items();
    if (groups.empty()) {
      read_provider(ai, route, out.emplace_back());
    } else {
      for (const Item& group : groups) {
        out.emplace_back();
        for (const Item& provider : group["providers"].items()) read_provider(provider, route, out.back());
        if (out.back().empty()) out.pop_back();
      }
    }
    if (!out.empty() && out.back().empty()) out.pop_back();
  }

  void read_provider(const Item& ai, const Item& route, std::vector<Backend>& out) {
    const Item provider = ai["provider"];
    const Item inner = provider.is_map() && !provider.items().empty() ? provider.items()[0] : Item();
    const auto notes = std::make_shared<Notes>();
    Item key = ai["policies"]["backendAuth"]["key"];
    if (!key) key = route["policies"]["backendAuth"]["key"];
    const AgentTarget target = agent_target(provider, {inner, key, ai["hostOverride"]}, {}, notes, draft_);
    if (target.provider.empty()) {
      draft_.note("'" + ai.path() + "' is left out: Triage has no dialect for its provider");
      return;
    }
    ImportedProvider& made = *std::ranges::find(draft_.config.providers, target.provider, &ImportedProvider::name);
    made.notes->insert(made.notes->end(), notes->begin(), notes->end());
    route.belongs(made.notes);
    out.push_back({target.provider, target.vendor, inner["model"].text()});
  }

  static void read_calls(const Item& policies, ImportedRoute& out) {
    if (const auto attempts = policies["retry"]["attempts"].number())
      out.retry = {{"attempts", std::to_string(std::lround(std::clamp(*attempts + 1, 1.0, 10.0)))}};
    const double all = duration_of(policies["timeout"]["requestTimeout"]);
    const double each = duration_of(policies["timeout"]["backendRequestTimeout"]);
    if (each > 0) out.timeouts = {{"first_byte", yaml_seconds(each)}, {"whole", yaml_seconds(each)}};
    if (all > 0) out.timeouts.emplace_back("total", yaml_seconds(std::max(all, each)));
  }

  Draft& draft_;
  int taking_all_ = 0;
};

}  // namespace

void read_agentgateway_binds(const Item& binds, Draft& draft) {
  Binds reader(draft);
  for (const Item& bind : binds.items()) {
    const auto port = bind["port"].number();
    if (port) draft.listen(static_cast<int>(*port));
    for (const Item& listener : bind["listeners"].items())
      for (const Item& route : listener["routes"].items()) reader.read_route(route);
  }
}

}  // namespace triage::imports
