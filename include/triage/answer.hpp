#pragma once
// A model's answer as it arrives: a sequence of events, each parsed once, whatever the provider's dialect and framing.
// A stream has many events; a whole answer is a single one.

#include "triage/json_string.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct BlockEvent;

/// A piece of what the model writes. Pieces of one kind, choice and call follow each other and may end within a word.
struct AnswerPiece {
  enum class Kind : std::uint8_t { text, refusal, reasoning, call_name, call_arguments };
  Kind kind = Kind::text;
  std::uint32_t choice = 0;
  std::uint32_t call = 0;  ///< index into the event's calls, if the piece is part of one
  JsonString text;
};

/// Whether the piece is part of a call.
inline bool is_of_call(const AnswerPiece& piece) noexcept {
  return piece.kind == AnswerPiece::Kind::call_name || piece.kind == AnswerPiece::Kind::call_arguments;
}

/// A tool call, or a piece of one, as an event names it. The pieces of one call come in many events.
struct AnswerCall {
  std::uint32_t choice = 0;
  std::int64_t index = -1;  ///< -1: none given
  JsonString id;            ///< empty: none given
  JsonString name;          ///< empty: none given
  bool whole = false;       ///< complete: begins and ends in this event
  bool custom = false;      ///< of a tool that takes plain text
  bool function = false;    ///< the single `function_call` of an old-style answer
};

/// What an event says about one of the answer's choices.
struct AnswerChoice {
  std::uint32_t index = 0;
  bool says = false;               ///< has content, a call, a refusal, audio or reasoning
  bool media = false;              ///< has audio or images
  std::string_view finish_reason;  ///< as spelled; empty: not finished yet
};

/// Whether the choice says something, or that it has ended. Some servers write an error as a choice that ended in one.
inline bool is_answer(const AnswerChoice& choice) noexcept {
  return choice.finish_reason != "error" && (choice.says || !choice.finish_reason.empty());
}

/// How a provider names a stream in each of its events: as spelled in JSON, empty if absent.
struct AnswerIdentity {
  std::string_view id;
  std::string_view created;  ///< seconds since 1970
  std::string_view model;
};

/// What a choice says about its own usage (Moonshot).
struct ChoiceUsage {
  std::uint32_t choice = 0;
  UsageReport usage;
};

/// One event. Its views are valid until the next event of the same answer is asked for.
struct AnswerEvent {
  /// The provider's bytes, in its framing. A client of the same API is sent these.
  std::string_view verbatim;
  std::string_view json;  ///< the event's data, followed by body_padding readable bytes
  std::vector<AnswerPiece> pieces;
  std::vector<AnswerCall> calls;
  std::vector<AnswerChoice> choices;
  std::vector<double> logprobs;  ///< of the first choice's text, natural logarithms
  std::optional<UsageReport> usage;
  std::vector<ChoiceUsage> choice_usage;
  std::string_view service_tier;  ///< that the provider served it in, as spelled; empty: not said
  AnswerIdentity identity;
  JsonString id;               ///< of the answer, where it was translated; empty: as `identity` says
  bool has_choices = false;    ///< the list of choices is present, even if empty
  bool only_usage = false;     ///< usage without a choice: only for clients that asked for usage
  bool role = false;           ///< the first choice names the message's role
  bool acts = false;           ///< calls a tool or refuses: the text before it is complete
  bool more = false;           ///< has more than text can hold: reasoning, other parts, another choice
  bool says_logprobs = false;  ///< log-probabilities are present
  bool reports_error = false;  ///< an error in place of an answer
  int error_status = 0;        ///< the HTTP status that the error names; 0: none
  bool has_items = false;      ///< the list `data` is present, as in an answer with embeddings
  bool cites = false;          ///< a text cites pages of the web
  bool ends = false;           ///< `verbatim` is the provider's end mark, which the client is to have

  /// What it was read from, if that was block events of an answer that is passed on; null otherwise.
  std::shared_ptr<const std::vector<BlockEvent>> blocks;

  std::string mended;                    ///< what the views point into if clients would refuse the provider's own bytes
  std::forward_list<std::string> owned;  ///< what other views point into

  /// Makes it empty again, keeping its memory.
  void clear();
};

inline void AnswerEvent::clear() {
  pieces.clear();
  calls.clear();
  choices.clear();
  logprobs.clear();
  choice_usage.clear();
  mended.clear();
  owned.clear();
  verbatim = json = service_tier = {};
  usage.reset();
  blocks.reset();
  identity = {};
  id = {};
  has_choices = only_usage = role = acts = more = says_logprobs = reports_error = has_items = cites = ends = false;
  error_status = 0;
}

}  // namespace triage
