#include "verify/prose.hpp"

#include "text/folded_text.hpp"
#include "text/utf8.hpp"
#include "verify/answer_chars.hpp"

#include <algorithm>
#include <array>

namespace triage::verify {
namespace {

constexpr std::size_t looked_at_max = 16 * 1024;

// What may stand around a word.
constexpr std::array<bool, 256> around_words = [] {
  std::array<bool, 256> out{};
  for (const char c : std::string_view("\"'()[]{}<>*#_.,;:!?-|/")) out[static_cast<unsigned char>(c)] = true;
  return out;
}();

bool is_mark(char c) {
  return around_words[static_cast<unsigned char>(c)];
}

std::string_view without_marks(std::string_view word) {
  while (!word.empty() && is_mark(word.front())) word.remove_prefix(1);
  while (!word.empty() && is_mark(word.back())) word.remove_suffix(1);
  return word;
}

std::string without_back_quotes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find('`'), text.size());
    out.append(text.substr(0, begin));
    text.remove_prefix(begin);
    if (text.empty()) break;
    const std::size_t width = std::min(text.find_first_not_of('`'), text.size());
    const std::string_view marks = text.substr(0, width);
    const std::size_t end = text.find(marks, width);
    if (end == std::string_view::npos && width < 3) {  // a stray apostrophe
      text.remove_prefix(width);
      continue;
    }
    out += ' ';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + width);
  }
  return out;
}

bool is_program(std::string_view line) {
  line = trimmed(line);
  // Greek questions end in a semicolon.
  if (std::none_of(line.begin(), line.end(), is_letter)) return false;
  constexpr std::string_view ends = ";{}";
  return ends.find(line.back()) != std::string_view::npos || line.ends_with("):") || line.ends_with("\",") ||
         line.starts_with('<') || line.starts_with("#include") || line.starts_with("import ") ||
         line.find(" = ") != std::string_view::npos || line.find("==") != std::string_view::npos ||
         line.find("=>") != std::string_view::npos || line.find("();") != std::string_view::npos;
}

// Whether the word is letters alone, except for an apostrophe or hyphen inside, and not a constant or an identifier.
bool is_plain(std::string_view word) {
  bool small = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const bool joins = (c == '\'' || c == '-') && i > 0 && i + 1 < word.size();
    if (!is_letter(c) && static_cast<unsigned char>(c) < 0x80 && !joins) return false;
    if (small && c >= 'A' && c <= 'Z' && word[i - 1] >= 'a' && word[i - 1] <= 'z') return false;
    small = small || !(c >= 'A' && c <= 'Z');
  }
  return small || word.size() == 1;
}

bool is_large(std::string_view word) {
  if (static_cast<unsigned char>(word[0]) < 0x80) return is_upper(word[0]);
  const std::string_view first = utf8_prefix(word, 2);
  return fold_case(first) != first;
}

// Punctuation after a letter beyond ASCII ends a word, because not all scripts have spaces.
std::size_t word_end(std::string_view line, std::size_t at) {
  for (; at < line.size(); ++at) {
    if (is_blank(line[at])) break;
    const bool beyond_ascii = at > 0 && static_cast<unsigned char>(line[at - 1]) >= 0x80;
    if (beyond_ascii && std::string_view(",;:!?.()").find(line[at]) != std::string_view::npos) break;
  }
  return at;
}

}  // namespace

Prose prose_of(std::string_view text, std::size_t kept_max) {
  const std::string prose = without_back_quotes(utf8_prefix(text, looked_at_max));
  Prose out;
  std::size_t words = 0;
  std::size_t large = 0;
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < prose.size() && out.text.size() < kept_max;) {
    const std::size_t end = std::min(prose.find('\n', at), prose.size());
    const std::string_view line = std::string_view(prose).substr(at, end - at);
    at = end + 1;
    const bool program = is_program(line);
    for (std::size_t i = 0; i < line.size() && out.text.size() < kept_max;) {
      const std::size_t stop = word_end(line, i);
      const std::string_view all = line.substr(i, stop - i);
      const std::string_view word = without_marks(all);
      i = stop + 1;
      bytes += word.size();
      if (program || word.empty() || !is_plain(word)) continue;
      ++words;
      large += is_large(word) ? 1 : 0;
      out.text.append(out.text.empty() ? "" : " ").append(word.substr(0, kept_max));
    }
  }
  if (2 * out.text.size() < bytes) out.text.clear();
  out.text = utf8_prefix(out.text, kept_max);
  out.names = 10 * large > 6 * words;
  return out;
}

}  // namespace triage::verify
