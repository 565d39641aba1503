// The answer's words are kept, the context's pass by and tick them off: memory is bounded by the answer, time is linear
// in both, and the walk ends when all are found.
#include "verify/grounding.hpp"

#include "json/json.hpp"
#include "text/folded_text.hpp"
#include "text/utf8.hpp"
#include "verify/context.hpp"
#include "verify/function_words.hpp"

#include <string>
#include <unordered_map>

namespace triage::verify {
namespace {

constexpr std::size_t answer_max = 64 * 1024;
constexpr std::size_t kept_max = 4'096;
constexpr std::size_t stem_bytes = 6;
constexpr std::size_t word_least = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Calls found(word) with what counts: a stem, a number, a pair of characters.
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
    } else if (lead >= 0xe3 && lead <= 0xed) {  // kana, Han, hangul
      if (at + 6 <= folded.size() && static_cast<unsigned char>(folded[at + 3]) >= 0xe3) found(folded.substr(at, 6));
      end = at + 3;
    } else if (is_letter_byte(folded[at])) {
      while (end < folded.size() && is_letter_byte(folded[end]) && static_cast<unsigned char>(folded[end]) < 0xe2)
        ++end;
      const std::string_view word = folded.substr(at, end - at);
      if (word.size() >= word_least && !is_function_word(word)) found(utf8_prefix(word, stem_bytes));
    }
    at = end;
  }
}

}  // namespace

std::optional<double> grounded_share(const ApiRequest& request, std::string_view answer) {
  std::unordered_map<std::string, bool> kept;
  each_content(fold_case(answer.substr(0, answer_max)), [&](std::string_view word) {
    if (kept.size() < kept_max) kept.emplace(word, false);
  });
  if (kept.empty()) return std::nullopt;
  std::size_t found = 0;
  std::string key;
  each_text(request, [&](std::string_view text) {
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
