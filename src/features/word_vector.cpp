#include "features/word_vector.hpp"

#include "features/question.hpp"
#include "features/tokens.hpp"

namespace triage::features {

std::vector<float> word_vector(std::string_view text) {
  std::vector<float> out(word_vector_size);
  const auto add = [&out](std::uint64_t hash) {
    const std::uint64_t mixed = joined(hash, 0);
    out[mixed % word_vector_size] += (mixed >> 63) != 0 ? 1.0F : -1.0F;
  };
  const FoldedText folded(text, question_bytes);
  const Token* before = nullptr;
  const std::vector<Token> tokens = tokens_of(folded);
  for (const Token& token : tokens) {
    if (token.kind == Token::Kind::mark) continue;
    add(token.hash);
    if (before != nullptr && !token.line_start) add(joined(before->hash, token.hash));
    before = &token;
  }
  return out;
}

}  // namespace triage::features
