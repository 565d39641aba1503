#pragma once
// Answers of Amazon Bedrock's Converse and ConverseStream as block events. They name neither themselves nor their
// model: each gets an id of its own, and no name.

#include "triage/blocks.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage::bedrock {

/// The HTTP status that belongs to an error by its name ("throttlingException": 429); 0: it is not known.
int status_of(std::string_view exception) noexcept;

/// The events of one answer, fed one event of its stream after the other.
class AnswerEvents {
 public:
  /// Appends what the event of this type says. `json` is followed by body_padding readable bytes; the events' views
  /// point into it and into this object. Error: upstream_bad_response (no JSON object, or an answer that the model
  /// spoiled).
  std::optional<Error> read(std::string_view type, std::string_view json, std::vector<BlockEvent>& out);
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// What the id points into, at the same address.
  std::string take_id() noexcept { return std::move(id_); }

 private:
  friend class AnswerEventReader;
  std::string id_;
  bool begun_ = false;
  bool open_ = false;     // a block is
  bool skipped_ = false;  // the provider's block is of a kind that is not read
  bool finished_ = false;
  bool ended_ = false;
  BlockKind kind_ = BlockKind::text;
  std::uint32_t blocks_ = 0;
};

/// Reads an event stream. `event_bytes_max` bounds one frame. Errors: as EventStream::next() and AnswerEvents::read(),
/// and upstream_error, which the provider reports.
std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max);

/// Reads a whole answer, followed by body_padding readable bytes. The events' views point into `body` and `out`.
std::optional<Error> read_whole(std::string_view body, BlockAnswer& out);

}  // namespace triage::bedrock
