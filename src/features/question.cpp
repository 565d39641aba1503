#include "features/question.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace triage::features {

SaysCount count_says(std::span<const Token> tokens) noexcept {
  SaysCount out{};
  std::uint64_t before = 0;
  std::uint32_t said_before = 0;
  for (const Token& token : tokens) {
    if (!token.is_word()) {
      before = 0;
      continue;
    }
    const std::uint32_t alone = says(token.hash);
    std::uint32_t said = alone;
    if (before != 0) said |= says(joined(before, token.hash)) & ~said_before;
    for (std::uint32_t bits = said; bits != 0; bits &= bits - 1)
      ++out[static_cast<std::size_t>(std::countr_zero(bits))];
    before = token.hash;
    said_before = alone;
  }
  return out;
}

std::size_t count_of(const SaysCount& counts, Says what) noexcept {
  return counts[static_cast<std::size_t>(std::countr_zero(static_cast<std::uint32_t>(what)))];
}

Question::Question(std::string_view text) : folded(text, question_bytes), tokens(tokens_of(folded)) {
  const FoldedText::Part& last = folded.parts().back();
  choices = read_choices(last.text);
  const char* const stem_end = last.folded.data() + choices.stem;
  const auto behind =
      std::find_if(tokens.begin(), tokens.end(), [&](const Token& token) { return token.text.data() >= stem_end; });
  stem_tokens = static_cast<std::size_t>(behind - tokens.begin());
  says = count_says(stem());
}

float log_of(std::size_t count) noexcept {
  return static_cast<float>(std::log1p(static_cast<double>(count)));
}

float share_of(std::size_t part, std::size_t whole) noexcept {
  return whole == 0 ? 0.0F : static_cast<float>(part) / static_cast<float>(whole);
}

}  // namespace triage::features
