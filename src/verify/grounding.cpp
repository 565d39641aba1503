// The answer's words are stored, and the context's words tick them off as they pass: memory is bounded by the answer,
// time is linear in both, and the walk ends when all are found.
#include "verify/grounding.hpp"

#include "base/ascii.hpp"
#include "json/json.hpp"
#include "text/folded_text.hpp"
#include "verify/function_words.hpp"

#include <string>
#include <unordered_map>

namespace triage::verify {
namespace {

constexpr std::size_t answer_max = 64 * 1024;
constexpr std::size_t kept_max = 4'096;
constexpr std::size_t stem_characters = 6;
constexpr std::size_t word_least = 4;  // characters

std::size_t character_end(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
  return at;
}

unsigned byte(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

// Kana, Han, hangul, Thai, Lao, Burmese, Khmer: characters of three bytes, written without spaces.
bool has_no_blanks(std::string_view text, std::size_t at) {
  const unsigned lead = byte(text, at);
  const unsigned second = byte(text, at + 1);
  if (at + 3 > text.size()) return false;
  if (lead == 0xe3) return second > 0x80;
  if (lead == 0xe0) return second >= 0xb8 && second <= 0xbb;
  if (lead == 0xe1) return second == 0x80 || second == 0x81 || second == 0x9e || second == 0x9f;
  return lead >= 0xe4 && lead <= 0xed;
}

// Whether there is a letter, in any script; sentence punctuation of any script is not one.
bool is_word_character(std::string_view text, std::size_t at) {
  const unsigned lead = byte(text, at);
  const unsigned second = byte(text, at + 1);
  const unsigned third = byte(text, at + 2);
  if (lead < 0x80) return is_letter_byte(text[at]);
  if (lead == 0xc2 || lead == 0xe2 || lead >= 0xee) return false;               // signs, dashes, forms
  if (lead == 0xd8) return second != 0x8c && second != 0x9b && second != 0x9f;  // Arabic
  if (lead == 0xd6) return second != 0x89;                                      // Armenian
  if (lead == 0xe0 && second == 0xa5) return third != 0xa4 && third != 0xa5;    // danda
  if (lead == 0xe1 && second == 0x8d) return third < 0xa0;                      // Ethiopic
  return !(lead == 0xe3 && second == 0x80);                                     // CJK
}

// Calls found(word) with everything that counts: a stem, a number, a pair of characters.
template <class Found>
void each_content(std::string_view folded, Found found) {
  std::string number;
  for (std::size_t at = 0; at < folded.size();) {
    const auto lead = static_cast<unsigned char>(folded[at]);
    std::size_t end = at + 1;
    if (is_digit(folded[at])) {
      number.clear();
      for (end = at; end < folded.size(); ++end) {
        const bool more = end + 1 < folded.size() && is_digit(folded[end + 1]);
        if (is_digit(folded[end]) || (folded[end] == '.' && more))
          number += folded[end];
        else if (folded[end] != ',' || !more)
          break;
      }
      found(std::string_view(number));
    } else if (has_no_blanks(folded, at)) {
      if (has_no_blanks(folded, at + 3)) found(folded.substr(at, 6));
      end = at + 3;
    } else if (is_word_character(folded, at)) {
      std::size_t characters = 0;
      std::size_t stem = 0;
      for (end = at; end < folded.size() && is_word_character(folded, end) && !has_no_blanks(folded, end);) {
        end = character_end(folded, end);
        if (++characters == stem_characters) stem = end;
      }
      const std::string_view word = folded.substr(at, end - at);
      // Semitic and Indic scripts leave vowels out or write them as diacritics.
      const std::size_t least = lead >= 0xd6 ? word_least - 1 : word_least;
      if (characters >= least && !is_function_word(word)) found(stem > at ? folded.substr(at, stem - at) : word);
    }
    at = end;
  }
}

}  // namespace

std::optional<double> grounded_share(const ChatView& request, std::string_view answer) {
  std::unordered_map<std::string, bool> kept;
  each_content(fold_case(answer.substr(0, answer_max)), [&](std::string_view word) {
    if (kept.size() < kept_max) kept.emplace(word, false);
  });
  if (kept.empty()) return std::nullopt;
  std::size_t found = 0;
  std::string key;
  request.each_text([&](std::string_view text) {
    each_content(fold_case(text), [&](std::string_view word) {
      key.assign(word);
      const auto known = kept.find(key);
      if (known == kept.end() || known->second) return;
      known->second = true;
      ++found;
    });
    return found < kept.size();
  });
  return static_cast<double>(found) / static_cast<double>(kept.size());
}

}  // namespace triage::verify
