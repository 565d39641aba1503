#pragma once
// About how many tokens an answer has, while it streams by: for the bill of a stream that never says. A piece of text
// costs about as much as copying it; counting is done for half a kilobyte at a time.

#include "text/text_shape.hpp"
#include "triage/answer.hpp"

#include <cstdint>
#include <string>

namespace triage {

class OutputEstimate {
 public:
  /// The next piece. Pieces may end anywhere, within words too, so those of one text are put together before they are
  /// counted.
  void add(const AnswerPiece& piece);

  /// Of everything so far. 0 only if there was nothing.
  [[nodiscard]] std::int64_t tokens() const noexcept;

 private:
  void count_some();

  TextShape shape_;   // of what was counted
  std::string text_;  // of `source_`, not yet counted; at most counted_bytes and a piece
  std::uint32_t source_ = 0;
  std::int64_t tool_calls_ = 0;
};

}  // namespace triage
