#include "verify/ending.hpp"

namespace triage::verify {

std::optional<std::string> find_empty(const Completion& answer, bool whole) {
  const bool said = answer.text.find_first_not_of(" \t\r\n") != std::string::npos;
  if (said || !whole || !answer.refusal.empty() || !answer.tool_calls.empty()) return std::nullopt;
  return "the answer is empty";
}

std::optional<std::string> find_truncation(const Completion& answer) {
  if (answer.finish_reason != "length") return std::nullopt;
  return "the answer was cut off (finish_reason length)";
}

}  // namespace triage::verify
