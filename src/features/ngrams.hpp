#pragma once
// Words, and pairs of neighbours, as hashed features (the "hashing trick", Weinberger et al. 2009).

#include "features/tokens.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace triage::features {

/// Which words and pairs a text has. All have the same value, so that their squares sum up to 1. A model is given at
/// least one id: 0, with value 0, if the text has none.
struct Ngrams {
  static constexpr int bits = 15;
  static constexpr std::size_t most = 512;

  std::size_t count = 0;
  std::array<std::int64_t, most> ids;  ///< distinct, in [1, 2^bits); the first `count` are set. 0 is for padding
  float value = 0;                     ///< of each: 1 / sqrt(count)
};

/// Collects words, numbers by their shape, and pairs of these within a line, beginning at the text's end, until there
/// are as many as fit.
void read_ngrams(std::span<const Token> tokens, Ngrams& out) noexcept;

}  // namespace triage::features
