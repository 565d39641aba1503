#pragma once
// The answer's side of origins: whatever only its model can read is marked on its way to the client, and kept in case
// the client does not send it back. A signature becomes one event, behind the pieces of its thought or text, in front
// of the arguments of its call. Blocks stay, but for texts that say nothing, where the client has no place for their
// signature: it would send them back, and some providers refuse such texts.

#include "blocks/kept_turn.hpp"
#include "triage/blocks.hpp"

#include <deque>
#include <forward_list>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace triage {

/// Collects what of an answer is to be kept.
class TurnCollector {
 public:
  using Keep = std::function<void(std::uint64_t key, KeptTurn turn)>;

  /// `question`: see question_print(). `keep` is told of a turn with calls and something to keep, at its end.
  TurnCollector(const Origin& origin, std::uint64_t question, Keep keep) : key_(question), keep_(std::move(keep)) {
    turn_.origin = origin;
  }
  void put(const BlockEvent& event);

 private:
  void open(const BlockEvent& event);
  void close(const BlockEvent& event);

  TurnKey key_;
  Keep keep_;
  KeptTurn turn_;
  std::string text_;       // of the open block
  std::string signature_;  // likewise
  JsonString id_;          // of the open call; views into owned_
  JsonString name_;
  bool custom_ = false;  // the open call is of a custom tool
  std::forward_list<std::string> owned_;
};

/// What becomes of an answer's signatures.
struct Marking {
  Origin origin;
  std::uint64_t question = 0;      ///< see question_print()
  bool unsigned_thoughts = false;  ///< thoughts without a signature get a mark for one, so that they come home, too
  bool thoughts_only = false;      ///< the client has no place for the signatures of calls and texts
  TurnCollector::Keep keep;
};

/// The events of one answer, one after the other.
class AnswerMarker {
 public:
  explicit AnswerMarker(Marking marking)
      : origin_(marking.origin),
        unsigned_thoughts_(marking.unsigned_thoughts),
        thoughts_only_(marking.thoughts_only),
        collector_(marking.origin, marking.question, std::move(marking.keep)) {}

  /// Appends what becomes of `event`, whose views stay valid as long as its own do and until take_owned().
  void put(const BlockEvent& event, std::vector<BlockEvent>& out);
  /// What views point into.
  std::forward_list<std::string> take_owned() { return std::exchange(owned_, {}); }

 private:
  void open(const BlockEvent& event, std::vector<BlockEvent>& out);
  void close(const BlockEvent& event, std::vector<BlockEvent>& out);
  void add_signature(const BlockEvent& of, std::vector<BlockEvent>& out);
  void add(const BlockEvent& event, std::vector<BlockEvent>& out) const;
  [[nodiscard]] JsonString own_mark(std::string_view text);

  const Origin origin_;
  const bool unsigned_thoughts_;
  const bool thoughts_only_;
  TurnCollector collector_;
  std::string signature_;       // of the open block, as far as it was not told
  bool signed_ = false;         // the open block is
  bool waits_ = false;          // the open block was not told: nothing of it was
  std::uint32_t left_out_ = 0;  // blocks
  std::forward_list<std::string> owned_;
};

/// The answer of `reader`, marked.
std::unique_ptr<BlockReader> marked_reader(std::unique_ptr<BlockReader> reader, Marking marking);
/// The same of a whole answer.
void mark(BlockAnswer& answer, Marking marking);

}  // namespace triage
