#pragma once
// The answer's side of origins: whatever only its model can read is marked on its way to the client, and kept in case
// the client does not send it back. Order and number of blocks stay; a signature becomes one event, behind the pieces
// of its thought or text, in front of the arguments of its call.

#include "blocks/kept_turn.hpp"
#include "triage/blocks.hpp"

#include <deque>
#include <forward_list>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace triage {

/// What becomes of an answer's signatures.
struct Marking {
  Origin origin;
  std::uint64_t question = 0;      ///< see question_print()
  bool unsigned_thoughts = false;  ///< thoughts without a signature get a mark for one, so that they come home, too
  std::function<void(std::uint64_t key, KeptTurn turn)> keep;  ///< of a turn with calls and something to keep
};

/// The events of one answer, one after the other.
class AnswerMarker {
 public:
  explicit AnswerMarker(Marking marking) : marking_(std::move(marking)), key_(marking_.question) {
    turn_.origin = marking_.origin;
  }

  /// Appends what becomes of `event`, whose views stay valid as long as its own do and until take_owned().
  void put(const BlockEvent& event, std::vector<BlockEvent>& out);
  /// What views point into.
  std::forward_list<std::string> take_owned() { return std::exchange(owned_, {}); }

 private:
  void open(const BlockEvent& event, std::vector<BlockEvent>& out);
  void close(const BlockEvent& event, std::vector<BlockEvent>& out);
  void add_signature(const BlockEvent& of, std::vector<BlockEvent>& out);
  void keep_block(const BlockEvent& event);
  std::string_view own(std::string text);

  Marking marking_;
  TurnKey key_;
  KeptTurn turn_;
  std::string text_;       // of the open block
  std::string signature_;  // likewise, as it came
  JsonString id_;          // of the open call; views into kept_
  JsonString name_;
  std::forward_list<std::string> kept_;
  std::forward_list<std::string> owned_;
};

/// The answer of `reader`, marked.
std::unique_ptr<BlockReader> marked_reader(std::unique_ptr<BlockReader> reader, Marking marking);
/// The same of a whole answer.
void mark(BlockAnswer& answer, Marking marking);

}  // namespace triage
