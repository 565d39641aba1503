#pragma once
// The pre-tokenizers of tokenizer.json: a text in, pieces out, each of which the model tokenizes for itself.

#include "tokenize/problem.hpp"
#include "tokenize/regex.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::tokenize {

/// A stretch of a text, not empty.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool at_start = false;  ///< its first character stems from the input's first
};

/// A text and its pieces, in order, which do not overlap and need not cover it.
struct Pieces {
  std::string text;
  std::vector<Piece> list;

  [[nodiscard]] std::string_view operator[](const Piece& piece) const {
    return std::string_view(text).substr(piece.begin, piece.end - piece.begin);
  }
};

/// Immutable and thread-safe.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  [[nodiscard]] virtual Problem apply(Pieces& pieces) const = 0;
};
using PreTokenizerPointer = std::unique_ptr<const PreTokenizer>;

/// What becomes of the delimiter at which a piece is split.
enum class Behaviour { removed, isolated, merged_with_previous, merged_with_next, contiguous };

PreTokenizerPointer bert_pre_tokenizer();
PreTokenizerPointer white_space_split();
PreTokenizerPointer punctuation_split(Behaviour behaviour);
PreTokenizerPointer digits_split(bool individual);
PreTokenizerPointer delimiter_split(char32_t delimiter);
/// With `invert`, what does not match is the delimiter.
PreTokenizerPointer pattern_split(Pattern pattern, Behaviour behaviour, bool invert);
/// Words, and what is neither a word nor white space.
PreTokenizerPointer words_split();
/// `use_regex`: GPT-2's pattern splits. Then every byte becomes a character.
PreTokenizerPointer byte_level_pre_tokenizer(bool add_prefix_space, bool use_regex);

enum class PrependScheme { always, first, never };
/// Blanks become `replacement`, before which the pieces are split if `split`.
PreTokenizerPointer metaspace(std::string replacement, PrependScheme scheme, bool split);

PreTokenizerPointer pre_tokenizer_sequence(std::vector<PreTokenizerPointer> parts);

/// Collects the pieces into which one piece is cut at its delimiters.
class Cutter {
 public:
  Cutter(std::vector<Piece>& out, Behaviour behaviour, bool at_start)
      : out_(out), behaviour_(behaviour), at_start_(at_start) {}

  /// The stretches of the piece must come in order, each where the one before ended.
  void add(std::size_t begin, std::size_t end, bool delimiter);
  /// After the last stretch.
  void finish();

 private:
  void put(std::size_t begin, std::size_t end);
  void put_held();

  std::vector<Piece>& out_;
  Behaviour behaviour_;
  bool at_start_;
  bool held_ = false;  // [begin_, end_) is to be put, and may grow before
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool after_delimiter_ = false;
};

/// Cuts every piece. `find(text, found)` calls `found(begin, end)` for each delimiter in `text`, in order. With
/// `invert`, what lies between is the delimiter.
template <class Find>
[[nodiscard]] Problem cut(Pieces& pieces, Behaviour behaviour, bool invert, Find find) {
  std::vector<Piece> out;
  out.reserve(pieces.list.size() * 2);
  Problem problem = nullptr;
  for (const Piece& piece : pieces.list) {
    Cutter cutter(out, behaviour, piece.at_start);
    std::size_t done = piece.begin;
    problem = find(pieces[piece], [&](std::size_t begin, std::size_t end) {
      if (piece.begin + begin != done) cutter.add(done, piece.begin + begin, invert);
      done = piece.begin + end;
      cutter.add(piece.begin + begin, done, !invert);
    });
    if (problem != nullptr) return problem;
    if (done != piece.end) cutter.add(done, piece.end, invert);
    cutter.finish();
  }
  pieces.list = std::move(out);
  return nullptr;
}

}  // namespace triage::tokenize
