#pragma once
// An answer's text, prepared once for all checks that search it for words.

#include "text/folded_text.hpp"
#include "triage/chat_view.hpp"
#include "triage/completion.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage::verify {

/// Leaves out what the model wrote before its answer in <think> tags. Neither copied nor moved; the completion must
/// outlive it.
class AnswerText {
 public:
  /// Of a longer answer, the beginning and the end are searched, half this size each.
  static constexpr std::size_t searched_max = 64 * 1024;

  static std::string_view behind_thoughts(std::string_view all) noexcept {
    const std::size_t begin = all.find_first_not_of(" \t\r\n");
    constexpr std::string_view open = "<think>";
    constexpr std::string_view close = "</think>";
    if (begin == std::string_view::npos || !all.substr(begin).starts_with(open)) return all;
    const std::size_t end = all.find(close, begin);
    return end == std::string_view::npos ? all : all.substr(end + close.size());
  }

  explicit AnswerText(const Completion& answer) : text(behind_thoughts(answer.text)), folded(text, searched_max) {}

  const std::string_view text;
  const FoldedText folded;
};

/// The user's text, to see whether the answer only repeats it.
class Echo {
 public:
  explicit Echo(const ChatView& asked) : asked_(asked) {}
  /// `phrase` as fold_case() makes it.
  bool has(const std::string& phrase) {
    if (!folded_) folded_ = fold_case(asked_.text().substr(0, AnswerText::searched_max));
    ++looks_;
    return folded_->find(phrase) != std::string::npos;
  }
  /// False after 64 phrases, when finding more of them in the question no longer helps the answer.
  [[nodiscard]] bool patient() const noexcept { return looks_ < 64; }

 private:
  const ChatView& asked_;  // its text is read only when needed
  std::optional<std::string> folded_;
  int looks_ = 0;
};

}  // namespace triage::verify
