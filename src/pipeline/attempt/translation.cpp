#include "pipeline/attempt/translation.hpp"

#include "blocks/own_body.hpp"
#include "blocks/own_history.hpp"
#include "clients/clients.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>

namespace triage {
namespace {

using Clock = std::chrono::steady_clock;

Origin origin_of(const LiveDeployment& deployment) {
  return origin_of(deployment.spec->form, deployment.spec->provider, deployment.spec->model);
}

std::string_view key_of(const Scope& scope) noexcept {
  return scope.client.key != nullptr ? std::string_view(scope.client.key->name) : std::string_view();
}

std::string_view unsigned_calls(const LiveDeployment& deployment) noexcept {
  const auto& said = deployment.spec->quirks.unsigned_calls;
  return said ? std::string_view(*said) : std::string_view();
}

bool has_history(const ApiRequest& request) noexcept {
  return std::ranges::any_of(request.messages, [](const ChatMessage& each) { return each.role == Role::assistant; });
}

// A body that is passed on.
Result<SeenRequest> passed(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  SeenRequest out;
  const std::string_view body = request.original != nullptr ? request.original->body : request.body;
  auto own = own_body(body, origin_of(deployment), unsigned_calls(deployment));
  if (!own) return Result<SeenRequest>(std::move(out));
  out.dropped = own->dropped;
  out.body = std::move(own->text);
  const std::size_t size = out.body.size();
  out.body.append(body_padding, '\0');
  auto parsed = client_of(request).parse(request.api, scope.client.head, std::string_view(out.body).substr(0, size),
                                         scope.snapshot.spec.limits.body_depth);
  if (!parsed) return parsed.error();
  out.request = std::make_unique<const ApiRequest>(std::move(*parsed));
  return Result<SeenRequest>(std::move(out));
}

// One that is written anew.
SeenRequest written(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  SeenRequest out;
  const Result<BlockRequest>& blocks = blocks_of(request);
  if (!blocks) return out;
  HistoryReader reader{origin_of(deployment), request.form, unsigned_calls(deployment), {}};
  Signatures& kept = *scope.snapshot.signatures;
  if (!kept.empty())
    reader.find = [&](std::uint64_t turn) { return kept.find(Signatures::number(key_of(scope), turn), Clock::now()); };
  OwnHistory own = own_history(*blocks, reader);
  out.dropped = own.dropped;
  scope.snapshot.signatures_restored->add(own.restored);
  if (!own.request) return out;
  auto copy = std::make_unique<ApiRequest>(request);
  copy->blocks = std::make_shared<const Result<BlockRequest>>(std::move(*own.request));
  out.request = std::move(copy);
  return out;
}

}  // namespace

bool translates(const ApiRequest& request, const LiveDeployment& deployment) noexcept {
  return !speaks(*deployment.spec, request.form);
}

Result<SeenRequest> seen_by(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  if (request.api != Api::chat || !has_history(request)) return Result<SeenRequest>(SeenRequest());
  if (!translates(request, deployment)) return passed(deployment, request, scope);
  return Result<SeenRequest>(written(deployment, request, scope));
}

Marking marking_of(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  const Result<BlockRequest>& blocks = blocks_of(request);
  const Quirks& quirks = deployment.spec->quirks;
  Marking out;
  out.origin = origin_of(deployment);
  out.unsigned_thoughts =
      request.form == WireForm::responses ||  // whose items without one only their maker may be sent
      (request.form != WireForm::openai && quirks.sent_thoughts.value_or(SentThoughts::no) != SentThoughts::no);
  if (!blocks) return out;
  out.question = question_print(blocks->turns, blocks->turns.size());
  out.keep = [&snapshot = scope.snapshot, key = std::string(key_of(scope))](std::uint64_t turn, KeptTurn kept) {
    if (snapshot.signatures->keep(Signatures::number(key, turn), std::move(kept), Clock::now()))
      snapshot.signature_hits->add();
    snapshot.signatures_kept->add();
  };
  return out;
}

}  // namespace triage
