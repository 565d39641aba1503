#include "blocks/answer_event.hpp"

#include "answer/usage.hpp"

namespace triage {
namespace {

using Kind = BlockEvent::Kind;

// The finish reasons of the record, for all dialects.
std::string_view word_of(FinishReason reason) noexcept {
  switch (reason) {
    case FinishReason::length: return "length";
    case FinishReason::calls: return "tool_calls";
    case FinishReason::refusal: return "content_filter";
    default: return "stop";
  }
}

AnswerChoice& choice_of(AnswerEvent& out) {
  out.has_choices = true;
  if (out.choices.empty()) out.choices.emplace_back();
  return out.choices.front();
}

std::uint32_t call_of(const BlockEvent& event, AnswerEvent& out) {
  if (out.calls.empty() || out.calls.back().index != event.index) {
    out.calls.emplace_back();
    out.calls.back().index = event.index;
  }
  return static_cast<std::uint32_t>(out.calls.size() - 1);
}

void add_piece(AnswerEvent& out, AnswerPiece::Kind kind, const JsonString& text, std::uint32_t call = 0) {
  out.pieces.push_back({kind, 0, call, text});
  choice_of(out).says = true;
}

void add_delta(const BlockEvent& event, AnswerEvent& out) {
  switch (event.block) {
    case BlockKind::text: add_piece(out, AnswerPiece::Kind::text, event.text); break;
    case BlockKind::thought:
      add_piece(out, AnswerPiece::Kind::reasoning, event.text);
      out.more = true;
      break;
    case BlockKind::call:
      add_piece(out, AnswerPiece::Kind::call_arguments, event.text, call_of(event, out));
      out.acts = true;
      break;
    default: break;
  }
}

void open_block(const BlockEvent& event, AnswerEvent& out) {
  if (event.block == BlockKind::redacted) {
    choice_of(out).says = out.more = true;
  } else if (event.block == BlockKind::call) {
    const std::uint32_t call = call_of(event, out);
    out.calls[call].id = event.id;
    out.calls[call].name = event.name;
    out.calls[call].custom = event.custom;
    add_piece(out, AnswerPiece::Kind::call_name, event.name, call);
    out.acts = true;
  }
}

}  // namespace

void add_to_event(const BlockEvent& event, AnswerEvent& out) {
  switch (event.kind) {
    case Kind::begin:
      choice_of(out);
      out.role = true;
      out.id = event.id;
      break;
    case Kind::block_begin: open_block(event, out); break;
    case Kind::delta: add_delta(event, out); break;
    case Kind::signature: out.more = true; break;
    case Kind::finish:
      choice_of(out).finish_reason = word_of(event.reason);
      if (event.reason == FinishReason::refusal) {
        add_piece(out, AnswerPiece::Kind::refusal, event.why);
        out.acts = true;
      }
      break;
    case Kind::citation: out.cites = out.cites || !event.recited; break;
    case Kind::block_end:
    case Kind::usage: break;
  }
  if (!event.usage) return;
  if (out.usage)
    merge(*event.usage, *out.usage);
  else
    out.usage = event.usage;
  if (!event.service_tier.empty()) out.service_tier = event.service_tier;
}

}  // namespace triage
