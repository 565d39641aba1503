#pragma once
// A user turn, read once for the features of its difficulty and for those of an answer to it.

#include "features/choices.hpp"
#include "features/lexicon.hpp"
#include "features/tokens.hpp"
#include "text/text_signs.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace triage::features {

inline constexpr std::size_t question_bytes = 8 * 1024;

/// How many tokens say each thing of lexicon.hpp, by its bit.
using SaysCount = std::array<std::size_t, 32>;
/// Counts words and pairs. A pair counts once, with what it says and its words do not.
SaysCount count_says(std::span<const Token> tokens) noexcept;
/// The count of one of Says.
std::size_t count_of(const SaysCount& counts, Says what) noexcept;

struct Question {
  /// `text` must outlive this object.
  explicit Question(std::string_view text);
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  FoldedText folded;
  std::vector<Token> tokens;
  Choices choices;              ///< of the text, or of its last 4 KiB
  std::size_t stem_tokens = 0;  ///< how many tokens precede the choices
  SaysCount says{};             ///< of the stem

  [[nodiscard]] std::span<const Token> stem() const noexcept { return {tokens.data(), stem_tokens}; }
};

/// ln(1 + count).
float log_of(std::size_t count) noexcept;
/// part / whole; 0 if there is no whole.
float share_of(std::size_t part, std::size_t whole) noexcept;

}  // namespace triage::features
