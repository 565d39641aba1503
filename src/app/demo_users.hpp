#pragma once
// The simulated users of `serve --demo --traffic`: what they ask, and whether an answer pleases them. Pure; the same
// numbers give the same questions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct UserQuestion {
  std::string model;
  std::string user;
  std::string text;                    ///< plain ASCII, without quotes and backslashes
  bool streamed = false;               ///< whoever streams says nothing about the answer
  bool judged = false;                 ///< whether the user says what he thinks of the answer
  std::optional<std::int64_t> result;  ///< of the arithmetic in it
};

/// One of the demo's questions. Of a hundred about fifty are for the model `auto`, the rest for the two routes that
/// try something out; two name a model that nobody has.
UserQuestion user_question(std::uint64_t number);

/// The body of its POST to /v1/chat/completions.
std::string body_of(const UserQuestion& question);

/// Whether a whole answer, which is not streamed, gets a thumb up: it is no refusal, and the sum in it is right.
bool pleases(const UserQuestion& question, std::string_view answer);

}  // namespace triage
