#pragma once
// Estimates the tokens of an answer while it streams by, to bill a stream that does not report usage. A piece of text
// costs about as much as copying it; half a kilobyte at a time is counted.

#include "text/text_shape.hpp"
#include "triage/answer.hpp"

#include <cstdint>
#include <string>

namespace triage {

class OutputEstimate {
 public:
  /// Adds the next piece. Pieces may end anywhere, even within words, so those of one text are joined before they are
  /// counted.
  void add(const AnswerPiece& piece);

  /// The estimate for everything so far. 0 only if there was nothing.
  [[nodiscard]] std::int64_t tokens() const noexcept;

 private:
  void count_some();

  TextShape shape_;   // of the text counted so far
  std::string text_;  // of `source_`, not yet counted; at most counted_bytes and one piece
  std::uint32_t source_ = 0;
  std::int64_t tool_calls_ = 0;
};

}  // namespace triage
