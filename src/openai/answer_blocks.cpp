#include "openai/answer_blocks.hpp"

#include "json/json.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>

namespace triage::openai {
namespace {

using Step = BlockEvent::Kind;
using Piece = AnswerPiece::Kind;

// "text" -> text; nothing of a value that is no string.
JsonString unquoted(std::string_view spelled) {
  if (spelled.size() < 2 || spelled.front() != '"') return {};
  spelled = spelled.substr(1, spelled.size() - 2);
  return {spelled, spelled.find('\\') != std::string_view::npos};
}

FinishReason reason_of(std::string_view word, bool calls, bool refused) {
  if (word == "length" || word == "max_tokens") return FinishReason::length;
  if (refused || word == "content_filter" || word == "refusal") return FinishReason::refusal;
  if (calls || word == "tool_calls" || word == "function_call") return FinishReason::calls;
  return FinishReason::stop;
}

}  // namespace

BlockEvent& AnswerBlocks::put(Step kind, std::vector<BlockEvent>& out) {
  BlockEvent& event = out.emplace_back();
  event.kind = kind;
  event.block = kind_;
  event.index = blocks_ == 0 ? 0 : blocks_ - 1;
  return event;
}

void AnswerBlocks::open(BlockKind kind, std::vector<BlockEvent>& out) {
  close(out);
  open_ = true;
  kind_ = kind;
  ++blocks_;
  put(Step::block_begin, out);
}

void AnswerBlocks::close(std::vector<BlockEvent>& out) {
  if (open_ && kind_ == BlockKind::thought) sign(out);
  if (open_ && kind_ == BlockKind::text) cite(out);
  if (std::exchange(open_, false)) put(Step::block_end, out);
}

JsonString AnswerBlocks::own(std::string text) {
  const std::size_t size = text.size();
  const bool escaped = text.find('\\') != std::string::npos;
  text.append(body_padding, '\0');
  return {std::string_view(owned_.emplace_front(std::move(text))).substr(0, size), escaped};
}

void AnswerBlocks::sign(std::vector<BlockEvent>& out) {
  if (details_.empty()) return;
  std::string text;
  append_json_escaped(text, details_.take());
  put(Step::signature, out).text = own(std::move(text));
}

void AnswerBlocks::cite(std::vector<BlockEvent>& out) {
  for (CitedPage& page : citations_.take()) {
    BlockEvent& event = put(Step::citation, out);
    event.from = page.from;
    event.to = page.to;
    event.id = own(std::move(page.url));
    event.name = own(std::move(page.title));
    event.text = own(std::move(page.said));
  }
}

std::optional<Error> AnswerBlocks::add(const AnswerEvent& event, std::vector<BlockEvent>& out) {
  owned_.clear();
  details_.add(event.json);
  citations_.add(event.json, event.cites);
  logprobs_ = event.says_logprobs ? logprobs_in(event.json) : std::string_view();
  places_.assign(event.calls.size(), unplaced);
  if (!begun_ && !event.choices.empty()) {
    begun_ = true;
    BlockEvent& begin = put(Step::begin, out);
    begin.id = unquoted(event.identity.id);
    begin.name = unquoted(event.identity.model);
  }
  for (const bool thoughts : {true, false})  // a whole answer may have them behind what they led to
    for (const AnswerPiece& piece : event.pieces)
      if (piece.choice == 0 && !finished_ && (piece.kind == Piece::reasoning) == thoughts)
        if (auto error = add_piece(event, piece, out)) return error;
  for (const AnswerChoice& choice : event.choices)
    if (choice.index == 0 && !choice.finish_reason.empty() && !finished_) finish(choice.finish_reason, out);
  if (!event.usage || !begun_) return std::nullopt;
  BlockEvent& usage = put(Step::usage, out);
  usage.usage = event.usage;
  usage.service_tier = event.service_tier;
  return std::nullopt;
}

std::optional<Error> AnswerBlocks::add_piece(const AnswerEvent& event, const AnswerPiece& piece,
                                             std::vector<BlockEvent>& out) {
  if (is_of_call(piece)) return add_call_piece(event, piece, out);
  if (piece.text.raw.empty()) return std::nullopt;
  refused_ = refused_ || piece.kind == Piece::refusal;
  const BlockKind kind = piece.kind == Piece::reasoning ? BlockKind::thought : BlockKind::text;
  if (!open_ || kind_ != kind) open(kind, out);
  BlockEvent& delta = put(Step::delta, out);
  delta.text = piece.text;
  if (piece.kind == Piece::text) delta.logprobs = std::exchange(logprobs_, {});
  return std::nullopt;
}

void AnswerBlocks::finish(std::string_view word, std::vector<BlockEvent>& out) {
  close(out);
  if (!details_.empty()) {
    open(BlockKind::thought, out);
    close(out);
  }
  finished_ = true;
  BlockEvent& end = put(Step::finish, out);
  end.reason = reason_of(word, !calls_.empty(), refused_);
  end.native = {word, false};
}

void AnswerBlocks::end(std::vector<BlockEvent>& out) {
  if (begun_ && !finished_) finish({}, out);
}

// A call is told by its index, else by its id; a whole one, and one with neither, follows the last.
std::size_t AnswerBlocks::place_of(const AnswerCall& call) {
  const std::string id = call.id.text();
  const auto known = std::ranges::find_if(calls_, [&](const Call& each) {
    return call.index >= 0 ? each.index == call.index : !call.whole && (id.empty() || each.id == id);
  });
  if (call.index < 0 && id.empty() && !call.whole && !calls_.empty()) return calls_.size() - 1;
  if (known != calls_.end()) return static_cast<std::size_t>(known - calls_.begin());
  calls_.push_back({call.index, id});
  return calls_.size() - 1;
}

std::optional<Error> AnswerBlocks::add_call_piece(const AnswerEvent& event, const AnswerPiece& piece,
                                                  std::vector<BlockEvent>& out) {
  const AnswerCall& call = event.calls[piece.call];
  std::size_t& place = places_[piece.call];
  if (place == unplaced) place = place_of(call);
  if (place + 1 < open_call_)
    return Error{ErrorCode::upstream_bad_response, "the provider's stream mixes the pieces of several tool calls"};
  if (place + 1 > open_call_) {
    open(BlockKind::call, out);
    open_call_ = place + 1;
    BlockEvent& begin = out.back();
    begin.id = call.id;
    if (call.id.raw.empty()) {
      begin.id = own("call_" + std::to_string(place));
    }
    begin.name = call.name;
    begin.custom = custom_ = call.custom;
  }
  if (piece.kind != Piece::call_arguments || piece.text.raw.empty() || !open_ || kind_ != BlockKind::call)
    return std::nullopt;
  BlockEvent& delta = put(Step::delta, out);
  delta.text = piece.text;
  delta.custom = custom_;
  if (!piece.text.escaped && piece.text.raw.find('"') != std::string_view::npos) {  // an object, not a text
    std::string text;
    append_json_escaped(text, piece.text.raw);
    delta.text = own(std::move(text));
  }
  return std::nullopt;
}

}  // namespace triage::openai
