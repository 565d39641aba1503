#pragma once
// About how many tokens an answer has, while it streams by: for the bill of a stream that never says. A piece of text
// costs about as much as copying it; counting is done for half a kilobyte at a time.

#include "json/json.hpp"
#include "text/text_shape.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

class OutputEstimate {
 public:
  /// The next piece of a text: of the same one as before if `source` is the same (a choice, its reasoning, a tool
  /// call's arguments). Pieces may end anywhere, within words too.
  void add(const JsonString& piece, std::uint32_t source);

  /// A call of a tool, besides its name and arguments: the marks around it are tokens, too.
  void add_tool_call() noexcept { ++tool_calls_; }

  /// Of everything so far. 0 only if there was nothing.
  [[nodiscard]] std::int64_t tokens() const noexcept;

 private:
  void count_some();

  TextShape shape_;   // of what was counted
  std::string text_;  // of `source_`, not yet counted; at most counted_bytes and a piece
  std::uint32_t source_ = 0;
  std::int64_t tool_calls_ = 0;
};

/// Consumes a choice's `delta`, `message`, or the value of its `text`, and adds what a model wrote of it. `choice` is
/// the choice's index.
void add_output(JsonReader& in, std::uint32_t choice, OutputEstimate& estimate);

}  // namespace triage
