#include "pipeline/socket/socket_route.hpp"

#include "base/ascii.hpp"
#include "base/percent.hpp"
#include "pipeline/assign.hpp"

#include <algorithm>

namespace triage {
namespace {

template <class Visit>
void for_each_pair(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const auto equals = static_cast<std::size_t>(std::ranges::find(pair, '=') - pair.begin());
    visit(pair, percent_decoded(pair.substr(0, equals)), pair.substr(std::min(equals + 1, pair.size())));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

std::string value_of(std::string_view raw) {
  std::string spaced(raw);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decoded(spaced);
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == ':')
      out.push_back(c);
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
}

bool is_model(std::string_view name) noexcept {
  return iequals(name, "model");
}
bool is_key(std::string_view name) noexcept {
  return iequals(name, "api-key");
}

// Only OpenAI's own API has these connections.
bool has_web_sockets(const LiveDeployment& deployment, std::string_view path) noexcept {
  if (path == responses_path) return speaks(*deployment.spec, WireForm::responses);
  const std::string_view dialect = deployment.dialect->name();
  return dialect == "openai" || dialect == "azure" || dialect == "responses";
}

Result<SocketRoute> of_passage(RequestRun& run, const Passage& passage, const RoutingInput& input) {
  RequestFacts& facts = run.outcome.facts;
  facts.assigned = assign_passage(passage, input, facts.id);
  const Policy& policy = *facts.assigned.policy;
  facts.policy = &policy;
  facts.decision = decide(policy.chain, input);
  auto planned = plan(run.snapshot, policy, facts.decision, Needs(), std::nullopt, run.ticket);
  if (!planned) return planned.error();
  auto chosen = passage_targets(passage, policy, facts.key, facts.model, std::move(planned->targets));
  if (!chosen) return chosen.error();
  return SocketRoute{&policy, std::move(*chosen)};
}

Result<SocketRoute> as_for_chat(RequestRun& run, const RoutingInput& input) {
  RequestFacts& facts = run.outcome.facts;
  const auto resolution = resolve(run.snapshot, input);
  if (!resolution) return resolution.error();
  if (resolution->route == nullptr) {
    facts.policy = &run.snapshot.direct;
    auto planned = plan_named(*resolution->named, Needs());
    if (!planned) return planned.error();
    return SocketRoute{facts.policy, {std::move(planned->targets), true}};
  }
  facts.assigned = assign(*resolution->route, input, facts.id);
  const Policy& policy = *facts.assigned.policy;
  facts.policy = &policy;
  facts.decision = decide(policy.chain, input);
  auto planned = plan(run.snapshot, policy, facts.decision, Needs(), std::nullopt, run.ticket);
  if (!planned) return planned.error();
  return SocketRoute{&policy, {std::move(planned->targets), true}};
}

}  // namespace

Result<std::string> model_in_query(std::string_view query) {
  std::string model;
  int count = 0;
  for_each_pair(query, [&](std::string_view, std::string_view name, std::string_view value) {
    if (!is_model(name)) return;
    ++count;
    model = value_of(value);
  });
  if (count > 1) return Error{ErrorCode::invalid_value, "the query names more than one 'model'", "model"};
  return model;
}

std::string query_with_model(std::string_view query, std::string_view model) {
  std::string out;
  for_each_pair(query, [&](std::string_view pair, std::string_view name, std::string_view) {
    if (is_key(name)) return;
    if (!out.empty()) out += '&';
    if (!is_model(name) || model.empty()) return void(out.append(pair));
    out += "model=";
    append_percent_encoded(out, model);
  });
  return out;
}

Result<SocketRoute> route_socket(RequestRun& run, std::string model) {
  RequestFacts& facts = run.outcome.facts;
  const RequestHead& head = run.exchange.head();
  facts.model = std::move(model);
  facts.body_read = Trail::Clock::now();
  ApiRequest unread;
  unread.model = facts.model;
  const RoutingInput input(unread, head, facts.key);
  const auto passage = resolve_passage(run.snapshot, facts.key, head, facts.model);
  const bool as_chat =
      !passage && (passage.error().code == ErrorCode::not_found || passage.error().code == ErrorCode::model_not_found);
  if (!passage && !as_chat) return passage.error();
  const bool no_model = facts.model.empty() && (as_chat || model_matters(run.snapshot, facts.key, head));
  if (no_model)
    return Error{ErrorCode::missing_parameter,
                 head.path == realtime_path ? "'model' is missing in the query: /v1/realtime?model=..."
                                            : "'model' is missing in the event response.create",
                 "model"};
  auto route = as_chat ? as_for_chat(run, input) : of_passage(run, *passage, input);
  if (!route) return as_chat && passage.error().code == route.error().code ? passage.error() : route.error();
  std::erase_if(route->chosen.targets,
                [&](const Target& target) { return !has_web_sockets(*target.deployment, head.path); });
  if (route->chosen.targets.empty())
    return Error{ErrorCode::untranslatable,
                 "no deployment that may be asked speaks " + std::string(head.path) +
                     " over a WebSocket; only providers of dialect 'openai' or 'azure' do",
                 "model"};
  return route;
}

}  // namespace triage
