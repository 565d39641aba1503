#include "features/ngrams.hpp"

#include <bitset>
#include <cmath>

namespace triage::features {

void read_ngrams(std::span<const Token> tokens, Ngrams& out) noexcept {
  constexpr std::uint64_t slots = std::uint64_t{1} << Ngrams::bits;
  std::bitset<slots> seen;
  out.count = 0;
  const auto add = [&](std::uint64_t hash) {
    const std::uint64_t id = hash % (slots - 1) + 1;
    if (seen[id] || out.count == Ngrams::most) return;
    seen[id] = true;
    out.ids[out.count++] = static_cast<std::int64_t>(id);
  };
  const Token* behind = nullptr;  // what the pair ends with
  for (auto token = tokens.rbegin(); token != tokens.rend() && out.count < Ngrams::most; ++token) {
    if (token->kind == Token::Kind::mark) continue;
    add(token->hash);
    if (behind != nullptr) add(joined(token->hash, behind->hash));
    behind = token->line_start ? nullptr : &*token;
  }
  out.value = out.count == 0 ? 0 : 1 / std::sqrt(static_cast<float>(out.count));
}

}  // namespace triage::features
