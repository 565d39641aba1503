// number = [ "-" ] digits [ "." digits ] [ ( "e" | "E" ) [ "+" | "-" ] digits ]
#include "base/decimal.hpp"

#include <algorithm>
#include <limits>

namespace triage {
namespace {

constexpr int exponent_max = 10'000;  // larger ones count as this

struct Spelled {
  bool negative = false;
  std::string digits;  // without a point and leading zeros
  int exponent = 0;    // value = 0.digits * 10^exponent
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool take(char wanted) noexcept {
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string_view digits() noexcept {
    const std::size_t end = std::min(text_.find_first_not_of("0123456789"), text_.size());
    const std::string_view taken = text_.substr(0, end);
    text_.remove_prefix(end);
    return taken;
  }
  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }

 private:
  std::string_view text_;
};

int small_number(std::string_view digits) noexcept {
  int number = 0;
  for (const char digit : digits) number = std::min(number * 10 + (digit - '0'), exponent_max);
  return number;
}

bool spell(std::string_view text, Spelled& out) {
  Scanner in(text);
  out.negative = in.take('-');
  const std::string_view whole = in.digits();
  if (whole.empty()) return false;
  std::string_view fraction;
  if (in.take('.') && (fraction = in.digits()).empty()) return false;
  if (in.take('e') || in.take('E')) {
    const bool down = in.take('-');
    if (!down) in.take('+');
    const std::string_view digits = in.digits();
    if (digits.empty()) return false;
    out.exponent = down ? -small_number(digits) : small_number(digits);
  }
  out.digits.append(whole).append(fraction);
  const std::size_t zeros = std::min(out.digits.find_first_not_of('0'), out.digits.size());
  out.digits.erase(0, zeros);
  if (out.digits.size() > exponent_max) return false;
  out.exponent += static_cast<int>(std::min<std::size_t>(whole.size(), exponent_max)) -
                  static_cast<int>(std::min<std::size_t>(zeros, exponent_max));
  return in.at_end();
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view text, int places) {
  Spelled spelled;
  if (text.size() > 1'000 || !spell(text, spelled)) return Error{ErrorCode::invalid_value, "it is no number"};
  Decimal out;
  if (spelled.digits.empty()) return out;
  const int kept = spelled.exponent + places;  // digits before the point, once it is placed behind the units
  std::uint64_t units = 0;
  if (kept > 19) return Error{ErrorCode::invalid_value, "it is too large"};
  for (int i = 0; i < kept; ++i) {
    const auto at = static_cast<std::size_t>(i);
    units = units * 10 + (at < spelled.digits.size() ? static_cast<std::uint64_t>(spelled.digits[at] - '0') : 0);
  }
  if (kept < static_cast<int>(spelled.digits.size())) {
    const std::size_t first = static_cast<std::size_t>(std::max(kept, 0));
    out.exact = spelled.digits.find_first_not_of('0', first) == std::string::npos;
    if (kept >= 0 && spelled.digits[first] >= '5') ++units;
  }
  if (units > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return Error{ErrorCode::invalid_value, "it is too large"};
  out.units = spelled.negative ? -static_cast<std::int64_t>(units) : static_cast<std::int64_t>(units);
  return out;
}

std::string format_decimal(std::int64_t units, int places) {
  const bool negative = units < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  std::string digits = std::to_string(magnitude);
  const auto fraction = static_cast<std::size_t>(places);
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  std::string out = negative ? "-" : "";
  out.append(digits, 0, digits.size() - fraction);
  const std::size_t last = digits.find_last_not_of('0');
  if (last != std::string::npos && last >= digits.size() - fraction)
    out.append(".").append(digits, digits.size() - fraction, last + 1 - (digits.size() - fraction));
  return out;
}

}  // namespace triage
