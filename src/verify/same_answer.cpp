#include "verify/same_answer.hpp"

#include "json/json_schema.hpp"
#include "text/folded_text.hpp"
#include "verify/answer_text.hpp"
#include "verify/function_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace triage::verify {
namespace {

using nlohmann::json;

constexpr std::size_t compared_max = 256 * 1024;  // of a text, from its end
constexpr std::size_t json_max = 1024 * 1024;
constexpr std::size_t last_words = 160;
constexpr int explaining_words = 8;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view ending(std::string_view text, std::size_t most) {
  return text.substr(text.size() - std::min(text.size(), most));
}

struct Number {
  double value = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Digits at `at`, with commas between thousands and a fraction.
double read_digits(std::string_view text, std::size_t& at) {
  std::string digits;
  bool point = false;
  for (; at < text.size() && digits.size() < 64; ++at) {
    const bool more = at + 1 < text.size() && is_digit(text[at + 1]);
    if (is_digit(text[at])) {
      digits += text[at];
    } else if (text[at] == '.' && more && !point) {
      point = true;
      digits += '.';
    } else if (text[at] != ',' || !more || point || at + 3 >= text.size() || !is_digit(text[at + 2]) ||
               !is_digit(text[at + 3])) {
      break;
    }
  }
  return std::strtod(digits.c_str(), nullptr);
}

// The first number at `from` or behind it.
std::optional<Number> number_from(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (at < text.size() && !is_digit(text[at])) ++at;
  if (at >= text.size()) return std::nullopt;
  Number out;
  out.begin = at;
  bool negative = false;
  // "-5", "$-5", "-$5", but neither "3-5" nor "x-5".
  std::size_t before = at;
  while (before > 0 && text[before - 1] == '$') --before;
  if (before > 0 && text[before - 1] == '-') {
    const std::size_t sign = before - 1;
    negative = sign == 0 || !(is_digit(text[sign - 1]) || is_ascii_letter(text[sign - 1]) || text[sign - 1] == ')');
  }
  out.value = read_digits(text, at);
  if (at + 1 < text.size() && text[at] == '/' && is_digit(text[at + 1])) {
    ++at;
    const double below = read_digits(text, at);
    if (below != 0) out.value /= below;
  }
  if (negative) out.value = -out.value;
  out.end = at;
  return out;
}

std::optional<Number> last_number(std::string_view text) {
  std::optional<Number> out;
  std::size_t from = 0;
  while (const std::optional<Number> next = number_from(text, from)) {
    out = next;
    from = next->end;
  }
  return out;
}

bool close(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

// What stands behind the last mark of an answer; empty: there is none.
std::string_view behind_mark(std::string_view text, const std::string& folded) {
  std::size_t best = std::string_view::npos;
  for (const std::string_view mark : {"####", "\\boxed{", "answer is", "answer:", "answer**:", "answer:**"}) {
    const std::size_t at = folded.rfind(mark);
    if (at != std::string::npos && (best == std::string_view::npos || at + mark.size() > best)) best = at + mark.size();
  }
  return best == std::string_view::npos ? std::string_view() : text.substr(best);
}

std::optional<double> marked_number(std::string_view text, const std::string& folded) {
  const std::string_view marked = behind_mark(text, folded);
  const std::optional<Number> number = number_from(marked.substr(0, marked.find('\n', 1)), 0);
  if (!number) return std::nullopt;
  return number->value;
}

bool stands_alone(std::string_view text, std::size_t at) {
  const auto wordy = [](char c) { return is_ascii_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80; };
  return (at == 0 || !wordy(text[at - 1])) && (at + 1 >= text.size() || !wordy(text[at + 1]));
}

std::optional<char> marked_choice(std::string_view text, const std::string& folded) {
  const std::string_view marked = behind_mark(text, folded);
  for (std::size_t i = 0; i < std::min<std::size_t>(marked.size(), 16); ++i) {
    if (marked[i] >= 'A' && marked[i] <= 'J' && stands_alone(marked, i)) return marked[i];
    if (is_ascii_letter(marked[i]) || is_digit(marked[i])) break;
  }
  return std::nullopt;
}

std::string without_prose_marks(std::string_view text) {
  std::string out;
  const std::string folded = fold_case(text);
  for (std::size_t i = 0; i < folded.size(); ++i) {
    const char c = folded[i];
    const bool next_digit = i + 1 < folded.size() && is_digit(folded[i + 1]);
    const bool kept = is_letter_byte(c) || is_digit(c) ||
                      (c == '-' && next_digit && (i == 0 || !is_digit(folded[i - 1]))) ||
                      (c == '.' && next_digit && i > 0 && is_digit(folded[i - 1]));
    if (c == ',' && next_digit && i > 0 && is_digit(folded[i - 1])) continue;
    out += kept ? c : ' ';
  }
  return out;
}

// A text with a number and no other words than the other has: "18 eggs" and "$18.00".
bool same_words(std::string_view a, std::string_view b) {
  const std::string one = normalised(a);
  const std::string other = normalised(b);
  if (one == other) return true;
  const std::optional<Number> x = number_from(one, 0);
  const std::optional<Number> y = number_from(other, 0);
  if (!x || !y || x->begin > 1 || y->begin > 1 || !close(x->value, y->value)) return false;
  const auto rest = [](const std::string& text, const Number& number) {
    return normalised(std::string_view(text).substr(number.end));
  };
  const std::string behind = rest(one, *x);
  const std::string behind_other = rest(other, *y);
  return behind == behind_other || behind.empty() || behind_other.empty();
}

bool explains(const json& value) {
  if (!value.is_string()) return false;
  const std::string& text = value.get_ref<const std::string&>();
  return std::count(text.begin(), text.end(), ' ') >= explaining_words;
}

std::string scalar_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// `depth` levels are compared, which is more than an answer has.
bool same_json(const json& a, const json& b, int depth) {
  if (depth == 0) return false;
  if (a.is_object() && b.is_object()) {
    for (const char* name : {"answer", "final_answer"})
      if (a.contains(name) && b.contains(name)) return same_json(a[name], b[name], depth - 1);
    for (const json* side : {&a, &b})
      for (auto member = side->begin(); member != side->end(); ++member) {
        const json& other = side == &a ? b : a;
        if (!other.contains(member.key())) return false;
        if (!(explains(member.value()) && explains(other[member.key()])) && side == &a &&
            !same_json(member.value(), other[member.key()], depth - 1))
          return false;
      }
    return true;
  }
  if (a.is_array() && b.is_array())
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [&](const json& x, const json& y) { return same_json(x, y, depth - 1); });
  if (a.is_structured() || b.is_structured()) return false;
  return same_words(scalar_text(a), scalar_text(b));
}

std::optional<bool> same_json_in(std::string_view a, std::string_view b) {
  const std::string_view one = json_in(a);
  const std::string_view other = one.empty() ? one : json_in(b);
  if (one.empty() || other.empty()) return std::nullopt;
  const json x = json::parse(one, nullptr, false);
  const json y = json::parse(other, nullptr, false);
  if (x.is_discarded() || y.is_discarded()) return std::nullopt;
  return same_json(x, y, 64);
}

template <class T>
std::optional<bool> same_if_both(const std::optional<T>& a, const std::optional<T>& b) {
  if (!a || !b) return std::nullopt;
  if constexpr (std::is_same_v<T, double>)
    return close(*a, *b);
  else
    return *a == *b;
}

std::optional<double> value_of(const std::optional<Number>& number) {
  return number ? std::optional(number->value) : std::nullopt;
}

bool same_by_itself(std::string_view a, std::string_view b) {
  if (const auto same = same_json_in(a, b)) return *same;
  const std::string one = fold_case(a);
  const std::string other = fold_case(b);
  if (const auto same = same_if_both(marked_choice(a, one), marked_choice(b, other))) return *same;
  if (const auto same = same_if_both(marked_number(a, one), marked_number(b, other))) return *same;
  if (same_words(a, b)) return true;
  const auto at_end = [](std::string_view text) { return value_of(last_number(ending(text, last_words))); };
  if (const auto same = same_if_both(at_end(a), at_end(b))) return *same;
  return same_if_both(final_choice(a), final_choice(b)).value_or(false);
}

bool same_calls(const Completion& a, const Completion& b) {
  return std::equal(a.tool_calls.begin(), a.tool_calls.end(), b.tool_calls.begin(), b.tool_calls.end(),
                    [](const ToolCall& x, const ToolCall& y) {
                      const auto arguments = [](const ToolCall& call) {
                        return call.arguments.empty() ? std::string_view("{}") : std::string_view(call.arguments);
                      };
                      if (x.name != y.name) return false;
                      return x.arguments == y.arguments || same_json_in(arguments(x), arguments(y)).value_or(false);
                    });
}

}  // namespace

std::optional<double> final_number(std::string_view text) {
  text = ending(text, compared_max);
  const std::optional<double> marked = marked_number(text, fold_case(text));
  return marked ? marked : value_of(last_number(text));
}

std::optional<char> final_choice(std::string_view text) {
  text = ending(text, compared_max);
  const std::optional<char> marked = marked_choice(text, fold_case(text));
  if (marked) return marked;
  std::optional<char> out;
  int words = 0;
  const bool brackets = text.find('(') != std::string_view::npos;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool chooses = text[i] >= 'A' && text[i] <= 'J' && stands_alone(text, i);
    const bool in_brackets = i > 0 && text[i - 1] == '(' && i + 1 < text.size() && text[i + 1] == ')';
    if (is_letter_byte(text[i]) && (i == 0 || !is_letter_byte(text[i - 1]))) ++words;
    if (chooses && (in_brackets || words == 1)) out = text[i];
    if (words == 2 && !brackets) return std::nullopt;
  }
  return out;
}

