#include "verify/ending.hpp"

#include "verify/answer_chars.hpp"
#include "verify/loose_json.hpp"

#include <algorithm>
#include <vector>

namespace triage::verify {

namespace {

struct Fence {
  char mark = '`';
  std::size_t width = 0;
  std::size_t indent = 0;
  std::size_t inside = 0;  // where its content begins
};

constexpr std::size_t code_indent = 4;  // so many columns make a line code, and no fence (CommonMark 4.4)

struct Line {
  std::size_t indent = 0;  // in columns, without the marks of quotations
  std::string_view text;
};

Line line_of(std::string_view text) {
  Line out;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '>')
      out.indent = 0;
    else if (text[at] == '\t')
      out.indent += code_indent - out.indent % code_indent;
    else if (text[at] == ' ')
      ++out.indent;
    else
      break;
  }
  out.text = trimmed(text.substr(at));
  return out;
}

// The bytes of a list item's marker and the spaces behind it; 0: there is none.
std::size_t list_marker(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < 9 && is_digit(text[at])) ++at;
  const std::string_view marks = at > 0 ? ".)" : "-*+";
  if (at >= text.size() || marks.find(text[at]) == std::string_view::npos) return 0;
  const std::size_t behind = text.find_first_not_of(' ', at + 1);
  return behind == std::string_view::npos || behind == at + 1 ? 0 : behind;
}

// The content of the last fence that is open at the end (CommonMark 4.5); nullopt: none is. Models nest fences that
// name a language.
std::optional<std::string_view> open_fence(std::string_view text) {
  std::vector<Fence> open;
  std::size_t list = 0;  // the column where the content of the present list item begins
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    Line line = line_of(text.substr(at, end - at));
    at = end + 1;
    if (line.text.empty()) continue;
    if (open.empty() && line.indent < list) list = 0;
    for (std::size_t marker = 0; open.empty() && (marker = list_marker(line.text)) > 0;) {
      list = line.indent += marker;
      line.text.remove_prefix(marker);
    }
    const char mark = line.text[0];
    const std::size_t width = std::min(line.text.find_first_not_of(mark), line.text.size());
    if ((mark != '`' && mark != '~') || width < 3) continue;
    if (line.indent >= (open.empty() ? list : open.back().indent) + code_indent) continue;
    if (mark == '`' && line.text.find('`', width) != std::string_view::npos) continue;
    const bool word = width < line.text.size();
    const bool stray = !word && at >= text.size();  // with nothing after it
    if (!open.empty() && mark != open.back().mark) continue;
    if (!word && !open.empty()) {
      if (width >= open.back().width) open.pop_back();
    } else if (!stray) {
      open.push_back({mark, width, line.indent, std::min(at, text.size())});
    }
  }
  return open.empty() ? std::nullopt : std::optional(text.substr(open.back().inside));
}

}  // namespace

std::optional<std::string> find_empty(const Completion& answer, bool whole) {
  const bool said = answer.text.find_first_not_of(" \t\r\n") != std::string::npos;
  if (said || !whole || !answer.refusal.empty() || !answer.tool_calls.empty() || answer.media) return std::nullopt;
  return "the answer is empty";
}

std::optional<std::string> find_truncation(const Completion& answer, bool whole) {
  if (answer.finish_reason == "length") return "the answer was cut off (finish_reason length)";
  if (!whole || !answer.tool_calls.empty()) return std::nullopt;
  const std::string_view text = trimmed(answer.text);
  if (text.starts_with("<think>") && text.find("</think>") == std::string_view::npos)
    return "the answer ends in the middle of its thoughts";
  // Some models leave the fence of JSON open; the JSON itself shows whether it is complete.
  const std::optional<std::string_view> inside = open_fence(text);
  if (inside && !read_loose_json(*inside)) return "the answer ends inside a code fence";
  return std::nullopt;
}

}  // namespace triage::verify
