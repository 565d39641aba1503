#pragma once
// The normalizers of tokenizer.json: a text in, a text out.

#include "tokenize/problem.hpp"
#include "tokenize/regex.hpp"
#include "triage/error.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage::tokenize {

/// A stretch of the input on its way to becoming tokens: valid UTF-8.
struct Text {
  std::string bytes;
  bool at_start = true;  ///< its first character stems from the input's first
};

/// Immutable and thread-safe.
class Normalizer {
 public:
  virtual ~Normalizer() = default;
  [[nodiscard]] virtual Problem apply(Text& text) const = 0;
};
using NormalizerPointer = std::unique_ptr<const Normalizer>;

struct BertCleaning {
  bool clean_text = true;            ///< drops controls, makes every white space a blank
  bool handle_chinese_chars = true;  ///< puts blanks around each Chinese character
  bool strip_accents = true;
  bool lowercase = true;
};
NormalizerPointer bert_normalizer(const BertCleaning& cleaning);

NormalizerPointer nfc_normalizer();
NormalizerPointer nfd_normalizer();
NormalizerPointer nfkc_normalizer();
NormalizerPointer nfkd_normalizer();
NormalizerPointer lowercase_normalizer();
NormalizerPointer strip_accents_normalizer();
/// SentencePiece's rules for machine translation: drops some controls, makes others blanks.
NormalizerPointer nmt_normalizer();
NormalizerPointer strip_normalizer(bool left, bool right);
NormalizerPointer prepend_normalizer(std::string prefix);
NormalizerPointer byte_level_normalizer();
NormalizerPointer replace_normalizer(Pattern pattern, std::string content);
NormalizerPointer normalizer_sequence(std::vector<NormalizerPointer> parts);

/// SentencePiece's compiled table of replacements. `charsmap` is its binary form: the size of a double-array trie in
/// bytes, the trie, then the replacements, each with a NUL behind it; all numbers in little-endian order.
Result<NormalizerPointer> precompiled_normalizer(std::string charsmap);

}  // namespace triage::tokenize
