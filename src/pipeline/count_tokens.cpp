#include "json/json.hpp"
#include "pipeline/assign.hpp"
#include "pipeline/attempt/translation.hpp"
#include "pipeline/steps.hpp"
#include "routing/chain.hpp"
#include "triage/body_padding.hpp"

namespace triage {
namespace {

constexpr std::string_view estimated = "x-triage-estimated";

Async<MaybeFailure> estimate(RequestRun& run) {
  const std::string_view name = run.request->form == WireForm::gemini ? "totalTokens" : "input_tokens";
  const std::string text = "{\"" + std::string(name) + "\":" + std::to_string(run.input->view().tokens_all()) + "}";
  ResponseHead head;
  head.fields.push_back({"content-type", "application/json"});
  head.fields.push_back({estimated, name});
  co_await run.outcome.end_plain(head.status);
  const auto sent = co_await run.exchange.respond(std::move(head), text);
  if (!sent) co_return failure_of(sent.error());
  co_return std::nullopt;
}

// The client's bytes, padded. A model that is named deep inside, as Gemini's API may have it, becomes `model`.
std::string with_model(const ApiRequest& request, const std::string& model) {
  const OriginalRequest& original = *request.original;
  const Span span = original.model_value;
  std::string out(original.body);
  if (request.form == WireForm::gemini && !span.empty()) {
    std::string quoted;
    append_json_string(quoted, "models/" + model);
    out.replace(span.begin, span.end - span.begin, quoted);
  }
  return out.append(body_padding, '\0');
}

}  // namespace

Async<MaybeFailure> count_tokens(RequestRun& run) {
  const auto read = co_await read_request(run, Api::chat);
  if (!read) co_return failure_of(read.error());
  RequestFacts& facts = run.outcome.facts;
  const auto resolution = resolve(run.snapshot, *run.input);
  if (!resolution) co_return failure_of(resolution.error());
  const LiveRoute* const route = resolution->route;
  if (route != nullptr) facts.assigned = assign(*route, *run.input, facts.id);
  const Policy& policy = route != nullptr ? *facts.assigned.policy : run.snapshot.direct;
  facts.assigned.experiment = nullptr;  // a count is no answer to compare
  facts.policy = &policy;
  if (route != nullptr) facts.decision = decide(policy.chain, *run.input);
  const Needs needs = needs_of(*run.request, run.input->view(), policy.window_least, true);
  auto planned = route != nullptr ? plan(run.snapshot, policy, facts.decision, needs, std::nullopt, run.ticket)
                                  : plan_named(*resolution->named, needs);
  if (!planned) co_return failure_of(planned.error());
  std::vector<Target> targets{planned->targets.front()};
  if (!speaks(*targets.front().deployment->spec, run.request->form)) {
    auto failed = co_await estimate(run);
    co_return failed;
  }
  const LiveDeployment& deployment = *targets.front().deployment;
  std::string body = with_model(*run.request, deployment.spec->model);
  std::string_view view = std::string_view(body).substr(0, body.size() - body_padding);
  const auto own = own_body_for(deployment, view);
  if (own) view = own->text;
  auto failed = co_await pass_to(run, policy, view, std::move(targets));
  co_return failed;
}

}  // namespace triage
