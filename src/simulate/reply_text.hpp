#pragma once
// An Answer as the body of a plain response, and the pieces of JSON that streamed events share with it.

#include "simulate/answer.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage::simulate {

enum class Api : std::uint8_t { chat, completion };

/// The `created` of everything: 2025-01-01T00:00:00Z, so that equal requests have equal answers.
inline constexpr std::int64_t created = 1'735'689'600;

/// What the parts of one reply have in common.
struct ReplyHead {
  Api api = Api::chat;
  std::string id;
  std::string_view model;
  bool usage = true;  ///< plain reply: include usage; stream: send its chunk
  bool logprobs = false;
  std::size_t top_logprobs = 0;
};

/// The whole body.
std::string reply_text(const ReplyHead& head, const Answer& answer);

void append_usage(std::string& out, const Usage& usage);

/// Appends the members `"id":... "model":...` with a comma at the end. `object` as in "chat.completion".
void append_identity(std::string& out, const ReplyHead& head, std::string_view object);

/// Appends the value of a choice's `logprobs` for its tokens [first, last).
void append_logprobs(std::string& out, const ReplyHead& head, const Choice& choice, std::size_t first,
                     std::size_t last);

}  // namespace triage::simulate
