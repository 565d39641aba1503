#include "tokenize/byte_level.hpp"
#include "tokenize/pre_tokenizer.hpp"
#include "tokenize/unicode.hpp"

#include <utility>

namespace triage::tokenize {

void Cutter::put(std::size_t begin, std::size_t end) {
  if (begin < end) out_.push_back({begin, end, std::exchange(at_start_, false)});
}

void Cutter::put_held() {
  if (std::exchange(held_, false)) put(begin_, end_);
}

void Cutter::add(std::size_t begin, std::size_t end, bool delimiter) {
  bool joins = false;
  switch (behaviour_) {
    case Behaviour::removed:
      if (!delimiter) return put(begin, end);
      if (begin < end) at_start_ = false;
      return;
    case Behaviour::isolated: return put(begin, end);
    case Behaviour::contiguous: joins = delimiter == after_delimiter_; break;
    case Behaviour::merged_with_previous: joins = delimiter && !after_delimiter_; break;
    case Behaviour::merged_with_next: joins = !delimiter && after_delimiter_; break;
  }
  after_delimiter_ = delimiter;
  if (joins && held_) {
    end_ = end;
    return;
  }
  put_held();
  held_ = true;
  begin_ = begin;
  end_ = end;
}

void Cutter::finish() {
  put_held();
}

namespace {

/// Cuts at every character for which `delimits` holds.
template <class Delimits>
[[nodiscard]] Problem cut_at(Pieces& pieces, Behaviour behaviour, Delimits delimits) {
  return cut(pieces, behaviour, false, [&](std::string_view text, auto found) -> Problem {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      if (delimits(decode(text, at))) found(begin, at);
    }
    return nullptr;
  });
}

template <class Delimits>
class CharacterSplit final : public PreTokenizer {
 public:
  CharacterSplit(Delimits delimits, Behaviour behaviour) : delimits_(delimits), behaviour_(behaviour) {}
  [[nodiscard]] Problem apply(Pieces& pieces) const override { return cut_at(pieces, behaviour_, delimits_); }

 private:
  Delimits delimits_;
  Behaviour behaviour_;
};

template <class Delimits>
PreTokenizerPointer character_split(Delimits delimits, Behaviour behaviour) {
  return std::make_unique<CharacterSplit<Delimits>>(delimits, behaviour);
}

class PatternSplit final : public PreTokenizer {
 public:
  PatternSplit(Pattern pattern, Behaviour behaviour, bool invert)
      : pattern_(std::move(pattern)), behaviour_(behaviour), invert_(invert) {}
  [[nodiscard]] Problem apply(Pieces& pieces) const override {
    return cut(pieces, behaviour_, invert_,
               [&](std::string_view text, auto found) { return pattern_.each_match(text, found); });
  }

 private:
  Pattern pattern_;
  Behaviour behaviour_;
  bool invert_;
};

// White space is dropped and punctuation set apart, in one pass.
class Bert final : public PreTokenizer {
 public:
  [[nodiscard]] Problem apply(Pieces& pieces) const override {
    std::vector<Piece> out;
    out.reserve(pieces.text.size() / 4 + 1);
    for (const Piece& piece : pieces.list) cut_piece(pieces.text, piece, out);
    pieces.list = std::move(out);
    return nullptr;
  }

 private:
  static void cut_piece(std::string_view text, const Piece& piece, std::vector<Piece>& out) {
    const auto put = [&](std::size_t begin, std::size_t end) {
      if (begin < end) out.push_back({begin, end, piece.at_start && begin == piece.begin});
    };
    std::size_t word = piece.begin;
    for (std::size_t at = piece.begin; at < piece.end;) {
      const std::size_t begin = at;
      const char32_t point = decode(text, at);
      const bool blank = is_white_space(point);
      if (!blank && !is_punctuation(point)) continue;
      put(word, begin);
      if (!blank) put(begin, at);
      word = at;
    }
    put(word, piece.end);
  }
};

class ByteLevel final : public PreTokenizer {
 public:
  ByteLevel(bool add_prefix_space, bool use_regex) : add_prefix_space_(add_prefix_space), use_regex_(use_regex) {}

