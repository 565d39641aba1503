#include "verify/ending.hpp"

#include "verify/answer_chars.hpp"
#include "verify/loose_json.hpp"

#include <algorithm>
#include <vector>

namespace triage::verify {

namespace {

struct Fence {
  std::size_t width = 0;
  std::size_t inside = 0;  // where its content begins
};

// The content of the last fence that is open at the end; nullopt: none is.
std::optional<std::string_view> open_fence(std::string_view text) {
  std::vector<Fence> open;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = trimmed(text.substr(at, end - at), " \t\r>");
    at = end + 1;
    const std::size_t width = std::min(line.find_first_not_of('`'), line.size());
    if (width < 3 || line.find('`', width) != std::string_view::npos) continue;
    const bool word = width < line.size();
    const bool stray = !word && at >= text.size();  // with nothing after it
    if (!word && !open.empty()) {
      if (width >= open.back().width) open.pop_back();
    } else if (!stray) {
      open.push_back({width, std::min(at, text.size())});
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
