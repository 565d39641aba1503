#include "features/final_answer.hpp"

#include "features/lexicon.hpp"

#include <algorithm>

namespace triage::features {
namespace {

constexpr std::size_t reach = 8;  // tokens between a marker and what it marks

bool is_choice_letter(std::span<const Token> tokens, std::size_t at) noexcept {
  const Token& token = tokens[at];
  if (!token.is_word() || token.text.size() != 1 || !token.upper) return false;
  const char c = token.text.front();
  if (c < 'a' || c > 'p') return false;
  if (c != 'a' && c != 'i') return true;
  // "A" and "I" are words, too, unless something closes them.
  return at + 1 == tokens.size() || !tokens[at + 1].is_word() || tokens[at + 1].line_start;
}

void take(std::span<const Token> tokens, std::size_t at, FinalAnswer& out) noexcept {
  const Token& token = tokens[at];
  out.token = at;
  if (token.is_number()) {
    out.kind = FinalAnswer::Kind::number;
    const bool negative = at > 0 && tokens[at - 1].is('-') && !token.spaced &&
                          (at == 1 || (!tokens[at - 2].is_number() && !tokens[at - 2].is(')')));
    out.number = negative ? -token.value : token.value;
    out.decimals = token.decimals;
  } else {
    out.kind = FinalAnswer::Kind::letter;
    out.letter = static_cast<char>(token.text.front() - 'a' + 'A');
  }
}

// The marker that ends before token `at`; none: there is none.
Marker marker_before(std::span<const Token> tokens, std::size_t at) noexcept {
  const Token& last = tokens[at - 1];
  if (last.is('#') && at >= 4 && tokens[at - 2].is('#') && tokens[at - 3].is('#')) return Marker::hashes;
  if (last.is('{') && at >= 2 && tokens[at - 2].text == "boxed") return Marker::boxed;
  const bool ties = last.is(':') || last.is('=') || last.text == "is";
  if (!ties) return Marker::none;
  for (std::size_t back = 2; back <= 4 && back <= at; ++back)  // "answer is", "answer\": ", "answer is:"
    if ((says(tokens[at - back].hash) & says_answer) != 0) return Marker::phrase;
  return Marker::none;
}

}  // namespace

FinalAnswer final_answer(std::span<const Token> tokens, bool choices) noexcept {
  FinalAnswer out;
  out.token = out.begin = tokens.size();
  for (std::size_t at = tokens.size(); at > 0; --at) {
    const Marker marker = marker_before(tokens, at);
    if (marker == Marker::none) continue;
    for (std::size_t i = at; i < std::min(at + reach, tokens.size()); ++i) {
      if (i > at && tokens[i].line_start && tokens[i].is_word()) break;
      if (!tokens[i].is_number() && !is_choice_letter(tokens, i)) continue;
      out.marker = marker;
      out.begin = at - 1;
      take(tokens, i, out);
      return out;
    }
  }
  for (std::size_t at = tokens.size(); at > 0; --at) {
    const bool enclosed = at >= 2 && at < tokens.size() && tokens[at - 2].is('(') && tokens[at].is(')');
    const bool alone = tokens[at - 1].line_start && (at == tokens.size() || tokens[at].line_start);
    const bool letter = choices && (enclosed || alone) && is_choice_letter(tokens, at - 1);
    if (!letter && !tokens[at - 1].is_number()) continue;
    if (choices && !letter) continue;
    take(tokens, at - 1, out);
    out.begin = out.token;
    return out;
  }
  return out;
}

}  // namespace triage::features