  [[nodiscard]] Problem apply(Pieces& pieces) const override {
    if (add_prefix_space_) add_blanks(pieces);
    if (use_regex_) {
      static const Regex gpt2 =
          Regex::compile(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)").value();
      const Problem problem = cut(pieces, Behaviour::isolated, false,
                                  [](std::string_view text, auto found) { return gpt2.each_match(text, found); });
      if (problem != nullptr) return problem;
    }
    std::string out;
    out.reserve(pieces.text.size() * 2);
    for (Piece& piece : pieces.list) {
      const std::size_t begin = out.size();
      append_byte_level(out, pieces[piece]);
      piece = {begin, out.size(), piece.at_start};
    }
    pieces.text = std::move(out);
    return nullptr;
  }

 private:
  static void add_blanks(Pieces& pieces) {
    std::string out;
    for (Piece& piece : pieces.list) {
      const std::string_view text = pieces[piece];
      const std::size_t begin = out.size();
      if (!text.starts_with(' ')) out += ' ';
      out += text;
      piece = {begin, out.size(), piece.at_start};
    }
    pieces.text = std::move(out);
  }

  bool add_prefix_space_;
  bool use_regex_;
};

class Metaspace final : public PreTokenizer {
 public:
  Metaspace(std::string replacement, PrependScheme scheme, bool split)
      : replacement_(std::move(replacement)), scheme_(scheme), split_(split), pattern_(replacement_) {}

  [[nodiscard]] Problem apply(Pieces& pieces) const override {
    std::string out;
    out.reserve(pieces.text.size() * 2);
    for (Piece& piece : pieces.list) {
      const std::string_view text = pieces[piece];
      const std::size_t begin = out.size();
      const bool wanted = scheme_ == PrependScheme::always || (scheme_ == PrependScheme::first && piece.at_start);
      if (wanted && !text.starts_with(' ') && !text.starts_with(replacement_)) out += replacement_;
      for (const char byte : text) {
        if (byte == ' ') {
          out += replacement_;
        } else {
          out += byte;
        }
      }
      piece = {begin, out.size(), piece.at_start};
    }
    pieces.text = std::move(out);
    if (!split_) return nullptr;
    return cut(pieces, Behaviour::merged_with_next, false,
               [&](std::string_view text, auto found) { return pattern_.each_match(text, found); });
  }

 private:
  std::string replacement_;
  PrependScheme scheme_;
  bool split_;
  Pattern pattern_;
};

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(std::vector<PreTokenizerPointer> parts) : parts_(std::move(parts)) {}
  [[nodiscard]] Problem apply(Pieces& pieces) const override {
    for (const PreTokenizerPointer& part : parts_) {
      if (const Problem problem = part->apply(pieces)) return problem;
    }
    return nullptr;
  }

 private:
  std::vector<PreTokenizerPointer> parts_;
};

}  // namespace

PreTokenizerPointer bert_pre_tokenizer() {
  return std::make_unique<Bert>();
}
PreTokenizerPointer white_space_split() {
  return character_split(is_white_space, Behaviour::removed);
}
PreTokenizerPointer punctuation_split(Behaviour behaviour) {
  return character_split(is_punctuation, behaviour);
}
PreTokenizerPointer digits_split(bool individual) {
  return character_split(is_number, individual ? Behaviour::isolated : Behaviour::contiguous);
}
PreTokenizerPointer delimiter_split(char32_t delimiter) {
  return character_split([delimiter](char32_t point) { return point == delimiter; }, Behaviour::removed);
}
PreTokenizerPointer pattern_split(Pattern pattern, Behaviour behaviour, bool invert) {
  return std::make_unique<PatternSplit>(std::move(pattern), behaviour, invert);
}
PreTokenizerPointer words_split() {
  const std::string word(word_characters);
  return pattern_split(Pattern(Regex::compile("[" + word + "]+|[^" + word + "\\s]+").value()), Behaviour::removed,
                       true);
}
PreTokenizerPointer byte_level_pre_tokenizer(bool add_prefix_space, bool use_regex) {
  return std::make_unique<ByteLevel>(add_prefix_space, use_regex);
}
PreTokenizerPointer metaspace(std::string replacement, PrependScheme scheme, bool split) {
  return std::make_unique<Metaspace>(std::move(replacement), scheme, split);
}
PreTokenizerPointer pre_tokenizer_sequence(std::vector<PreTokenizerPointer> parts) {
  return std::make_unique<Sequence>(std::move(parts));
}

}  // namespace triage::tokenize
