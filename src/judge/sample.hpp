#pragma once
// A request and the answer to it, as judges and graders see them: a copy that outlives both.

#include "triage/chat_view.hpp"
#include "triage/completion.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::judge {

struct Turn {
  std::string_view role;  ///< system, user, assistant, tool or other
  std::string text;
};

struct Sample {
  std::vector<Turn> turns;  ///< oldest first; of long conversations only the end
  std::string schema;       ///< the JSON schema that the answer must satisfy; empty: none
  Completion answer;
  std::optional<std::string> reference;  ///< a right answer, if one is known

  [[nodiscard]] std::size_t bytes() const noexcept;
};

/// Copies what is graded, of the request's texts at most the last `request_max` bytes.
inline constexpr std::size_t request_max = 64'000;
Sample sample_of(const ChatView& request, const Completion& answer);

/// Why an answer cannot be graded, as a phrase: "it was cut off". Empty: it can.
std::string_view not_enough(const Completion& answer) noexcept;

/// {"request":{"messages":[{"role","content"}]},"answer":{"text","tool_calls","finish_reason"},"reference":...} in
/// one line, for programs.
std::string json_of(const Sample& sample);

/// The answer's text, or the words with which it refuses.
std::string_view text_of(const Completion& answer) noexcept;

}  // namespace triage::judge
