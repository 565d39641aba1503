#pragma once
// What one event of a streamed answer says, and the same event with another text: for an answer that one provider began
// and another goes on with.

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// Besides its text. Views into the event.
struct StreamPiece {
  bool choices = false;      ///< it has any
  bool role = false;         ///< it says whose message it is
  bool finished = false;     ///< it says why the answer ended
  bool acts = false;         ///< it calls a tool, or refuses: no text of the answer comes before that any more
  bool more = false;         ///< reasoning, log-probabilities, a second choice: what a text does not hold
  std::string_view id;       ///< as spelled, quotes included; empty: absent. So are the next two
  std::string_view created;  ///< seconds since 1970
  std::string_view model;
};

/// Reads the data of one event, body_padding readable bytes behind, and adds the first choice's text to `text`.
StreamPiece read_stream_piece(std::string_view json, std::string& text);

/// How a stream's events name it, as spelled in JSON; what is empty was not said.
struct StreamIdentity {
  std::string id;
  std::string created;
  std::string model;
};

/// The event of `json` as one of the stream `identity`: with `text` in place of the first choice's, if given, and
/// without a role unless `role`. Nothing if it is no JSON object that can be written anew.
std::optional<std::string> edited_stream_event(std::string_view json, const StreamIdentity& identity,
                                               std::optional<std::string_view> text, bool role);

}  // namespace triage
