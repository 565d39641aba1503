//   ...and so on. I will try again. I will try again. I will try again. I will tr
//                 |<--- read backwards, the text has the period 18 for so long --->|
//
// The prefix function (Knuth, Morris, Pratt 1977) of the reversed text gives the smallest period for each length of the
// tail. Loops inside the text, or with small changes, show in its runs of words.
#include "verify/repetition.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace triage::verify {
namespace {

constexpr std::size_t searched_max = 32 * 1024;  // at each end
constexpr std::size_t tail_max = 8 * 1024;
constexpr std::size_t tail_least = 240;
constexpr std::size_t times_least = 5;
constexpr std::size_t period_least = 4;
constexpr std::size_t run_words = 8;
constexpr std::size_t runs_least = 40;

// Repeating a piece with a letter is not an ornament, like a long line of dashes.
bool has_letter(std::string_view piece) {
  return std::any_of(piece.begin(), piece.end(),
                     [](char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0xc3; });
}

bool ends_in_circles(std::string_view text) {
  const std::size_t size = std::min(text.size(), tail_max);
  std::vector<std::uint32_t> border(size + 1, 0);  // of the tail with that many bytes
  const auto at = [&](std::size_t i) { return text[text.size() - 1 - i]; };
  for (std::size_t i = 1; i < size; ++i) {
    std::uint32_t length = border[i];
    while (length > 0 && at(i) != at(length)) length = border[length];
    border[i + 1] = at(i) == at(length) ? length + 1 : 0;
    const std::size_t tail = i + 1;
    const std::size_t period = tail - border[tail];
    if (tail >= tail_least && tail >= times_least * period && period >= period_least &&
        has_letter(text.substr(text.size() - period)))
      return true;
  }
  return false;
}

// Appends hashes of the runs of eight words; in scripts without spaces a pair of characters counts as a word.
void add_runs(std::string_view text, std::vector<std::uint64_t>& runs) {
  std::uint64_t last[run_words] = {};
  std::size_t words = 0;
  const auto add = [&](std::string_view word) {
    last[words++ % run_words] = std::hash<std::string_view>()(word);
    if (words < run_words) return;
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < run_words; ++i) hash = (hash ^ last[(words + i) % run_words]) * 0x9e3779b97f4a7c15U;
    runs.push_back(hash);
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    std::size_t end = at + 1;
    if (first <= ' ') {
      at = end;
      continue;
    }
    if (first >= 0xe2) {  // two characters of kana, Han, hangul or Thai
      end = std::min(at + 6, text.size());
    } else {
      while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' &&
             static_cast<unsigned char>(text[end]) < 0xe2)
        ++end;
    }
    add(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace

std::optional<std::string> find_repetition(std::string_view text) {
  if (text.size() < tail_least) return std::nullopt;
  if (ends_in_circles(text)) return "the answer repeats itself at its end";
  std::vector<std::uint64_t> runs;
  if (text.size() <= 2 * searched_max) {
    add_runs(text, runs);
  } else {
    add_runs(text.substr(0, searched_max), runs);
    add_runs(text.substr(text.size() - searched_max), runs);
  }
  if (runs.size() < runs_least) return std::nullopt;
  const std::size_t all = runs.size();
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  if (2 * (all - runs.size()) <= all) return std::nullopt;
  return "the answer repeats itself: " + std::to_string(100 * (all - runs.size()) / all) + " % of its runs of words";
}

}  // namespace triage::verify
