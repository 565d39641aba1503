#pragma once
// The added tokens of tokenizer.json: texts that are one token wherever they stand, cut out before the model sees
// anything.

#include "tokenize/model.hpp"
#include "tokenize/normalizer.hpp"
#include "tokenize/regex.hpp"
#include "tokenize/trie.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::tokenize {

struct AddedToken {
  std::string content;
  std::uint32_t id = 0;
  bool single_word = false;  ///< only between characters that are not of a word
  bool lstrip = false;       ///< with the white space before it
  bool rstrip = false;       ///< with the white space behind it
  bool normalized = true;    ///< looked for, normalized, in the normalized text
};

/// A stretch of a text: an added token, or what lies between.
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::optional<std::uint32_t> id;
};

/// Tokens to find in one kind of text. Immutable and thread-safe.
class AddedTokens {
 public:
  static constexpr std::size_t bytes_max = 1024;  ///< of a token: what a search may look ahead

  /// Each `content` is what to look for, not empty. Of equal ones the last counts.
  explicit AddedTokens(std::vector<AddedToken> tokens = {});

  /// The stretches of `text` in order, none of those without an id empty: the leftmost token first, of those that begin
  /// at one place the longest.
  [[nodiscard]] std::vector<Stretch> find(std::string_view text) const;

  [[nodiscard]] bool empty() const noexcept { return tokens_.empty(); }

 private:
  [[nodiscard]] static bool stands_alone(std::string_view text, std::size_t begin, std::size_t end);

  std::vector<AddedToken> tokens_;
  Trie trie_;              // values are indexes of tokens_
  bool begins_[256] = {};  // the first bytes of tokens
};

}  // namespace triage::tokenize
