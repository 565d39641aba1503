#pragma once
// A model's answer as it arrives: events, parsed once, whatever the provider's dialect and framing. A stream has many;
// a whole answer is a single event.

#include "triage/json_string.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace triage {

/// A piece of what the model writes. Pieces of one kind, choice and call follow each other and may end within a word.
struct AnswerPiece {
  enum class Kind : std::uint8_t { text, refusal, reasoning, call_name, call_arguments };
  Kind kind = Kind::text;
  std::uint32_t choice = 0;
  std::uint32_t call = 0;  ///< which of the event's calls, if it is part of one
  JsonString text;
};

/// Whether it is part of a call.
inline bool is_of_call(const AnswerPiece& piece) noexcept {
  return piece.kind == AnswerPiece::Kind::call_name || piece.kind == AnswerPiece::Kind::call_arguments;
}

/// A call of a tool, or a piece of one, as an event names it. Pieces of one call come in many events.
struct AnswerCall {
  std::uint32_t choice = 0;
  std::int64_t index = -1;  ///< -1: none is given
  JsonString id;            ///< empty: none is given; so is the next
  JsonString name;
  bool whole = false;     ///< it is no piece: it begins and ends here
  bool custom = false;    ///< of a tool that takes text
  bool function = false;  ///< the one `function_call` of an old answer
};

/// What an event says of one of the answer's choices.
struct AnswerChoice {
  std::uint32_t index = 0;
  bool says = false;               ///< it has any content, call, refusal, audio or reasoning
  bool media = false;              ///< it has sound or pictures
  std::string_view finish_reason;  ///< as spelled; empty: it has not finished
};

/// How a provider names a stream in each of its events: as spelled in JSON, empty if absent.
struct AnswerIdentity {
  std::string_view id;
  std::string_view created;  ///< seconds since 1970
  std::string_view model;
};

/// Views are valid until the next event of the same answer is asked for.
struct AnswerEvent {
  /// The provider's bytes, in its framing: what a client of the same API is sent.
  std::string_view verbatim;
  std::string_view json;  ///< its data; body_padding readable bytes behind
  std::vector<AnswerPiece> pieces;
  std::vector<AnswerCall> calls;
  std::vector<AnswerChoice> choices;
  std::vector<double> logprobs;  ///< of the first choice's text, natural logarithms
  std::optional<Usage> usage;
  AnswerIdentity identity;
  bool has_choices = false;    ///< a list of choices is there, be it empty
  bool only_usage = false;     ///< usage and no choice: not for a client that did not ask for it
  bool role = false;           ///< the first choice says whose message it is
  bool acts = false;           ///< it calls a tool, or refuses: no more text comes before that
  bool more = false;           ///< it has what a text does not hold: reasoning, other parts, another choice
  bool says_logprobs = false;  ///< log-probabilities are there
  bool reports_error = false;  ///< it is an error in place of an answer
  int error_status = 0;        ///< the HTTP status that the error names; 0: none
  bool has_items = false;      ///< a list `data` is there, as of embeddings

  /// Empty again, memory kept.
  void clear();
};

inline void AnswerEvent::clear() {
  pieces.clear();
  calls.clear();
  choices.clear();
  logprobs.clear();
  verbatim = json = {};
  usage.reset();
  identity = {};
  has_choices = only_usage = role = acts = more = says_logprobs = reports_error = has_items = false;
  error_status = 0;
}

}  // namespace triage
