#include "import/litellm.hpp"
#include "import/open_models.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace triage::imports {
namespace {

/// What the whole file says about calls, for every route.
struct CallSettings {
  Members timeouts;
  Members retry;
};

/// A call's time, of which each of `calls` may have all.
Members timeouts_of(double seconds, std::size_t calls) {
  const std::string each = yaml_seconds(seconds);
  return {{"first_byte", each}, {"whole", each}, {"total", yaml_seconds(seconds * static_cast<double>(calls))}};
}

/// The value, if all members of the group have the same.
std::optional<double> common(const LitellmGroup& group, std::initializer_list<std::string_view> keys) {
  std::vector<Item> found;
  for (const LitellmMember& member : group.members)
    if (const Item value = member.entry["litellm_params"].first(keys)) found.push_back(value);
  const bool same = !found.empty() && found.size() == group.members.size() &&
                    std::ranges::all_of(found, [&](const Item& each) { return each.peek() == found[0].peek(); });
  std::optional<double> out;
  if (same)
    for (const Item& each : found) out = each.number();
  return out;
}

class Routes {
 public:
  Routes(const Item& root, LitellmModels& models, Draft& draft) : root_(root), models_(models), draft_(draft) {
    read_fallbacks();
    const Item router = root["router_settings"];
    const Item settings = root["litellm_settings"];
    retries_ = (router["num_retries"] ? router["num_retries"] : settings["num_retries"]).number();
    timeout_ = (router["timeout"] ? router["timeout"] : settings["request_timeout"]).number();
    if (const Item limit = router["stream_timeout"]) stream_timeout_ = limit.number();
  }

  void write() {
    read_aliases();
    for (const auto& fallback : fallbacks_) models_.find_or_make(fallback.first, draft_);
    // By index: fallbacks to what only a wildcard knows make more groups.
    for (std::size_t i = 0; i < models_.groups.size(); ++i) write_group(models_.groups[i]);
    for (const LitellmWildcard& wildcard : models_.wildcards) write_wildcard(wildcard);
  }

 private:
  /// [{"gpt-5": ["gpt-5-mini", ...]}, ...]
  void read_fallback_list(const Item& list) {
    for (const Item& entry : list.items())
      for (const Item& from : entry.items())
        for (const std::string& to : from.texts()) fallbacks_[from.key()].push_back(to);
  }

  void read_fallbacks() {
    for (const char* const section : {"router_settings", "litellm_settings"}) {
      const Item part = root_[section];
      read_fallback_list(part["fallbacks"]);
      if (const Item list = part["context_window_fallbacks"]) {
        read_fallback_list(list);
        draft_.note(list.path() +
                    " are tiers above, too: a deployment whose context_window is too small is not asked; what fails "
                    "otherwise goes up as well");
      }
      for (const std::string& to : part["default_fallbacks"].texts()) default_fallbacks_.push_back(to);
    }
  }

  /// alias: group, or alias: {model: group, hidden: true}
  void read_aliases() {
    for (const char* const section : {"router_settings", "litellm_settings"})
      for (const Item& alias : root_[section]["model_group_alias"].items()) {
        const std::string to = alias.is_map() ? alias["model"].text() : alias.text();
        if (models_.find_or_make(to, draft_))
          aliases_[to].push_back(alias.key());
        else
          alias.unuse();
      }
  }

  [[nodiscard]] std::vector<double> weights_of(const LitellmGroup& group) const {
    std::vector<double> out;
    for (const std::string_view key : {"weight", "rpm", "tpm"}) {
      std::vector<Item> found;
      for (const LitellmMember& member : group.members) {
        const Item inside = member.entry["litellm_params"][key];
        if (const Item value = inside ? inside : member.entry[key]) found.push_back(value);
      }
      if (found.empty() || found.size() != group.members.size()) continue;
      if (key != "weight")
        for (const LitellmMember& member : group.members)
          member.entry.note(std::string(key) + " is the weight among several; Triage does not limit rates");
      for (const Item& value : found) out.push_back(value.number().value_or(1));
      return out;
    }
    return std::vector<double>(group.members.size(), 1);
  }

  void add_members(ImportedTier& tier, const LitellmGroup& group) const {
    const std::vector<std::uint32_t> weights = whole_weights(weights_of(group));
    double first = 1e9;
    for (const LitellmMember& member : group.members)
      first = std::min(first, member.entry["litellm_params"]["order"].number().value_or(1));
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      const LitellmMember& member = group.members[i];
      const bool later = member.entry["litellm_params"]["order"].number().value_or(1) > first;
      add_member(tier, member.deployment, later ? 0 : weights[i]);
    }
  }

