#include "pipeline/outcome/question.hpp"

#include <algorithm>
#include <string_view>

namespace triage {
namespace {

constexpr std::size_t escape_bytes = 2;
constexpr std::size_t numbered_escape_bytes = 6;  // "\u0041"

// Whether the content of a JSON string is longer than `most`, its escapes resolved: each stands for a byte at least.
bool is_longer(std::string_view raw, std::size_t most) noexcept {
  for (std::size_t bytes = 0; bytes <= most; ++bytes) {
    const std::size_t plain = std::min(raw.find('\\'), raw.size());
    bytes += plain;
    if (plain == raw.size()) return bytes > most;
    raw.remove_prefix(plain);
    raw.remove_prefix(std::min(raw.size(), raw.substr(1, 1) == "u" ? numbered_escape_bytes : escape_bytes));
  }
  return true;
}

}  // namespace

QuestionPrint question_print(const ChatView& view) {
  const std::string_view value = view.request() != nullptr ? view.request()->at(view.turn) : std::string_view();
  if (value.starts_with('"')) {
    const std::string_view raw = value.substr(1, value.size() - 2);
    if (is_longer(raw, QuestionPrint::short_bytes_max)) return QuestionPrint::of_long(raw);
  }
  return QuestionPrint(view.text());
}

}  // namespace triage
