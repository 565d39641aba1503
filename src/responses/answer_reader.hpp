#pragma once
// Answers of OpenAI's Responses API, streamed and whole, as block events.

#include "triage/blocks.hpp"

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage::responses {

/// The events of one answer, fed one JSON object of its stream after the other.
class AnswerEvents {
 public:
  /// Appends what `json`, followed by body_padding readable bytes, says. The events' views point into it, and into this
  /// object until the next call. Errors: upstream_bad_response (no JSON object, or pieces of several calls are mixed),
  /// upstream_error (the provider reports an error, or that the response failed).
  std::optional<Error> read(std::string_view json, std::vector<BlockEvent>& out);
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Whether a text cites pages of the web.
  [[nodiscard]] bool cites() const noexcept { return cites_; }

 private:
  friend class AnswerEventReader;

  // What may speak: a part of a message by its index, or something else that an item has.
  struct Place {
    std::int64_t item = 0;
    std::int64_t part = 0;
    bool operator==(const Place&) const = default;
  };

  bool begun_ = false;
  bool open_ = false;  // a block is
  bool ended_ = false;
  bool calls_ = false;
  bool refuses_ = false;  // the open text is a refusal
  bool refused_ = false;  // one was
  bool cites_ = false;
  bool custom_ = false;  // the open call is of a custom tool
  BlockKind kind_ = BlockKind::text;
  std::uint32_t blocks_ = 0;
  Place at_;                         // of the open block
  std::int64_t thought_part_ = 0;    // of the open thought, the part that speaks
  std::vector<Place> said_;          // those that have said something
  std::vector<Place> cited_;         // those whose annotations were told
  std::vector<std::int64_t> items_;  // those that have opened a block
  std::int64_t searches_ = 0;        // of the web
  std::int64_t billed_tools_ = 0;    // runs of the provider's other tools
  std::forward_list<std::string> owned_;
};

/// Reads a stream of server-sent events. `event_bytes_max` bounds one of them.
std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max);

/// Reads a whole answer, followed by body_padding readable bytes. The events' views point into `body` and `out`.
/// Errors: as AnswerEvents::read.
std::optional<Error> read_whole(std::string_view body, BlockAnswer& out);
/// The same for one that is passed on, which may be one that is still being made. `cites`: a text cites pages of the
/// web.
std::optional<Error> read_passed(std::string_view body, BlockAnswer& out, bool& cites);

}  // namespace triage::responses
