#pragma once
// What an answer comes to: the number or the letter that it ends with.

#include "features/tokens.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace triage::features {

/// How the final answer is marked.
enum class Marker : std::uint8_t { none, phrase, hashes, boxed };

struct FinalAnswer {
  enum class Kind : std::uint8_t { none, number, letter };
  Kind kind = Kind::none;
  Marker marker = Marker::none;
  double number = 0;
  std::uint8_t decimals = 0;
  char letter = 0;        ///< 'A'..'P'
  std::size_t token = 0;  ///< its index; the number of tokens if there is none
  std::size_t begin = 0;  ///< index of the marker's first token, or `token`
};

/// The last number or letter that follows a marker within a few tokens: "####", "\boxed{", or the word "answer" with
/// "is", ':' or '='. If none is marked, the last number, or, where `choices` says that the question has lettered
/// choices, the last letter in parentheses or alone in its line.
FinalAnswer final_answer(std::span<const Token> tokens, bool choices) noexcept;

}  // namespace triage::features
