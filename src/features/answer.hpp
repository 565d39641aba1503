#pragma once
// What an answer is judged by, beside its question.

#include "features/feature.hpp"
#include "triage/chat_view.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace triage::features {

inline constexpr std::size_t answer_count = 54;

struct Answer {
  std::array<float, answer_count> dense{};  ///< as answer_table() says; always finite
};

/// What is judged. The views must outlive the call.
struct AnswerText {
  std::string_view text;
  std::string_view finish_reason = "stop";      ///< as the provider spells it
  std::optional<std::string_view> second = {};  ///< another cheap model's answer to the same request
};

/// Computes the numbers from the last user turn of `request` and from the answer: all of either, or the first and last
/// 4 KiB of the turn, 8 KiB of the answer, 4 KiB of the second answer. Linear in these, save that each of at most 64
/// numbers is looked for among at most 256. `out` is overwritten.
void read_answer_features(const ChatView& request, const AnswerText& answer, Answer& out);

}  // namespace triage::features
