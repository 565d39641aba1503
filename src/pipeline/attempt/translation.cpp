#include "pipeline/attempt/translation.hpp"

#include "anthropic/put_back.hpp"
#include "blocks/own_history.hpp"
#include "blocks/thinking.hpp"
#include "blocks/tool_names.hpp"
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

// Whether the assistant has spoken, or, of a body that would be passed on, whether a mark may be in what it said.
bool has_history(const ApiRequest& request, bool passed_on) noexcept {
  const bool chat = passed_on && request.original == nullptr;
  return std::ranges::any_of(request.messages, [&](const ChatMessage& each) {
    return each.role == Role::assistant && (!chat || holds_mark(request.at(each.value)));
  });
}

HistoryReader reader_of(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  HistoryReader out{origin_of(deployment), request.form, unsigned_calls(deployment), {}};
  Signatures& kept = *scope.snapshot.signatures;
  if (!kept.empty())
    out.find = [&](std::uint64_t turn) { return kept.find(Signatures::number(key_of(scope), turn), Clock::now()); };
  return out;
}

std::string_view body_of(const ApiRequest& request) noexcept {
  return request.original != nullptr ? request.original->body : request.body;
}

std::string_view padded(std::string& text) {
  const std::size_t size = text.size();
  text.append(body_padding, '\0');
  return std::string_view(text).substr(0, size);
}

// What clients of Anthropic's API leave out of the history if another model answered than they asked for (Claude Code).
bool put_back(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope, std::string& body) {
  if (request.form != WireForm::anthropic || request.blocks == nullptr || !*request.blocks) return false;
  const HistoryReader reader = reader_of(deployment, request, scope);
  if (!reader.find) return false;
  const std::vector<MissingThoughts> missing = missing_thoughts(**request.blocks, reader);
  if (missing.empty()) return false;
  scope.snapshot.signatures_restored->add(missing.size());
  body = anthropic::with_thoughts(body_of(request), missing);
  return true;
}

// The request that the client's API reads of `out.body`, which gets its padding.
std::optional<Error> read_body(const ApiRequest& request, const Scope& scope, SeenRequest& out) {
  const std::string_view body = padded(out.body);
  auto parsed = client_of(request).parse(request.api, scope.client.head, body, scope.snapshot.spec.limits.body_depth);
  if (!parsed) return parsed.error();
  out.request = std::make_unique<const ApiRequest>(std::move(*parsed));
  return std::nullopt;
}

// Claude is refused the results of calls that it is to have thought about, if another model made them.
bool thinks_in_vain(const ApiRequest& request) {
  return request.form == WireForm::anthropic && request.blocks != nullptr && *request.blocks &&
         (*request.blocks)->thinking_tokens && lost_its_thoughts(**request.blocks);
}

// A body that is passed on.
Result<SeenRequest> passed(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  SeenRequest out;
  const bool changed = put_back(deployment, request, scope, out.body);
  const std::string_view seen = changed ? padded(out.body) : body_of(request);
  if (auto own = own_body_for(deployment, seen)) {
    out.dropped = own->dropped;
    out.body = std::move(own->text);
  } else if (changed) {
    out.body.resize(out.body.size() - body_padding);
  }
  if (!out.body.empty())
    if (auto error = read_body(request, scope, out)) return *std::move(error);
  const ApiRequest& said = out.request != nullptr ? *out.request : request;
  if (!thinks_in_vain(said)) return Result<SeenRequest>(std::move(out));
  SeenRequest quiet;
  quiet.dropped = out.dropped;
  quiet.quiet = true;
  quiet.body = anthropic::without_thinking(body_of(said));
  if (auto error = read_body(request, scope, quiet)) return *std::move(error);
  return Result<SeenRequest>(std::move(quiet));
}

// One that is written anew.
SeenRequest written(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  SeenRequest out;
  const Result<BlockRequest>& blocks = blocks_of(request);
  if (!blocks) return out;
  OwnHistory own = own_history(*blocks, reader_of(deployment, request, scope));
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
  const bool passed_on = !translates(request, deployment);
  if (request.api != Api::chat || !has_history(request, passed_on)) return Result<SeenRequest>(SeenRequest());
  if (passed_on) return passed(deployment, request, scope);
  return Result<SeenRequest>(written(deployment, request, scope));
}

std::optional<OwnBody> own_body_for(const LiveDeployment& deployment, std::string_view body) {
  return own_body(body, origin_of(deployment), unsigned_calls(deployment));
}

namespace {

TurnCollector::Keep keep_for(const Scope& scope) {
  return [&snapshot = scope.snapshot, key = std::string(key_of(scope))](std::uint64_t turn, KeptTurn kept) {
    if (snapshot.signatures->keep(Signatures::number(key, turn), std::move(kept), Clock::now()))
      snapshot.signature_hits->add();
    snapshot.signatures_kept->add();
  };
}

Marking marking_of(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope) {
  const Result<BlockRequest>& blocks = blocks_of(request);
  const Quirks& quirks = deployment.spec->quirks;
  Marking out;
  out.origin = origin_of(deployment);
  const bool sent_back = quirks.sent_thoughts.value_or(SentThoughts::no) != SentThoughts::no;
  // Anthropic's and Responses' thoughts are refused without a signature: those of others are known by a mark.
  out.unsigned_thoughts = request.form == WireForm::anthropic || request.form == WireForm::responses ||
                          (request.form != WireForm::openai && sent_back);
  out.thoughts_only = request.form != WireForm::openai && request.form != WireForm::gemini;
  if (!blocks) return out;
  out.question = question_print(blocks->turns, blocks->turns.size());
  out.keep = keep_for(scope);
  return out;
}

}  // namespace

std::unique_ptr<BlockReader> answer_reader(const LiveDeployment& deployment, const ApiRequest& request,
                                           const Scope& scope) {
  auto reader = deployment.dialect->block_reader(scope.snapshot.spec.limits.event.bytes);
  if (const Result<BlockRequest>& blocks = blocks_of(request); blocks)
    reader = with_own_tool_names(std::move(reader), *blocks, deployment.spec->form);
  return marked_reader(std::move(reader), marking_of(deployment, request, scope));
}

std::optional<Error> read_answer_of(const LiveDeployment& deployment, const ApiRequest& request, const Scope& scope,
                                    std::string_view content_type, std::string_view body, BlockAnswer& out) {
  if (auto defect = deployment.dialect->read_whole(content_type, body, out)) return defect;
  if (const Result<BlockRequest>& blocks = blocks_of(request); blocks)
    give_own_tool_names(out, *blocks, deployment.spec->form);
  mark(out, marking_of(deployment, request, scope));
  return std::nullopt;
}

std::unique_ptr<TurnCollector> collector_for(const LiveDeployment& deployment, const ApiRequest& request,
                                             const Scope& scope) {
  const bool read = request.blocks != nullptr && *request.blocks && !(*request.blocks)->tools.empty();
  if (request.form != WireForm::anthropic || translates(request, deployment) || !read) return nullptr;
  const std::vector<BlockTurn>& turns = (*request.blocks)->turns;
  return std::make_unique<TurnCollector>(origin_of(deployment), question_print(turns, turns.size()), keep_for(scope));
}

}  // namespace triage
