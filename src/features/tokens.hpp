#pragma once
// A text cut into words, numbers and marks, in one pass. All features are computed from these.

#include "text/folded_text.hpp"

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace triage::features {

/// What a bigram hashes to: the two tokens' hashes, mixed in order.
constexpr std::uint64_t joined(std::uint64_t first, std::uint64_t second) noexcept {
  std::uint64_t mixed = (first ^ first >> 31) * 0x9e3779b97f4a7c15U + second;
  mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9U;
  return mixed ^ mixed >> 32;
}

struct Token {
  enum class Kind : std::uint8_t { word, number, mark };
  std::string_view text;   ///< in lower case
  std::uint64_t hash = 0;  ///< of a word's text; of a number, its shape: how many digits, and whether it has a fraction
  double value = 0;        ///< of a number
  Kind kind = Kind::mark;
  bool upper = false;       ///< starts with an upper-case ASCII letter in the text
  bool line_start = false;  ///< is the first of its line
  bool spaced = false;      ///< follows white space, or the text's start
  std::uint8_t decimals = 0;

  /// What the token is compared by: of a number its value, whatever its spelling; of a word its text; of a mark 0.
  [[nodiscard]] std::uint64_t key() const noexcept {
    return is_number() ? joined(std::bit_cast<std::uint64_t>(value), 1) : hash;
  }
  [[nodiscard]] bool is_word() const noexcept { return kind == Kind::word; }
  [[nodiscard]] bool is_number() const noexcept { return kind == Kind::number; }
  [[nodiscard]] bool is(char mark) const noexcept { return kind == Kind::mark && text.front() == mark; }
};

/// The tokens of `text`, which must outlive them.
///   word     a run of letters and, behind its first letter, digits, '_' and single apostrophes; each Han character and
///            kana is a word of its own
///   number   digits with ',' between groups of three and at most one fraction: "1,000.5"
///   mark     any other character that is not white space, one byte or one UTF-8 sequence
std::vector<Token> tokens_of(const FoldedText& text);

}  // namespace triage::features
