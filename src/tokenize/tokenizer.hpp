#pragma once
// Texts as token ids, as transformer models take them. The ids are those of Hugging Face's tokenizers 0.23, which the
// names and rules of tokenizer.json come from.

#include "tokenize/added_tokens.hpp"
#include "tokenize/model.hpp"
#include "tokenize/normalizer.hpp"
#include "tokenize/post_processor.hpp"
#include "tokenize/pre_tokenizer.hpp"
#include "triage/error.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace triage::tokenize {

/// A text as a model takes it. Nothing is padding: the attention mask is 1 for each id.
struct Encoding {
  Ids ids;                 ///< `input_ids`
  Ids type_ids;            ///< `token_type_ids`, one for each id
  bool truncated = false;  ///< the text has more tokens
};

/// Immutable and thread-safe. Time is at most n log n in the text, memory linear.
class Tokenizer {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t text_bytes_max = std::size_t{64} << 20;

  /// What tokenizer.json consists of. A missing part does nothing.
  struct Parts {
    NormalizerPointer normalizer;
    PreTokenizerPointer pre_tokenizer;
    ModelPointer model;  ///< not null
    PostProcessor post_processor;
    std::vector<AddedToken> added_tokens;
    std::size_t tokens_max = unlimited;
    bool truncate_left = false;
    std::optional<std::uint32_t> pad_id;
  };
  explicit Tokenizer(Parts parts);

  /// At most `tokens_max` tokens, special ones counted: these are kept, and the text's last tokens are dropped (or its
  /// first, if its file says so). Bytes that are not UTF-8 count as U+FFFD. An error if `tokens_max` has no room for
  /// the special tokens, if the text is longer than `text_bytes_max`, or if the model cannot tokenize it.
  [[nodiscard]] Result<Encoding> encode(std::string_view text, std::size_t tokens_max) const;
  /// The same with the limit of the file.
  [[nodiscard]] Result<Encoding> encode(std::string_view text) const { return encode(text, parts_.tokens_max); }

  /// The limit that the file names, or `unlimited`.
  [[nodiscard]] std::size_t tokens_max() const noexcept { return parts_.tokens_max; }
  /// How many special tokens encode() adds.
  [[nodiscard]] std::size_t special_tokens() const noexcept { return parts_.post_processor.added(); }
  /// The token to pad with, which a model must not attend to: the file's, [PAD], <pad>, or 0.
  [[nodiscard]] std::uint32_t pad_id() const noexcept { return pad_id_; }
  /// The id of a token, added or of the model.
  [[nodiscard]] std::optional<std::uint32_t> id_of(std::string_view token) const;
  /// One more than the largest id that encode() may give: how many embeddings a model needs.
  [[nodiscard]] std::size_t ids() const noexcept;

 private:
  [[nodiscard]] Problem encode_text(std::string_view text, std::size_t ids_max, Ids& ids) const;
  [[nodiscard]] Problem encode_stretch(Text text, std::size_t ids_max, Ids& ids) const;
  [[nodiscard]] Problem encode_pieces(Text text, std::size_t ids_max, Ids& ids) const;

  Parts parts_;
  AddedTokens plain_;       // found in the text as it comes
  AddedTokens normalized_;  // found in the normalized text
  std::uint32_t pad_id_ = 0;
};

/// How a vocab.txt was made: it does not say.
struct VocabularyOptions {
  bool lowercase = true;  ///< an uncased model: lower case without accents
};

/// Loads a Hugging Face tokenizer.json if `path` ends in ".json", else a vocab.txt of BERT's WordPiece, one token a
/// line, to which `options` apply. An error names the file, the member or line, and what was expected; a component that
/// is not supported is an error.
Result<std::shared_ptr<const Tokenizer>> load_tokenizer(const std::string& path, const VocabularyOptions& options = {});

/// The same from the content of the file `path`, which is not named in errors.
Result<std::shared_ptr<const Tokenizer>> read_tokenizer(const std::string& path, std::string_view content,
                                                        const VocabularyOptions& options = {});
/// One format each.
Result<std::shared_ptr<const Tokenizer>> read_tokenizer_json(std::string_view content);
Result<std::shared_ptr<const Tokenizer>> read_vocabulary(std::string_view content, const VocabularyOptions& options);

}  // namespace triage::tokenize
