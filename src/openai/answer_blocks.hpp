#pragma once
// Chat completions as block events, for clients that speak another dialect.

#include "openai/citations.hpp"
#include "openai/reasoning_details.hpp"
#include "triage/answer.hpp"
#include "triage/blocks.hpp"

#include <string>
#include <vector>

namespace triage::openai {

/// What the first choice of an answer says, event by event. `reasoning_details` are the signature of a thought, as
/// JSON.
class AnswerBlocks {
 public:
  /// Appends what `event` says. Views point into it, and into this object until the next call. Error:
  /// upstream_bad_response (the pieces of several calls are mixed).
  std::optional<Error> add(const AnswerEvent& event, std::vector<BlockEvent>& out);
  /// A whole answer was added. One that does not say why it ended ends as it would with its content.
  void end(std::vector<BlockEvent>& out);
  /// What views of the last call point into.
  std::forward_list<std::string> take_owned() { return std::move(owned_); }

 private:
  struct Call {
    std::int64_t index = -1;
    std::string id;
  };

  BlockEvent& put(BlockEvent::Kind kind, std::vector<BlockEvent>& out);
  void open(BlockKind kind, std::vector<BlockEvent>& out);
  void close(std::vector<BlockEvent>& out);
  std::size_t place_of(const AnswerCall& call);
  std::optional<Error> add_piece(const AnswerEvent& event, const AnswerPiece& piece, std::vector<BlockEvent>& out);
  std::optional<Error> add_call_piece(const AnswerEvent& event, const AnswerPiece& piece, std::vector<BlockEvent>& out);
  void sign(std::vector<BlockEvent>& out);
  void cite(std::vector<BlockEvent>& out);
  JsonString own(std::string text);
  void finish(std::string_view word, std::vector<BlockEvent>& out);

  bool begun_ = false;
  bool open_ = false;
  bool finished_ = false;
  bool refused_ = false;
  bool custom_ = false;  // the open call is of a custom tool
  BlockKind kind_ = BlockKind::text;
  std::uint32_t blocks_ = 0;
  static constexpr std::size_t unplaced = static_cast<std::size_t>(-1);
  std::vector<Call> calls_;
  std::vector<std::size_t> places_;  // in calls_, of the event's calls
  ReasoningDetails details_;
  Citations citations_;
  std::string_view logprobs_;  // of the event, until a text has them
  std::size_t open_call_ = 0;  // one more than its place in calls_; 0: none was opened
  std::forward_list<std::string> owned_;
};

}  // namespace triage::openai
