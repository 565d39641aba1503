#include "features/tokens.hpp"

#include "base/ascii.hpp"
#include "base/hash.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace triage::features {
namespace {

enum class Class : std::uint8_t { space, line, letter, digit, mark, lead, apart };

// `lead` begins, or continues, a character of a script that writes words; `apart` begins one that is a word of its own.
constexpr std::array<Class, 256> classes = [] {
  std::array<Class, 256> out{};
  for (unsigned c = 0; c < 256; ++c) {
    const auto ascii = static_cast<char>(c);
    Class found = Class::mark;
    if (c <= ' ' || c == 0x7f) found = Class::space;
    if (c == '\n') found = Class::line;
    if (c < 0x80 && (is_letter(ascii) || ascii == '_')) found = Class::letter;
    if (is_digit(ascii)) found = Class::digit;
    if (c >= 0x80) found = Class::lead;
    if (c == 0xc2 || c == 0xe2 || c >= 0xf0) found = Class::mark;  // Latin-1's signs, punctuation and operators, emoji
    if (c >= 0xe3 && c <= 0xe9) found = Class::apart;              // kana and Han
    out[c] = found;
  }
  return out;
}();

Class class_of(char c) noexcept {
  return classes[static_cast<unsigned char>(c)];
}

std::size_t sequence_size(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

// The signs of multiplication and division stand among the letters of Latin-1.
bool is_sign(std::string_view text, std::size_t at) noexcept {
  return text[at] == '\xc3' && at + 1 < text.size() && (text[at + 1] == '\x97' || text[at + 1] == '\xb7');
}

class Cutter {
 public:
  Cutter(const FoldedText::Part& part, std::vector<Token>& out) : text_(part.folded), spelled_(part.text), out_(out) {}

  void cut() {
    while (at_ < text_.size()) {
      switch (class_of(text_[at_])) {
        case Class::line: line_start_ = true; [[fallthrough]];
        case Class::space:
          spaced_ = true;
          ++at_;
          break;
        case Class::digit: number(); break;
        case Class::letter: word(); break;
        case Class::lead: is_sign(text_, at_) ? sequence(Token::Kind::mark) : word(); break;
        case Class::apart: sequence(Token::Kind::word); break;
        case Class::mark: sequence(Token::Kind::mark); break;
      }
    }
  }

 private:
  Token& add(std::size_t size, Token::Kind kind) {
    Token token;
    token.text = text_.substr(at_, size);
    token.kind = kind;
    token.upper = is_upper(spelled_[at_]);
    token.line_start = line_start_;
    token.spaced = spaced_;
    at_ += token.text.size();
    line_start_ = spaced_ = false;
    return out_.emplace_back(token);
  }

  void sequence(Token::Kind kind) {
    Token& token = add(sequence_size(text_[at_]), kind);
    if (kind == Token::Kind::word) token.hash = stable_hash64(token.text);
  }

  void word() {
    std::size_t end = at_;
    for (; end < text_.size(); ++end) {
      const Class next = class_of(text_[end]);
      if (next == Class::letter || next == Class::digit) continue;
      if (next == Class::lead && !is_sign(text_, end)) continue;
      if (text_[end] == '\'' && end + 1 < text_.size() && class_of(text_[end + 1]) == Class::letter) continue;
      break;
    }
    Token& token = add(end - at_, Token::Kind::word);
    token.hash = stable_hash64(token.text);
  }

  void number() {
    double value = 0;
    std::size_t digits = 0;
    std::size_t end = at_;
    const auto group = [&](std::size_t from) {  // three digits and no fourth
      for (std::size_t i = 0; i < 3; ++i)
        if (from + i >= text_.size() || !is_digit(text_[from + i])) return false;
      return from + 3 >= text_.size() || !is_digit(text_[from + 3]);
    };
    for (; end < text_.size(); ++end) {
      if (is_digit(text_[end])) {
        value = value * 10 + (text_[end] - '0');
        ++digits;
      } else if (text_[end] != ',' || !group(end + 1)) {
        break;
      }
    }
    std::size_t decimals = 0;
    if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
      double scale = 1;
      for (++end; end < text_.size() && is_digit(text_[end]); ++end, ++decimals)
        if (decimals < 15) {
          scale *= 10;
          value = value * 10 + (text_[end] - '0');
        }
      value /= scale;
    }
    Token& token = add(end - at_, Token::Kind::number);
    token.value = std::min(value, 1e30);
    token.decimals = static_cast<std::uint8_t>(std::min<std::size_t>(decimals, 15));
    token.hash = 0x9d39247e33776d41U + std::min<std::size_t>(digits, 5) + (decimals > 0 ? 8 : 0);
  }

  std::string_view text_;
  std::string_view spelled_;
  std::vector<Token>& out_;
  std::size_t at_ = 0;
  bool line_start_ = true;
  bool spaced_ = true;
};

}  // namespace

std::vector<Token> tokens_of(const FoldedText& text) {
  std::size_t size = 0;
  for (const FoldedText::Part& part : text.parts()) size += part.folded.size();
  std::vector<Token> out;
  out.reserve(size / 4 + 16);
  for (const FoldedText::Part& part : text.parts()) Cutter(part, out).cut();
  return out;
}

}  // namespace triage::features
