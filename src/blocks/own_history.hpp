#pragma once
// The request's side of origins: a conversation's history as one model may see it. What it made itself comes home
// unmarked, from the client or from what was kept; what others made is left out. Pure, but for `find`.

#include "blocks/kept_turn.hpp"
#include "triage/blocks.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace triage {

struct HistoryReader {
  Origin origin;                       ///< the model that will read it
  WireForm client = WireForm::openai;  ///< in whose words the request is
  std::string_view unsigned_calls;     ///< stands for the signature of a call that has none; empty: nothing does
  std::function<std::optional<KeptTurn>(std::uint64_t key)> find;  ///< of a TurnKey; null: nothing is kept
};

struct OwnHistory {
  std::optional<BlockRequest> request;  ///< absent: it may be seen as it is. Views are those of the request, or its own
  bool dropped = false;                 ///< something of another origin was left out
  std::size_t restored = 0;             ///< turns that what was kept was put back into
  std::size_t lost = 0;                 ///< turns with calls of which nothing is known
};

/// A string without a mark was made in the client's own dialect. Chat completions have none of their own: there
/// `thinking_blocks` are Anthropic's, and signatures of calls and texts are Gemini's.
OwnHistory own_history(const BlockRequest& request, const HistoryReader& reader);

/// Thoughts of one turn that the client did not send back.
struct MissingThoughts {
  std::size_t turn = 0;  ///< its place among the assistant's turns that call tools
  std::vector<KeptThought> thoughts;
};

/// For a request that is passed on. Turns that have thoughts, and those of other models, miss none.
std::vector<MissingThoughts> missing_thoughts(const BlockRequest& request, const HistoryReader& reader);

}  // namespace triage