  void add_calls(ImportedRoute& route, const LitellmGroup& group) {
    const std::optional<double> own_retries = common(group, {"num_retries", "max_retries"});
    const std::optional<double> retries = own_retries ? own_retries : retries_;
    if (retries) {
      const double attempts = std::clamp(*retries + 1, 1.0, 10.0);
      route.retry = {{"attempts", std::to_string(std::lround(attempts))}};
      if (*retries + 1 > 10) route.notes->push_back("10 attempts are the most that Triage makes at one deployment");
    }
    const std::optional<double> own_timeout = common(group, {"timeout"});
    const std::optional<double> timeout = own_timeout ? own_timeout : timeout_;
    std::size_t calls = 0;
    for (const ImportedTier& tier : route.tiers) calls += tier.members.size();
    if (timeout) route.timeouts = timeouts_of(*timeout, calls * static_cast<std::size_t>(retries.value_or(1) + 1));
    const std::optional<double> own_stream = common(group, {"stream_timeout"});
    const std::optional<double> stream = own_stream ? own_stream : stream_timeout_;
    if (!stream) return;
    if (timeout)
      route.timeouts.front().second = yaml_seconds(*stream);
    else
      route.timeouts.emplace_back("first_byte", yaml_seconds(*stream));
  }

  void write_group(const LitellmGroup& group) {
    if (group.router) return write_auto_router(group);
    ImportedRoute& route = draft_.route(group.name);
    route.models = {group.name};
    route.models.insert(route.models.end(), aliases_[group.name].begin(), aliases_[group.name].end());
    route.tiers.push_back({draft_.tier(0), {}});
    add_members(route.tiers[0], group);
    std::vector<std::string> next = fallbacks_[group.name];
    next.insert(next.end(), default_fallbacks_.begin(), default_fallbacks_.end());
    for (const std::string& name : next) {
      const LitellmGroup* const to = name == group.name ? nullptr : models_.find_or_make(name, draft_);
      if (to && !to->router && !to->members.empty()) {
        ImportedTier& tier = route.tiers.emplace_back();
        tier.name = draft_.tier(route.tiers.size() - 1);
        add_members(tier, *to);
      } else if (name != group.name) {
        route.notes->push_back("no counterpart: fallback to '" + name + "', which no entry of model_list is");
      }
    }
    if (route.tiers.size() > 1) route.start = route.tiers[0].name;
    add_calls(route, group);
  }

  /// The order of an adaptive router's models, weakest first.
  double quality_of(const std::string& name) {
    const LitellmGroup* const group = models_.find(name);
    if (!group || group->members.empty()) return 0;
    return group->members[0].entry["model_info"]["adaptive_router_preferences"]["quality_tier"].number().value_or(0);
  }

  /// The group asks one of several others: {adaptive_router_config: {available_models}}, {complexity_router_config:
  /// {tiers: {SIMPLE: m, ...}}}, {auto_router_default_model}.
  void write_auto_router(const LitellmGroup& group) {
    const Item params = group.router["litellm_params"];
    std::vector<std::string> names = params["adaptive_router_config"]["available_models"].texts();
    for (const Item& tier : params["complexity_router_config"]["tiers"].items())
      for (const std::string& name : tier.texts()) names.push_back(name);
    const Item otherwise = params.first({"auto_router_default_model", "complexity_router_default_model"});
    if (names.empty() && otherwise) names.push_back(otherwise.text());
    ImportedRoute route;
    std::ranges::stable_sort(names, {}, [&](const std::string& name) { return quality_of(name); });
    for (const std::string& name : names) {
      const LitellmGroup* const to = models_.find_or_make(name, draft_);
      if (!to || to->router || to->members.empty()) continue;
      ImportedTier& tier = route.tiers.emplace_back();
      tier.name = draft_.tier(route.tiers.size() - 1);
      add_members(tier, *to);
    }
    static_cast<void>(params["model"].text());
    if (route.tiers.empty()) {
      draft_.note("'" + group.name + "' is left out: none of its models is in model_list");
      return group.router.unuse();
    }
    ImportedRoute& made = draft_.route(group.name);
    made.models = {group.name};
    made.tiers = std::move(route.tiers);
    made.start = made.tiers.back().name;
    made.tiers_by_name = true;
    made.notes->push_back(
        group.router["litellm_params"]["model"].peek() +
        " chooses by what it has learned; here a client may name the tier (x-triage-tier), and all others get the last "
        "one. docs/routing.md has the routers that choose: rules, a classifier, a small model");
    group.router.belongs(made.notes);
    add_calls(made, group);
  }

  void write_wildcard(const LitellmWildcard& wildcard) {
    ImportedRoute calls;
    calls.tiers.push_back({"", {{wildcard.provider}}});
    add_calls(calls, {wildcard.asked, {}, {}});
    std::set<std::string> taken;
    for (const LitellmGroup& group : models_.groups) taken.insert(group.name);
    add_open_models(
        {wildcard.asked, wildcard.model, {wildcard.provider}, {}, wildcard.vendor, calls.timeouts, calls.retry}, draft_,
        taken);
  }

