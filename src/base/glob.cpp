#include "base/glob.hpp"

#include <algorithm>

namespace triage {

// Greedy matching with one point to return to: after a mismatch the last star takes one more character.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool globs_match(const std::vector<std::pair<std::string, std::string>>& wanted,
                 const std::vector<std::pair<std::string, std::string>>& given) noexcept {
  return std::ranges::all_of(wanted, [&](const auto& glob) {
    return std::ranges::any_of(
        given, [&](const auto& value) { return value.first == glob.first && glob_matches(glob.second, value.second); });
  });
}

}  // namespace triage
