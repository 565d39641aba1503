#include "features/choices.hpp"

#include "base/text.hpp"

namespace triage::features {
namespace {

struct Label {
  char letter = 0;  // 0: there is none
  std::size_t size = 0;
};

// The label at `at`, which is where a line or a word starts.
Label label_at(std::string_view text, std::size_t at, bool line_start) noexcept {
  const bool bracket = text[at] == '(';
  const std::size_t letter = at + (bracket ? 1 : 0);
  if (letter + 1 >= text.size()) return {};
  const char c = text[letter];
  const char close = text[letter + 1];
  if (c < 'A' || c >= static_cast<char>('A' + Choices::most)) return {};
  if (bracket ? close != ')' : !line_start || (close != '.' && close != ')' && close != ':')) return {};
  const std::size_t end = letter + 2;
  if (end < text.size() && static_cast<unsigned char>(text[end]) > ' ') return {};
  return {c, end - at};
}

}  // namespace

Choices read_choices(std::string_view question) noexcept {
  Choices best;
  Choices now;
  best.stem = question.size();
  std::size_t open = 0;  // where the text of the choice begins that is being read
  const auto close = [&](std::size_t end) {
    if (now.count > 0) now.texts[now.count - 1] = trimmed(question.substr(open, end - open));
    if (now.count >= 2) best = now;
  };
  bool line_start = true;
  bool word_start = true;
  for (std::size_t at = 0; at < question.size(); ++at) {
    const char c = question[at];
    if (static_cast<unsigned char>(c) <= ' ') {
      line_start |= c == '\n';
      word_start = true;
      continue;
    }
    if (word_start && (c == '(' || line_start)) {
      const Label label = label_at(question, at, line_start);
      const bool first = label.letter == 'A';
      if (first || (label.letter != 0 && now.count > 0 && label.letter == static_cast<char>('A' + now.count))) {
        close(at);
        if (first) {
          now = {};
          now.stem = at;
        }
        open = at + label.size;
        ++now.count;
        at = open - 1;
      }
    }
    line_start = word_start = false;
  }
  // "Answer:" on a line of its own is not part of the last choice.
  std::size_t end = question.size();
  const std::size_t last = question.find_last_of('\n');
  if (last != std::string_view::npos && last > open && question.substr(last + 1).starts_with("Answer")) end = last;
  close(end);
  return best;
}

}  // namespace triage::features
