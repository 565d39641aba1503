#include "verify/quantity.hpp"

#include "verify/answer_chars.hpp"
#include "verify/units.hpp"

#include <cmath>
#include <cstdlib>
#include <iterator>

namespace triage::verify {
namespace {

constexpr std::size_t digits_max = 64;
constexpr std::size_t unit_words_max = 6;

struct NumberWord {
  std::string_view word;
  double value;
};
constexpr NumberWord number_words[] = {
    {"zero", 0},      {"one", 1},       {"two", 2},       {"three", 3},    {"four", 4},     {"five", 5},
    {"six", 6},       {"seven", 7},     {"eight", 8},     {"nine", 9},     {"ten", 10},     {"eleven", 11},
    {"twelve", 12},   {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17},
    {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},   {"thirty", 30},  {"forty", 40},   {"fifty", 50},
    {"sixty", 60},    {"seventy", 70},  {"eighty", 80},   {"ninety", 90},
};
constexpr NumberWord scales[] = {{"dozen", 12},     {"hundred", 1e2},  {"thousand", 1e3}, {"tsd", 1e3},
                                 {"lakh", 1e5},     {"million", 1e6},  {"mio", 1e6},      {"mln", 1e6},
                                 {"crore", 1e7},    {"billion", 1e9},  {"bn", 1e9},       {"mrd", 1e9},
                                 {"milliard", 1e9}, {"trillion", 1e12}};

// Reads from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest(text) {}

  bool take(std::string_view what) {
    if (!rest.starts_with(what)) return false;
    rest.remove_prefix(what.size());
    return true;
  }
  void blanks() {
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  }
  [[nodiscard]] bool digit(std::size_t at = 0) const { return at < rest.size() && is_digit(rest[at]); }
  std::string_view word() const {
    std::size_t end = 0;
    while (end < rest.size() && is_letter(rest[end])) ++end;
    return rest.substr(0, end);
  }

