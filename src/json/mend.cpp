// NaN and infinities become null, which all clients accept: Python's parser would read NaN, but JavaScript's and Go's
// refuse the whole answer because of it.
#include "json/mend.hpp"

#include "json/json.hpp"

namespace triage {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool is_word(char c) noexcept {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/// Of the NaN or infinity that `text` begins with; 0: none.
std::size_t no_number_size(std::string_view text) noexcept {
  const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  for (const std::string_view word : {"infinity", "inf", "nan"}) {
    std::size_t same = 0;
    while (same < word.size() && sign + same < text.size() && lower(text[sign + same]) == word[same]) ++same;
    const std::size_t end = sign + same;
    if (same == word.size() && (end == text.size() || !is_word(text[end]))) return end;
  }
  return 0;
}

/// Behind the string that begins at `at`; where there is no end to it, behind the text.
std::size_t string_end(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return text.size();
}

std::optional<std::string> without_no_numbers(std::string_view text) {
  std::optional<std::string> out;
  std::size_t kept = 0;
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = string_end(text, at);
      in_word = false;
      continue;
    }
    const std::size_t size = in_word ? 0 : no_number_size(text.substr(at));
    in_word = is_word(text[at]);
    if (size == 0) {
      ++at;
      continue;
    }
    if (!out) out.emplace();
    out->append(text, kept, at - kept).append("null");
    kept = at += size;
  }
  if (out) out->append(text, kept);
  return out;
}

}  // namespace

std::optional<std::string> mended_json(std::string_view text) {
  auto out = without_no_numbers(text);
  if (!find_invalid_utf8(out ? *out : text)) return out;
  return valid_utf8(out ? *out : text);
}

}  // namespace triage
