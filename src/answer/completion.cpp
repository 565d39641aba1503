#include "answer/completion.hpp"

#include <algorithm>
#include <optional>

namespace triage {
namespace {

constexpr std::size_t tool_calls_max = 128;
constexpr std::int64_t choices_max = 1024;
constexpr std::uint32_t judged_choices_max = 128;  // OpenAI allows as many

// The call that a piece continues; null: it begins one. The piece's id decides, else its index, else it belongs to the
// last call. But a name after a call that has one and is complete, or another id at a call's index, begins a new call.
ToolCall* continued(const AnswerCall& piece, std::vector<ToolCall>& calls) {
  if (piece.whole || calls.empty()) return nullptr;
  if (piece.function) return &calls.front();
  const auto last_that = [&](auto is) {
    const auto found = std::find_if(calls.rbegin(), calls.rend(), is);
    return found == calls.rend() ? nullptr : &*found;
  };
  if (!piece.id.raw.empty())
    if (ToolCall* same = last_that([&](const ToolCall& call) { return piece.id.is(call.id); })) return same;
  ToolCall* const call =
      piece.index < 0 ? &calls.back() : last_that([&](const ToolCall& each) { return each.index == piece.index; });
  if (call == nullptr || piece.name.raw.empty()) return call;
  const bool other_id = !piece.id.raw.empty() && !call->id.empty();
  const bool done = call->arguments.ends_with('}') || piece.index < 0;
  const bool other_name = !call->name.empty() && !piece.name.is(call->name);
  return other_id || done || other_name ? nullptr : call;
}

// The index of the call that an event's call begins or continues; nothing: there are too many calls.
std::optional<std::size_t> place_of(const AnswerCall& piece, std::vector<ToolCall>& calls) {
  ToolCall* call = continued(piece, calls);
  if (call == nullptr) {
    if (calls.size() >= tool_calls_max) return std::nullopt;
    call = &calls.emplace_back();
  }
  if (call->id.empty()) call->id = piece.id.text();
  if (call->index < 0) call->index = piece.index;
  call->custom = call->custom || piece.custom;
  return static_cast<std::size_t>(call - calls.data());
}

// Some servers repeat a call's name with each piece of it.
void add_call_piece(const AnswerPiece& piece, ToolCall& call) {
  if (piece.kind == AnswerPiece::Kind::call_arguments) return piece.text.append_to(call.arguments);
  if (!piece.text.is(call.name)) piece.text.append_to(call.name);
}

void add_calls(const AnswerEvent& event, std::uint32_t choice, Completion& out) {
  for (std::size_t at = 0; at < event.calls.size(); ++at) {
    if (event.calls[at].choice != choice) continue;
    const auto place = place_of(event.calls[at], out.tool_calls);
    if (!place) continue;
    for (const AnswerPiece& piece : event.pieces)
      if (is_of_call(piece) && piece.call == at) add_call_piece(piece, out.tool_calls[*place]);
  }
}

// Some servers give two choices of one event the same index.
bool is_repeated(const AnswerEvent& event, const AnswerChoice& choice) noexcept {
  for (const AnswerChoice& each : event.choices) {
    if (&each == &choice) return false;
    if (each.index == choice.index) return true;
  }
  return false;
}

void add_choice(const AnswerEvent& event, const AnswerChoice& from, Completion& out) {
  using Kind = AnswerPiece::Kind;
  if (!from.finish_reason.empty()) out.finish_reason = from.finish_reason;
  out.media = out.media || from.media;
  if (is_repeated(event, from)) return;
  for (const AnswerPiece& piece : event.pieces) {
    if (piece.choice != from.index) continue;
    if (piece.kind == Kind::text) piece.text.append_to(out.text);
    if (piece.kind == Kind::refusal) piece.text.append_to(out.refusal);
  }
  add_calls(event, from.index, out);
}

}  // namespace

void add_to_completion(const AnswerEvent& event, Completion& out) {
  for (const AnswerChoice& choice : event.choices) {
    out.choices = std::max(out.choices, std::min<std::int64_t>(choice.index + std::int64_t{1}, choices_max));
    if (choice.index == 0) add_choice(event, choice, out);
  }
  out.logprobs.insert(out.logprobs.end(), event.logprobs.begin(), event.logprobs.end());
}

void add_to_others(const AnswerEvent& event, std::vector<Completion>& out) {
  for (const AnswerChoice& choice : event.choices) {
    if (choice.index == 0 || choice.index >= judged_choices_max) continue;
    if (choice.index > out.size()) out.resize(choice.index);
    add_choice(event, choice, out[choice.index - 1]);
  }
}

}  // namespace triage
