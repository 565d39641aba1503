#include "simulate/difficulty.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>

// expression = number 1*( sp operator sp number )     scanned from each digit that does not continue a word or number
// value      = sum of terms, a term = factors joined by * and /

namespace triage::simulate {

namespace {

// Whether `text` has `word` (lower case) at `at`, in any case.
bool word_at(std::string_view text, std::size_t at, std::string_view word) {
  if (at > text.size() || text.size() - at < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return to_lower(b) == a; });
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at)
    if (to_lower(text[at]) == word.front() && word_at(text, at, word)) return true;
  return false;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  return at;
}

// The operator at `at`, and its length; 0 if there is none.
std::pair<char, std::size_t> operator_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {0, 0};
  const char c = text[at];
  if (c == '+' || c == '-' || c == '*' || c == '/') return {c, 1};
  if (c == 'x' || c == 'X') return {'*', 1};
  if (text.substr(at, 2) == "\u00d7") return {'*', 2};
  if (text.substr(at, 2) == "\u00f7") return {'/', 2};
  return {0, 0};
}

bool number_at(std::string_view text, std::size_t at, std::int64_t& value, std::size_t& end) {
  if (at >= text.size() || !is_digit(text[at])) return false;
  const auto [stop, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  end = static_cast<std::size_t>(stop - text.data());
  return error == std::errc();
}

// Adds up terms as they are completed.
class Sum {
 public:
  explicit Sum(std::int64_t first) : term_(first) {}

  bool apply(char operation, std::int64_t number) {
    if (operation == '*') return !__builtin_mul_overflow(term_, number, &term_);
    if (operation == '/') {
      if (number == 0 || term_ % number != 0) return false;
      term_ /= number;
      return true;
    }
    if (__builtin_add_overflow(total_, term_, &total_)) return false;
    term_ = operation == '-' ? -number : number;
    return true;
  }

  bool finish(std::int64_t& value) const { return !__builtin_add_overflow(total_, term_, &value); }

 private:
  std::int64_t total_ = 0;
  std::int64_t term_;
};

// What the marker says, if there is one. Colons are rare, so they are searched for first.
std::optional<Difficulty> marked(std::string_view text) {
  constexpr std::string_view marker = "difficulty";
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos; colon = text.find(':', colon + 1)) {
    if (colon < marker.size() || !word_at(text, colon - marker.size(), marker)) continue;
    const std::size_t level = skip_spaces(text, colon + 1);
    if (word_at(text, level, "easy")) return Difficulty::easy;
    if (word_at(text, level, "medium")) return Difficulty::medium;
    if (word_at(text, level, "hard")) return Difficulty::hard;
  }
  return std::nullopt;
}

std::optional<Arithmetic> expression_at(std::string_view text, std::size_t begin) {
  std::int64_t number = 0;
  std::size_t end = 0;
  if (!number_at(text, begin, number, end)) return std::nullopt;
  Arithmetic found;
  found.digits = static_cast<int>(end - begin);
  Sum sum(number);
  for (;;) {
    const std::size_t at = skip_spaces(text, end);
    const auto [operation, length] = operator_at(text, at);
    const std::size_t next = skip_spaces(text, at + length);
    std::size_t next_end = 0;
    if (operation == 0 || !number_at(text, next, number, next_end)) break;
    if (!sum.apply(operation, number)) return std::nullopt;
    ++found.operators;
    found.product = found.product || operation == '*' || operation == '/';
    found.digits = std::max(found.digits, static_cast<int>(next_end - next));
    end = next_end;
  }
  if (found.operators == 0 || !sum.finish(found.value)) return std::nullopt;
  found.expression = text.substr(begin, end - begin);
  return found;
}

}  // namespace

std::optional<Arithmetic> find_arithmetic(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    const bool starts = at == 0 || (!is_alphanumeric(text[at - 1]) && text[at - 1] != '.');
    if (!starts) continue;
    if (const auto found = expression_at(text, at)) return found;
  }
  return std::nullopt;
}

Difficulty judge_difficulty(std::string_view text, const std::optional<Arithmetic>& arithmetic) {
  if (const auto level = marked(text)) return *level;
  if (arithmetic) {
    const int score = arithmetic->digits + 2 * (arithmetic->operators - 1) + (arithmetic->product ? 1 : 0);
    return score <= 3 ? Difficulty::easy : score <= 5 ? Difficulty::medium : Difficulty::hard;
  }
  constexpr std::array<std::string_view, 5> hard{"prove", "proof", "theorem", "step by step", "derive"};
  if (text.size() > 2000) return Difficulty::hard;
  for (const std::string_view word : hard)
    if (has_word(text, word)) return Difficulty::hard;
  if (text.size() > 500 || text.find("```") != std::string_view::npos) return Difficulty::medium;
  return Difficulty::easy;
}

}  // namespace triage::simulate