  std::string_view rest;
};

// Reads "1,000.50", "0,5". False: no digits, or digits that are not a number ("007", "1,00,0").
bool read_decimal(Reader& in, std::string& digits) {
  if (!in.digit() && !(in.rest.starts_with('.') && in.digit(1))) return false;
  bool point = false;
  bool grouped = false;
  while (!in.rest.empty() && digits.size() < digits_max) {
    const char c = in.rest.front();
    if (is_digit(c)) {
      digits += c;
    } else if (c == '.' && in.digit(1) && !point) {
      point = true;
      digits += '.';
    } else if (c == ',' && in.digit(1) && !point) {
      std::size_t group = 1;
      while (in.digit(group)) ++group;
      if (group - 1 == 3 && digits != "0" && (grouped || digits.size() <= 3)) {
        grouped = true;
      } else if (grouped) {
        return false;
      } else {
        point = true;
        digits += '.';
      }
    } else {
      break;
    }
    in.rest.remove_prefix(1);
  }
  return !(digits.size() > 1 && digits[0] == '0' && is_digit(digits[1]));
}

// Reads a power after `value`: "^6", "**6", "e6", "*10^6".
bool read_power(Reader& in, double& value) {
  const auto exponent = [](Reader& from, double& out) {
    const bool brackets = from.take("(");
    const bool negative = from.take("-");
    if (!negative) from.take("+");
    if (!from.digit()) return false;
    std::string digits;
    while (from.digit() && digits.size() < 4) digits += from.rest.front(), from.rest.remove_prefix(1);
    out = std::atof(digits.c_str()) * (negative ? -1 : 1);
    return !brackets || from.take(")");
  };
  Reader ahead = in;
  double power = 0;
  if ((ahead.take("e") || ahead.take("E")) && exponent(ahead, power)) {
    value *= std::pow(10, power);
    in = ahead;
    return true;
  }
  ahead = in;
  if ((ahead.take("^") || ahead.take("**")) && exponent(ahead, power)) {
    value = std::pow(value, power);
    in = ahead;
    return true;
  }
  ahead = in;
  ahead.blanks();
  if (!ahead.take("*") && !ahead.take("x ")) return false;
  ahead.blanks();
  if (!ahead.take("10") || !(ahead.take("^") || ahead.take("**")) || !exponent(ahead, power)) return false;
  value *= std::pow(10, power);
  in = ahead;
  return true;
}

std::string without_idle_zeros(std::string digits) {
  if (digits.starts_with('.')) digits.insert(0, "0");
  if (digits.find('.') == std::string::npos) return digits;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

// Reads what follows a decimal and belongs to its number: "/4" and " 1/2". False: "/" without a number.
bool read_fraction(Reader& in, Quantity& out) {
  std::string below;
  std::string above;
  Reader ahead = in;
  if (ahead.take("/")) {
    if (!ahead.digit()) return true;  // "$5/hour"
    if (!read_decimal(ahead, below) || std::strtod(below.c_str(), nullptr) == 0) return false;
    out.value /= std::strtod(below.c_str(), nullptr);
  } else if (ahead.take(" ") && ahead.digit() && read_decimal(ahead, above) && ahead.take("/") && ahead.digit() &&
             read_decimal(ahead, below) && std::strtod(below.c_str(), nullptr) != 0) {
    out.value += std::strtod(above.c_str(), nullptr) / std::strtod(below.c_str(), nullptr);
  } else {
    return true;
  }
  out.digits.clear();
  in = ahead;
  return true;
}

// Reads "twelve", "twenty-one". False: there is no such word.
bool read_words(Reader& in, double& value) {
  const auto one = [](Reader& from, double& out) {
    const std::string word = to_lower(from.word());
    for (const NumberWord& each : number_words)
      if (each.word == word) {
        out = each.value;
        from.rest.remove_prefix(word.size());
        return true;
      }
    return false;
  };
  if (!one(in, value)) return false;
  Reader ahead = in;
  double more = 0;
  if (value >= 20 && (ahead.take("-") || ahead.take(" ")) && one(ahead, more) && more > 0 && more < 10) {
    value += more;
    in = ahead;
  }
  return true;
}

bool read_value(Reader& in, Quantity& out) {
  if (in.digit() || in.rest.starts_with('.')) {
    std::string digits;
    if (!read_decimal(in, digits)) return false;
    out.value = std::strtod(digits.c_str(), nullptr);
    out.digits = without_idle_zeros(digits);
    if (!read_fraction(in, out)) return false;
    if (read_power(in, out.value)) out.digits.clear();
  } else if (read_words(in, out.value)) {
    out.digits.clear();
  } else {
    return false;
  }
  for (;;) {
    Reader ahead = in;
    ahead.blanks();
    const std::string word = to_lower(ahead.word());
    const auto* scale =
        std::find_if(std::begin(scales), std::end(scales), [&](const NumberWord& each) { return each.word == word; });
    if (scale == std::end(scales)) return true;
    out.value *= scale->value;
    out.digits.clear();
    ahead.rest.remove_prefix(word.size());
    in = ahead;
  }
}

// The unit after a number: words, "/" and "^2". The rest stays in `in`.
std::string read_unit(Reader& in) {
  in.blanks();
  std::string out;
  std::size_t words = 0;
  while (!in.rest.empty()) {
    const char c = in.rest.front();
    if (in.rest.starts_with("^2") || in.rest.starts_with("^3")) {
      out += in.rest.substr(0, 2);
      in.rest.remove_prefix(2);
    } else if (is_wordy(c) && (!is_digit(c))) {
      if (out.empty() || out.back() == ' ' || out.back() == '/')
        if (++words > unit_words_max) break;
      out += c;
      in.rest.remove_prefix(1);
    } else if (c == '%' && out.empty()) {
      out += c;
      in.rest.remove_prefix(1);
    } else if ((c == ' ' || c == '/' || c == '-' || c == '\'') && in.rest.size() > 1 && is_wordy(in.rest[1]) &&
               !is_digit(in.rest[1])) {
      out += c;
      in.rest.remove_prefix(1);
    } else {
      break;
    }
  }
  return out;
}

std::string_view currency(Reader& in) {
  for (const std::string_view sign : {"US$", "$", "\u20ac", "\u00a3", "\u00a5", "\u20b9", "\u20a9", "\u20bd"})
    if (in.take(sign)) {
      in.blanks();
      return sign;
    }
  return {};
}

std::optional<Quantity> read(Reader& in) {
  Quantity out;
  bool negative =
      in.take("-") || in.take("minus ") || in.take("Minus ") || in.take("negative ") || in.take("Negative ");
  if (!negative) in.take("+");
  std::string unit(currency(in));
  if (!negative) negative = in.take("-");
  if (!read_value(in, out)) return std::nullopt;
  if (negative) {
    out.value = -out.value;
    if (!out.digits.empty() && out.value != 0) out.digits.insert(0, "-");
  }
  out.spelled = out.value;
  const bool tight = !in.rest.empty() && is_letter(in.rest.front());
  const std::string words = read_unit(in);
  const Unit named = unit_named(unit + " " + words);
  // "5x" and "5 x" are products.
  const bool letter = words.size() == 1 && is_letter(words[0]);
  if (letter && (tight || named.kind.empty())) return std::nullopt;
  if (tight && named.kind.empty() && words.size() < 3) return std::nullopt;
  out.kind = named.kind;
  out.words = named.words;
  out.value *= named.factor;
  if (named.factor != 1) out.digits.clear();
  return out;
}

bool close(double a, double b) {
  return a == b || std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

Sameness same_if(bool same) {
  return same ? Sameness::same : Sameness::different;
}

}  // namespace

std::optional<Quantity> read_quantity(std::string_view plain) {
  Reader in(trimmed(plain));
  std::optional<Quantity> out = read(in);
  in.blanks();
  return in.rest.empty() ? out : std::nullopt;
}

std::optional<Quantity> leading_quantity(std::string_view plain, std::string_view& behind) {
  Reader in(plain);
  std::optional<Quantity> out = read(in);
  behind = in.rest;
  return out;
}

Sameness compare(const Quantity& a, const Quantity& b, bool percent) {
  if (!std::isfinite(a.value) || !std::isfinite(b.value)) return Sameness::unclear;
  const bool words_agreed = words_agree(a.words, b.words);
  if ((a.kind == "percent") != (b.kind == "percent")) {
    const Quantity& share = a.kind == "percent" ? a : b;
    const Quantity& bare = a.kind == "percent" ? b : a;
    if (!bare.kind.empty() || !words_agreed) return Sameness::unclear;
    return same_if(close(percent ? share.spelled : share.value, bare.value));
  }
  const bool one_unit = a.kind.empty() || b.kind.empty();
  if (!one_unit && a.kind != b.kind) return Sameness::different;
  const bool as_spelled = one_unit && a.kind != b.kind;
  const bool exact = !a.digits.empty() && !b.digits.empty();
  const bool same = exact ? a.digits == b.digits : as_spelled ? close(a.spelled, b.spelled) : close(a.value, b.value);
  if (!same) return Sameness::different;
  const bool other_thing = as_spelled && !(a.kind.empty() ? a.words : b.words).empty();
  return words_agreed && !other_thing ? Sameness::same : Sameness::unclear;
}

}  // namespace triage::verify
