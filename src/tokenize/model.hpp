#pragma once
// The models of tokenizer.json: a piece of text in, token ids out.

#include "tokenize/problem.hpp"
#include "triage/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::tokenize {

/// As ONNX models take them.
using Ids = std::vector<std::int64_t>;

/// Immutable and thread-safe.
class Model {
 public:
  virtual ~Model() = default;
  /// Appends the ids of `piece`, valid UTF-8 and not empty. Takes at most n log n steps.
  [[nodiscard]] virtual Problem tokenize(std::string_view piece, Ids& ids) const = 0;
  /// The id of a token of the vocabulary.
  [[nodiscard]] virtual std::optional<std::uint32_t> id_of(std::string_view token) const = 0;
  /// How many tokens the vocabulary has.
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// One more than the largest id.
  [[nodiscard]] virtual std::size_t ids() const = 0;
};
using ModelPointer = std::unique_ptr<const Model>;

using Vocabulary = std::vector<std::pair<std::string, std::uint32_t>>;

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  std::size_t max_input_chars_per_word = 100;
};
/// The longest token first (Wu et al. 2016, as BERT does it); a word with a part that is no token is one unknown token.
Result<ModelPointer> word_piece(Vocabulary vocabulary, const WordPieceOptions& options);

struct BpeOptions {
  std::optional<std::string> unk_token;
  std::string continuing_subword_prefix;
  std::string end_of_word_suffix;
  bool fuse_unk = false;       ///< unknown characters in a row are one unknown token
  bool byte_fallback = false;  ///< unknown characters become tokens <0x00> to <0xFF> where these exist
  bool ignore_merges = false;  ///< a piece that is a token stays one
};
using Merges = std::vector<std::pair<std::string, std::string>>;
/// Byte-pair encoding (Sennrich et al. 2016): pairs are merged in the order of `merges`.
Result<ModelPointer> bpe(Vocabulary vocabulary, const Merges& merges, BpeOptions options);

/// The most likely tokens (Kudo 2018), by Viterbi's algorithm. A token's id is its index, its score a log probability.
Result<ModelPointer> unigram(const std::vector<std::pair<std::string, double>>& vocabulary,
                             std::optional<std::size_t> unk_id, bool byte_fallback);

/// "<0x0A>", the token for a byte.
std::string byte_token(unsigned char byte);

}  // namespace triage::tokenize
