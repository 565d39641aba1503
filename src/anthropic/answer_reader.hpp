#pragma once
// Answers of Anthropic's Messages API, streamed and whole, as block events.

#include "triage/blocks.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace triage::anthropic {

/// The HTTP status that belongs to an error's type ("overloaded_error": 529); 0: it is not known.
int status_of(std::string_view error_type) noexcept;

/// The events of one answer, fed one JSON object of its stream after the other.
class AnswerEvents {
 public:
  /// Appends what `json`, followed by body_padding readable bytes, says. The events' views point into it. Errors:
  /// upstream_bad_response (no JSON object), upstream_error (the provider reports an error).
  std::optional<Error> read(std::string_view json, std::vector<BlockEvent>& out);
  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  friend class AnswerEventReader;
  bool begun_ = false;
  bool open_ = false;     // a block is
  bool skipped_ = false;  // the open one is of a kind that is not read
  bool finished_ = false;
  bool ended_ = false;
  BlockKind kind_ = BlockKind::text;
  std::uint32_t blocks_ = 0;
};

/// Reads a stream of server-sent events. `event_bytes_max` bounds one of them.
std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max);

/// Reads a whole answer, followed by body_padding readable bytes. The events' views point into `body` and `out`.
/// Errors: as AnswerEvents::read.
std::optional<Error> read_whole(std::string_view body, BlockAnswer& out);

}  // namespace triage::anthropic
