#include "pipeline/live/build_snapshot.hpp"

#include "pipeline/live/build_keys.hpp"
#include "pipeline/live/build_metrics.hpp"
#include "pipeline/live/grading.hpp"
#include "providers/providers.hpp"
#include "routing/fixed.hpp"
#include "routing/routers.hpp"
#include "verify/pickers.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace triage {
namespace {

const RouteSpec no_route;

template <class T>
const T& named(const std::vector<T>& list, const std::string& name, const char* what) {
  const auto found = std::ranges::find(list, name, &T::name);
  if (found == list.end()) throw std::runtime_error(std::string("no ") + what + " is called '" + name + "'");
  return *found;
}

// Where its connections go.
std::string origin_of(const Provider& provider) {
  const Url& url = provider.base_url;
  return std::string(url.tls ? "https://" : "http://") + url.host + ":" + std::to_string(url.port);
}

LiveDeployment live_deployment(const Snapshot& snapshot, const Deployment& deployment, Metrics& metrics,
                               LiveState& live_state) {
  const ConfigSpec& config = snapshot.spec;
  LiveDeployment live;
  live.spec = &deployment;
  live.provider = &named(config.providers, deployment.provider, "provider");
  const auto ring = snapshot.key_rings.find(deployment.provider);
  if (ring != snapshot.key_rings.end()) live.keys = ring->second.get();
  live.dialect = dialect_for(*live.provider, deployment);
  if (live.dialect == nullptr) throw std::runtime_error("no dialect is called '" + live.provider->dialect + "'");
  live.metrics = deployment_metrics(metrics, deployment.name);
  for (const Addition addition : deployment.refuses) live.refuses |= bit(addition);
  if (deployment.form != WireForm::openai) live.refuses |= bit(Addition::logprobs);
  const std::string origin = origin_of(*live.provider);
  live.breaker = &live_state.breaker(deployment.name, config.breaker);
  live.origin = &live_state.origin_breaker(origin, config.breaker);
  live.first_byte_times = &live_state.first_byte_times(deployment.name);
  live.speed = &live_state.writing_speed(deployment.name);
  live.refused = &live_state.refused(origin + live.provider->base_url.path + "\n" + deployment.model);
  live.responses = live.dialect->second(*live.provider).dialect;
  if (deployment.no_responses != nullptr)
    live.no_responses = &live_state.no_responses(origin + live.provider->base_url.path);
  return live;
}

// In whose words it is asked.
void set_form(const ConfigSpec& config, Deployment& deployment, LiveState& live_state) {
  const Provider& provider = named(config.providers, deployment.provider, "provider");
  const Dialect* const dialect = dialect_for(provider, deployment);
  if (dialect == nullptr) return;
  deployment.form = dialect->form(deployment);
  const SecondDialect second = dialect->second(provider);
  deployment.responses = second.dialect != nullptr;
  if (deployment.responses && !second.surely)
    deployment.no_responses = &live_state.no_responses(origin_of(provider) + provider.base_url.path);
}

// A listed tier is one in which all but the first are asked only when the others cannot answer.
LiveTier live_tier(const Snapshot& snapshot, const std::string& name, const std::vector<TierMember>& members,
                   TierOrder order) {
  LiveTier tier;
  tier.name = name;
  tier.listed = order == TierOrder::listed;
  for (const TierMember& member : members) {
    tier.members.push_back(&snapshot.deployments.at(member.deployment));
    tier.weights.push_back(!tier.listed ? member.weight : tier.weights.empty() ? 1 : 0);
    tier.weight_sum += tier.weights.back();
  }
  return tier;
}

// A route without routers sends everything to its highest tier: when unsure, the stronger one.
void fill_chain(RouteSpec& route, const std::vector<std::string>& order) {
  if (!route.routers.empty()) return;
  FixedRouterSpec fixed{route.tiers.front().first};
  for (const std::string& tier : order)
    for (const auto& [name, members] : route.tiers)
      if (name == tier) fixed.tier = tier;
  route.routers.push_back({"fixed", std::move(fixed)});
}

// Where a unit's weight for this experiment among those of its group comes from.
UnitHash slice_of(const ExperimentSpec& experiment) {
  return UnitHash("slice\n" + experiment.exclusive + "\n" + experiment.name);
}

PairMetrics pair_metrics(Metrics& metrics, const std::string& route, PairKind kind) {
  const std::string name(pair_kind_names[static_cast<std::size_t>(kind)]);
  const Labels labels{{"route", route}, {"kind", name}};
  const auto picked = [&](const char* which) {
    return &metrics.counter("triage_pairs_total", "Requests that two tiers have answered, by which answer was picked.",
                            {{"route", route}, {"kind", name}, {"picked", which}});
  };
  PairMetrics out{picked("cheap"), picked("strong"), picked("none"), nullptr, nullptr};
  out.over_budget = &metrics.counter("triage_pairs_over_budget_total",
                                     "Requests that were drawn when the day's budget was used up.", labels);
  out.cost_nano_usd =
      &metrics.counter("triage_pair_cost_nano_usd_total", "What calls for pairs cost, in USD / 1,000,000,000.", labels);
  return out;
}

std::unique_ptr<const LivePair> live_pair(const Snapshot& snapshot, const RouteSpec& route, const PairSpec& spec,
                                          PairKind kind, Metrics& metrics, LiveState& live_state) {
  auto pair = std::make_unique<LivePair>();
  pair->kind = kind;
  pair->spec = &spec;
  if (!spec.picker.kind.empty()) {
    pair->picker = verify::make_picker(spec.picker);
    if (!pair->picker) throw std::runtime_error("no picker is called '" + spec.picker.kind + "'");
  }
  if (const auto* const llm = std::any_cast<LlmPickerSpec>(&spec.picker.options))
    pair->comparing = &snapshot.deployments.at(llm->deployment);
  const RouteSpec& whole = named(snapshot.spec.routes, route.name, "route");
  pair->budget = &live_state.pair_budget(kind, route.name, *budgeted_pair(whole, kind));
  pair->metrics = pair_metrics(metrics, route.name, kind);
  return pair;
}

Policy live_policy(const Snapshot& snapshot, const RouteSpec& spec, Metrics& metrics, LiveState& live_state) {
  Policy policy;
  policy.spec = &spec;
  policy.route = spec.name;
  if (spec.arm) policy.arm = word(*spec.arm);
  for (const auto& [name, members] : spec.tiers) {
    policy.tiers.push_back(live_tier(snapshot, name, members, spec.order));
    policy.tiers.back().answers =
        &metrics.counter("triage_answers_total", "Requests that were answered, by the tier whose answer it was.",
                         {{"route", spec.name}, {"tier", name}});
  }
  for (const RouterSpec& router : spec.routers) {
    policy.routers.push_back(routing::make_router(router, {spec, snapshot.spec.tiers, snapshot.spec.deployments}));
    if (!policy.routers.back()) throw std::runtime_error("no router is called '" + router.kind + "'");
  }
  policy.metrics = route_metrics(metrics, spec.name);
  std::string_view highest;
  for (const std::string& tier : snapshot.spec.tiers) {
    const LiveTier* const live = policy.tier(tier);
    if (live == nullptr) continue;
    highest = tier;
    const auto heaviest = std::ranges::max_element(live->weights) - live->weights.begin();
    policy.strongest = live->members[static_cast<std::size_t>(heaviest)];
  }
  policy.chain = {policy.routers, snapshot.spec.tiers, highest};
  for (const LiveTier& tier : policy.tiers)
    for (const LiveDeployment* member : tier.members) {
      policy.translates = policy.translates || member->spec->form != WireForm::openai;
      if (const auto window = member->spec->context_window)
        policy.window_least = std::min(policy.window_least.value_or(*window), *window);
    }
  const std::string name = state_name(spec);
  policy.budget = &live_state.budget(name, spec.retry);
  if (snapshot.spec.ledger && spec.record.content != RecordContent::off)
    policy.content = std::make_unique<const ContentPolicy>(spec.record, snapshot.spec.limits);
  if (spec.hedge) policy.hedge_budget = &live_state.hedge_budget(name, *spec.hedge);
  if (spec.cascade && !spec.cascade->verify.kind.empty()) {
    policy.verifiers = verify::make_verifier_tree(spec.cascade->verify);
    if (!policy.verifiers) throw std::runtime_error("route '" + spec.name + "' has an unknown verifier");
    policy.escalations = &live_state.escalations(name, *spec.cascade);
  }
  if (spec.ensemble)
    policy.ensemble = live_pair(snapshot, spec, *spec.ensemble, PairKind::ensemble, metrics, live_state);
  if (spec.shadow) policy.shadow = live_pair(snapshot, spec, *spec.shadow, PairKind::shadow, metrics, live_state);
  policy.grading = live_grading(snapshot, policy, metrics, live_state);
  return policy;
}

std::vector<UnitHash> rivals_of(const ExperimentSpec& experiment, const ConfigSpec& config) {
  std::vector<UnitHash> out;
  if (experiment.exclusive.empty()) return out;
  for (const RouteSpec& route : config.routes)
    if (route.experiment && route.experiment->exclusive == experiment.exclusive &&
        route.experiment->name != experiment.name)
      out.push_back(slice_of(*route.experiment));
  return out;
}

ArmMetrics arm_metrics(Metrics& metrics, const std::string& experiment, Arm arm) {
  ArmMetrics out;
  const std::string name(word(arm));
  for (std::size_t i = 0; i < outcome_names.size(); ++i)
    out.requests[i] = &metrics.counter(
        "triage_experiment_requests_total", "Requests that count for an experiment, by how they ended.",
        {{"experiment", experiment}, {"arm", name}, {"outcome", std::string(outcome_names[i])}});
  out.cost_nano_usd =
      &metrics.counter("triage_experiment_cost_nano_usd_total", "What these have cost, in USD / 1,000,000,000.",
                       {{"experiment", experiment}, {"arm", name}});
  return out;
}

std::unique_ptr<const LiveExperiment> live_experiment(const Snapshot& snapshot, const RouteSpec& route,
                                                      const Policy& control, Metrics& metrics, LiveState& live_state) {
  const ExperimentSpec& spec = *route.experiment;
  const std::string& salt = spec.salt.empty() ? spec.name : spec.salt;
  LiveExperiment made{.spec = &spec,
                      .treatment = live_policy(snapshot, *spec.treatment, metrics, live_state),
                      .rollout = &live_state.rollout(spec.name),
                      .unit = {},
                      .draw = UnitHash("draw\n" + salt),
                      .slice = slice_of(spec),
                      .rivals = rivals_of(spec, snapshot.spec),
                      .recorded = UnitDisguise(route.record.key.reveal(), "unit\n" + salt),
                      .heeded_headers = {}};
  for (const UnitSpec& unit : spec.unit) made.unit.push_back({unit.place(), unit.name()});
  if (made.unit.empty()) made.unit.push_back({UnitKind::key, ""});
  for (const Policy* const policy : {&control, &std::as_const(made.treatment)}) {
    made.cascades = made.cascades || policy->verifiers;
    for (const auto& router : policy->routers)
      if (!router->heeded_header().empty()) made.heeded_headers.push_back(router->heeded_header());
  }
  made.metrics = {arm_metrics(metrics, spec.name, Arm::control), arm_metrics(metrics, spec.name, Arm::treatment)};
  return std::make_unique<const LiveExperiment>(std::move(made));
}

LiveRoute live_route(const Snapshot& snapshot, const RouteSpec& route, Metrics& metrics, LiveState& live_state) {
  const bool has_control = route.experiment && route.experiment->control;
  LiveRoute out{&route, live_policy(snapshot, has_control ? *route.experiment->control : route, metrics, live_state)};
  if (route.experiment) out.experiment = live_experiment(snapshot, route, out.policy, metrics, live_state);
  return out;
}

// The policy for requests that name a deployment, where there is nothing to choose.
Policy direct_policy(const RouteSpec& none, Metrics& metrics, LiveState& live_state) {
  Policy policy;
  policy.spec = &none;
  policy.metrics = route_metrics(metrics, "direct");
  policy.budget = &live_state.budget("", none.retry);
  return policy;
}

// Texts of feedback are kept as the route's prompts are; where those are not, redacted: they were sent to be kept.
void add_signatures(Snapshot& snapshot, Metrics& metrics, LiveState& live_state) {
  snapshot.signatures = &live_state.signatures();
  snapshot.signatures->use(snapshot.spec.limits.signatures.bytes, snapshot.spec.limits.signatures_age);
  snapshot.signatures_kept = &metrics.counter(
      "triage_signatures_kept_total", "Turns whose thoughts and signatures were kept, in case the client drops them.");
  snapshot.signatures_restored = &metrics.counter(
      "triage_signatures_restored_total", "Turns that they were put back into, because the client had dropped them.");
}

void add_feedback(Snapshot& snapshot, Metrics& metrics, LiveState& live_state) {
  const ConfigSpec& config = snapshot.spec;
  if (config.ledger) {
    snapshot.recent = &live_state.recent();
    snapshot.askers = &live_state.askers();
  }
  live_state.askers().set_most(config.limits.askers);
  live_state.recent().set_most(config.limits.recent_requests);
  RecordSpec redacted;
  redacted.content = RecordContent::redacted;
  const auto standard = std::make_shared<const ContentPolicy>(redacted, config.limits);
  for (const RouteSpec& route : config.routes) {
    RecordSpec record = route.record;
    if (record.content == RecordContent::off) record.content = RecordContent::redacted;
    const bool usual = record.content == RecordContent::redacted && record.patterns.empty() &&
                       record.text_max.bytes == redacted.text_max.bytes;
    snapshot.feedback_texts.push_back(usual ? standard : std::make_shared<const ContentPolicy>(record, config.limits));
  }
  snapshot.feedback_texts.push_back(standard);
  for (std::size_t i = 0; i < snapshot.feedback.size(); ++i)
    snapshot.feedback[i] = &metrics.counter("triage_feedback_total", "Calls of POST /v1/feedback, by how they ended.",
                                            {{"result", std::string(words<FeedbackEnd>[i])}});
}

void add_web_sockets(Snapshot& snapshot, Metrics& metrics, LiveState& live_state) {
  const auto hits = [&metrics](const char* limit) {
    return &metrics.counter("triage_limit_hits_total", "How often a client ran into a limit.",
                            {{"listener", "gateway"}, {"limit", limit}});
  };
  snapshot.web_sockets = &live_state.web_sockets();
  snapshot.web_sockets_open = &metrics.gauge("triage_web_sockets_open", "WebSockets of clients open now.", {});
  snapshot.web_socket_hits = hits("web_sockets");
  snapshot.key_share_hits = hits("key_share");
  snapshot.web_socket_message_hits = hits("web_socket_message");
  snapshot.web_socket_idle_hits = hits("web_socket_idle");
}

void add_routes(Snapshot& snapshot, Metrics& metrics, LiveState& live_state) {
  const auto& routes = snapshot.spec.routes;
  for (const RouteSpec& route : routes) snapshot.routes.push_back(live_route(snapshot, route, metrics, live_state));
  for (const LiveRoute& route : snapshot.routes) snapshot.route_names.emplace(route.spec->name, &route);
  snapshot.matches = RouteIndex(routes, RouteIndex::Of::requests);
  snapshot.passages = RouteIndex(routes, RouteIndex::Of::passing);
}

}  // namespace

