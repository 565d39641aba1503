#include "answer/completion.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t tool_calls_max = 128;
constexpr std::int64_t choices_max = 1024;

void add_piece(const AnswerPiece& piece, Completion& out) {
  using Kind = AnswerPiece::Kind;
  switch (piece.kind) {
    case Kind::text: return piece.text.append_to(out.text);
    case Kind::refusal: return piece.text.append_to(out.refusal);
    case Kind::reasoning: return;
    case Kind::call_name:
    case Kind::call_arguments: break;
  }
  if (piece.call >= tool_calls_max) return;
  if (piece.call >= out.tool_calls.size()) out.tool_calls.resize(piece.call + 1);
  ToolCall& call = out.tool_calls[piece.call];
  piece.text.append_to(piece.kind == Kind::call_name ? call.name : call.arguments);
}

}  // namespace

void add_to_completion(const AnswerEvent& event, Completion& out) {
  for (const AnswerPiece& piece : event.pieces)
    if (piece.choice == 0) add_piece(piece, out);
  for (const AnswerChoice& choice : event.choices) {
    out.choices = std::max(out.choices, std::min<std::int64_t>(choice.index + std::int64_t{1}, choices_max));
    if (choice.index == 0 && !choice.finish_reason.empty()) out.finish_reason = choice.finish_reason;
  }
  out.logprobs.insert(out.logprobs.end(), event.logprobs.begin(), event.logprobs.end());
}

}  // namespace triage