  Item root_;
  LitellmModels& models_;
  Draft& draft_;
  std::map<std::string, std::vector<std::string>> fallbacks_;
  std::vector<std::string> default_fallbacks_;
  std::map<std::string, std::vector<std::string>> aliases_;
  std::optional<double> retries_;
  std::optional<double> timeout_;
  std::optional<double> stream_timeout_;
};

void read_breaker(const Item& root, Draft& draft) {
  const Item router = root["router_settings"];
  const Item settings = root["litellm_settings"];
  Members breaker;
  const Item fails = router["allowed_fails"] ? router["allowed_fails"] : settings["allowed_fails"];
  const Item rest = router["cooldown_time"] ? router["cooldown_time"] : settings["cooldown_time"];
  if (const auto number = fails.number()) {
    breaker.emplace_back("consecutive", std::to_string(std::max(1L, std::lround(*number) + 1)));
    draft.note(fails.path() + " counts failures a minute; here `breaker.consecutive` counts them in a row");
  }
  if (const auto seconds = rest.number(); seconds && *seconds > 0) {
    breaker.emplace_back("eject", yaml_seconds(*seconds));
    breaker.emplace_back("eject_max", yaml_seconds(std::max(*seconds, 20.0)));
  }
  if (!breaker.empty()) draft.config.sections.emplace_back("breaker", yaml_map(breaker));
}

void read_general(const Item& root, Draft& draft) {
  const Item general = root["general_settings"];
  const Item key = general["master_key"] ? general["master_key"] : root["litellm_settings"]["master_key"];
  if (key) draft.gateway_key(key, "master", "");
  draft.listen(4000);
  Members limits;
  const auto size = [&](const char* theirs, const char* ours) {
    const auto number = general[theirs].number();
    if (number && *number >= 1) limits.emplace_back(ours, std::to_string(std::lround(*number)) + "MiB");
  };
  size("max_request_size_mb", "body");
  size("max_response_size_mb", "reply");
  const auto most = general["global_max_parallel_requests"].number();
  if (most && *most >= 1) limits.emplace_back("requests_in_flight", std::to_string(std::lround(*most)));
  if (!limits.empty()) draft.config.sections.emplace_back("limits", yaml_map(limits));
}

}  // namespace

void read_litellm(const Item& root, Draft& draft) {
  read_general(root, draft);
  read_breaker(root, draft);
  LitellmModels models = read_litellm_models(root["model_list"], draft);
  Routes(root, models, draft).write();
  if (const Item strategy = root["router_settings"]["routing_strategy"]; strategy.peek() == "simple-shuffle")
    strategy.use();
}

std::vector<Reason> litellm_reasons() {
  return {
      {"*.model_info.id", "a name"},
      {"*.model_info.mode", "other APIs pass through: docs/pass-through.md"},
      {"*.drop_params", "what a provider does not take is either a hint, which is dropped and named, or refused"},
      {"*.cache*", "Triage keeps no answers"},
      {"*callback*", "the ledger has every request; metrics are at /metrics"},
      {"*langfuse*", "the ledger has every request"},
      {"*budget*", "Triage keeps no budgets of keys or users"},
      {"*guardrail*", "Triage has no guardrails"},
      {"*database*", "Triage needs none: the ledger is files"},
      {"*redis*", "Triage needs none"},
      {"environment_variables.*", "set it in the environment"},
      {"*.tags*", "tags choose no deployment here; a route's match.metadata can"},
      {"*enable_tag_filtering", "tags choose no deployment here; a route's match.metadata can"},
      {"*.rpm", "Triage does not limit rates"},
      {"*.tpm", "Triage does not limit rates"},
      {"*routing_strategy*", "deployments of a tier share its requests by weight"},
      {"*health_check*", "deployments that fail are ejected by the breaker"},
      {"*set_verbose", "see `log`"},
      {"*.temperature", "parameters are the client's own"},
      {"*.max_tokens", "parameters are the client's own"},
      {"*.top_p", "parameters are the client's own"},
      {"*extra_body*", "parameters are the client's own"},
      {"*pass_through_endpoints*", "see docs/pass-through.md: a route with match.paths"},
      {"*custom_auth", "keys are the list `keys`"},
      {"files_settings*", "see docs/pass-through.md"},
      {"finetune_settings*", "see docs/pass-through.md"},
      {"*include_cost_in_streaming_usage", "a request's cost is in x-triage-cost-usd and in the ledger"},
      {"*retry_policy*", "what is tried again: docs/errors.md"},
  };
}

}  // namespace triage::imports
