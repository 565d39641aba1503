#pragma once
// What is cut from an answer before the client gets it, where the gateway asked the model for more than the client did.
// Only answers that something is cut from are written anew.

#include <cstddef>
#include <string>
#include <string_view>

namespace triage {

struct AnswerEdit {
  std::size_t text_bytes;  ///< of the first choice's text: what is behind them goes
  bool drop_logprobs = false;
};

/// A whole answer. One that is no JSON object is returned as it is.
std::string edited_answer(std::string_view body, const AnswerEdit& edit);

/// A stream's events, in LF framing. Events stay events, also those that have nothing to say any more.
std::string edited_events(std::string_view events, const AnswerEdit& edit);

}  // namespace triage