std::string_view json_in(std::string_view text) {
  if (text.size() > json_max) return {};
  const std::size_t begin = text.find_first_of("{[");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = text.find_last_of("}]");
  if (end == std::string_view::npos || end < begin) return {};
  const std::string_view out = text.substr(begin, end + 1 - begin);
  return is_json(out, false) ? out : std::string_view();
}

std::string normalised(std::string_view text) {
  const std::string plain = without_prose_marks(ending(text, compared_max));
  std::string out;
  for (std::size_t at = 0; at < plain.size();) {
    const std::size_t end = std::min(plain.find(' ', at), plain.size());
    const std::string_view word = std::string_view(plain).substr(at, end - at);
    if (!word.empty() && word != "a" && word != "an" && word != "the") out.append(out.empty() ? "" : " ").append(word);
    at = end + 1;
  }
  return out;
}

bool same_answer(const Completion& a, const Completion& b, CompareAs compare) {
  if (!a.tool_calls.empty() || !b.tool_calls.empty()) return same_calls(a, b);
  const std::string_view one = AnswerText::behind_thoughts(a.text);
  const std::string_view other = AnswerText::behind_thoughts(b.text);
  if (compare == CompareAs::number) return same_if_both(final_number(one), final_number(other)).value_or(false);
  if (compare == CompareAs::choice) return same_if_both(final_choice(one), final_choice(other)).value_or(false);
  if (compare == CompareAs::json) return same_json_in(one, other).value_or(false);
  if (compare == CompareAs::text) return normalised(one) == normalised(other);
  return same_by_itself(ending(one, compared_max), ending(other, compared_max));
}

}  // namespace triage::verify
