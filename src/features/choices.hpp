#pragma once
// The lettered choices of a multiple-choice question.

#include <array>
#include <cstddef>
#include <string_view>

namespace triage::features {

struct Choices {
  static constexpr std::size_t most = 16;
  std::size_t count = 0;
  std::array<std::string_view, most> texts;  ///< of A, B, ...: without the letter, trimmed; parts of the question
  std::size_t stem = 0;                      ///< where the first choice begins; the question's size if there is none
};

/// Finds the last list of at least two choices that are lettered from A on, each at the start of a line ("A. ", "A) ",
/// "(A) ", "A: ") or, in parentheses, anywhere behind white space.
Choices read_choices(std::string_view question) noexcept;

}  // namespace triage::features
