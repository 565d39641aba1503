#pragma once
// Answers of Gemini's API (GenerateContentResponse), streamed and whole, as block events.

#include "gemini/partial_args.hpp"
#include "triage/blocks.hpp"

#include <cstddef>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage::gemini {

/// The events of one answer, fed one response object after the other: a whole answer is a single one.
class AnswerEvents {
 public:
  /// Appends what `json`, followed by body_padding readable bytes, says. The events' views point into it, and into
  /// what is kept here until the next call. Errors: upstream_bad_response (no JSON object), upstream_error (the
  /// provider reports an error, or that the model's answer failed).
  std::optional<Error> read(std::string_view json, std::vector<BlockEvent>& out);
  /// Appends what still waits: calls, and why the answer ended, even if it did not say so. To be called once nothing
  /// more will come.
  void end(std::vector<BlockEvent>& out);
  /// What the events of the last call point into.
  std::forward_list<std::string> take_owned() noexcept { return std::move(owned_); }
  [[nodiscard]] bool begun() const noexcept { return begun_; }
  /// It has said why it ended.
  [[nodiscard]] bool finished() const noexcept { return last_.has_value(); }

 private:
  friend class ResponseReader;

  // A call as it was spelled.
  struct Call {
    std::string id;
    std::string name;
    std::string arguments;
    std::string signature;
    PartialArgs pieces;
    bool goes_on = false;
  };
  struct End {
    std::string word;
    std::string why;  // spelled
    bool blocked = false;
  };

  bool begun_ = false;
  bool open_ = false;    // a block is
  bool signed_ = false;  // the open one is
  bool called_ = false;  // a tool was
  bool told_ = false;    // the end was
  BlockKind kind_ = BlockKind::text;
  std::uint32_t blocks_ = 0;
  std::string id_;
  std::string text_;                  // of the open block
  std::vector<Call> calls_;           // that wait
  std::optional<End> last_;           // what is said of the end, which waits
  std::optional<UsageReport> usage_;  // the last one
  std::string_view service_tier_;
  std::forward_list<std::string> owned_;
};

/// Reads a stream, of server-sent events or a JSON array, as its first byte tells. It has ended once the body has and a
/// finish reason has come. `event_bytes_max` bounds one of its objects.
std::unique_ptr<BlockReader> make_block_reader(std::size_t event_bytes_max);

/// Reads a whole answer, followed by body_padding readable bytes: a response, or the array of a stream's. The events'
/// views point into `body` and `out`. Errors: as AnswerEvents::read.
std::optional<Error> read_whole(std::string_view body, BlockAnswer& out);

}  // namespace triage::gemini
