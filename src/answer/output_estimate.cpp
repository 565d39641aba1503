#include "answer/output_estimate.hpp"

namespace triage {
namespace {

constexpr std::size_t counted_bytes = 512;       // at a time
constexpr std::int64_t tokens_a_tool_call = 12;  // for the tokens around it; fitted to recordings

/// The text that a piece belongs to: a choice's content, its reasoning, or its calls.
std::uint32_t source_of(const AnswerPiece& piece) noexcept {
  return piece.choice * 3 + (is_of_call(piece) ? 2 : piece.kind == AnswerPiece::Kind::reasoning ? 1 : 0);
}

}  // namespace

void OutputEstimate::add(const AnswerPiece& piece) {
  if (piece.kind == AnswerPiece::Kind::call_name) ++tool_calls_;
  if (piece.text.raw.empty()) return;
  const std::uint32_t source = source_of(piece);
  if (source != source_) {
    count_text(text_, shape_);
    text_.clear();
    source_ = source;
  }
  if (text_.capacity() < counted_bytes) text_.reserve(counted_bytes + 256);
  if (piece.text.escaped)
    piece.text.append_to(text_);
  else
    text_.append(piece.text.raw);
  if (text_.size() >= counted_bytes) count_some();
}

// Counts up to the last space or line break, so that no word is cut; everything if there is none.
void OutputEstimate::count_some() {
  const std::size_t white = text_.find_last_of(" \n");
  const std::size_t end = white == std::string::npos ? text_.size() : white + 1;
  count_text(std::string_view(text_).substr(0, end), shape_);
  text_.erase(0, end);
}

std::int64_t OutputEstimate::tokens() const noexcept {
  TextShape all = shape_;
  count_text(text_, all);
  return estimate_tokens(all) + tool_calls_ * tokens_a_tool_call;
}

}  // namespace triage
