#pragma once
// The events that OpenAI's realtime API, and its responses over WebSockets, send either way: JSON objects with a
// `type`. Pure.

#include "triage/error.hpp"
#include "triage/request.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// What an event means to the relay.
enum class SocketEventKind : std::uint8_t {
  other,
  asks,         ///< response.create: the client wants an answer
  begins,       ///< response.created
  ends,         ///< response.done, .completed, .incomplete, .failed, .cancelled; names the usage
  transcribes,  ///< conversation.item.input_audio_transcription.completed; names the usage of another model
  fails         ///< error
};

/// `json` must be followed by body_padding readable bytes. What is no such event is `other`.
SocketEventKind kind_of_event(std::string_view json) noexcept;

/// An error as an event, in the form that clients of both APIs read.
std::string error_as_event(int status, std::string_view error_body);

}  // namespace triage