std::shared_ptr<const Snapshot> build_snapshot(ConfigSpec spec, std::string version, Metrics& metrics,
                                               LiveState& live_state) {
  auto snapshot = std::make_shared<Snapshot>();
  for (RouteSpec& route : spec.routes) {
    fill_chain(route, spec.tiers);
    if (!route.experiment) continue;
    if (route.experiment->control) fill_chain(*route.experiment->control, spec.tiers);
    fill_chain(*route.experiment->treatment, spec.tiers);
  }
  for (Deployment& deployment : spec.deployments) set_form(spec, deployment, live_state);
  snapshot->spec = std::move(spec);
  snapshot->version = std::move(version);
  snapshot->made = std::time(nullptr);
  snapshot->keys = KeyTable(snapshot->spec.keys);
  add_keys(*snapshot, metrics, live_state);
  const ConfigSpec& config = snapshot->spec;
  for (const Deployment& deployment : config.deployments)
    snapshot->deployments.emplace(deployment.name, live_deployment(*snapshot, deployment, metrics, live_state));
  for (const auto& [name, live] : snapshot->deployments) snapshot->model_names.emplace(name, &live);
  for (const auto& [alias, deployment] : config.aliases)
    snapshot->model_names.emplace(alias, &snapshot->deployments.at(deployment));
  add_routes(*snapshot, metrics, live_state);
  snapshot->sessions = &live_state.sessions();
  snapshot->sessions->set_most(config.limits.sessions);
  add_signatures(*snapshot, metrics, live_state);
  snapshot->held = &live_state.held();
  if (config.keys.size() > 1)
    for (const KeySpec& key : config.keys) snapshot->key_shares.push_back(&live_state.key_share(key.name));
  snapshot->line_bounds = &live_state.line_bounds();
  for (std::size_t kind = 0; kind < line_kinds.size(); ++kind)
    snapshot->lines_left_out[kind] =
        &metrics.counter("triage_log_limited_total", "Lines beyond the bounds of the configuration's `log`.",
                         {{"of", std::string(line_kinds[kind])}});
  snapshot->unknown_prices = &unknown_prices(metrics, "");
  snapshot->direct = direct_policy(no_route, metrics, live_state);
  snapshot->none = route_metrics(metrics, "none");
  const auto hits = [&metrics](const char* limit) {
    return &metrics.counter("triage_limit_hits_total", "How often a client ran into a limit.",
                            {{"listener", "gateway"}, {"limit", limit}});
  };
  snapshot->body_depth_hits = hits("body_depth");
  snapshot->reply_hits = hits("reply");
  snapshot->event_hits = hits("event");
  snapshot->session_hits = hits("sessions");
  snapshot->signature_hits = hits("signatures");
  snapshot->held_hits = hits("held");
  snapshot->held_total_hits = hits("held_total");
  snapshot->shadow_hits = hits("shadows");
  snapshot->score_hits = hits("scores");
  snapshot->asker_hits = hits("askers");
  snapshot->recent_hits = hits("recent_requests");
  snapshot->feedback_hits = hits("feedback");
  add_feedback(*snapshot, metrics, live_state);
  snapshot->shadows = &live_state.shadows();
  add_web_sockets(*snapshot, metrics, live_state);
  for (std::size_t code = 0; code < error_code_count; ++code)
    snapshot->errors.push_back(&metrics.counter("triage_errors_total", "Requests that failed, by error code.",
                                                {{"code", std::string(traits(static_cast<ErrorCode>(code)).name)}}));
  return snapshot;
}

}  // namespace triage
