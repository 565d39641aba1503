// One pass per detector, in this order, because a key may contain what looks like a number, and a card number what
// looks like a telephone number. A pattern finds candidates; a check of the digits and of the neighbours decides,
// because RE2 has no look-behind.
//
//   card   13 to 19 digits, alone or in groups, that begin like a card's (ISO/IEC 7812) and pass Luhn's check
//   phone  +49 30 1234567 (E.164: at most 15 digits), (555) 123-4567, 030 1234567, 01 23 45 67 89
#include "text/redactor.hpp"

#include "base/ascii.hpp"

#include <re2/re2.h>
#include <algorithm>

namespace triage {
namespace {

// A letter of any script.
bool letter(char c) noexcept {
  return is_letter(c) || static_cast<unsigned char>(c) > 0x7f;
}

std::string digits_of(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), is_digit);
  return out;
}

// The characters right before and after a match; '\0' at the ends of the text.
struct Find {
  std::string_view text;
  char before;
  char behind;
};

// Whether the number does not continue in letters, digits or a decimal point, which would make it another one.
bool stands_alone(const Find& find) noexcept {
  const auto goes_on = [](char c) { return letter(c) || is_digit(c) || c == '_'; };
  return !goes_on(find.before) && !goes_on(find.behind) &&
         std::string_view("-./+#=").find(find.before) == std::string_view::npos;
}

bool passes_luhn(std::string_view digits) noexcept {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int value = digits[digits.size() - 1 - i] - '0';
    sum += i % 2 == 0 ? value : value > 4 ? 2 * value - 9 : 2 * value;
  }
  return sum % 10 == 0;
}

bool is_card(const Find& find) {
  const std::string digits = digits_of(find.text);
  const int lead = (digits[0] - '0') * 10 + digits[1] - '0';
  const bool issued = digits[0] == '4' || digits[0] == '6' || (lead >= 51 && lead <= 55) ||
                      (lead >= 22 && lead <= 27) || lead == 30 || (lead >= 34 && lead <= 39);
  return issued && stands_alone(find) && passes_luhn(digits) && digits.find_first_not_of(digits[0]) != digits.npos;
}

bool is_phone(const Find& find) {
  const std::size_t digits = digits_of(find.text).size();
  const bool international = find.text.front() == '+';
  if (letter(find.before) || is_digit(find.before) || letter(find.behind) || is_digit(find.behind)) return false;
  if (!international && !stands_alone(find)) return false;
  return digits >= (international ? 8U : 9U) && digits <= 15;
}

// Words begin with "sk-" and the like, too; keys have digits.
bool is_key(const Find& find) {
  const bool short_mark = find.text[2] == '-' || find.text[2] == '_';
  return !letter(find.before) && !is_digit(find.before) && (!short_mark || std::ranges::any_of(find.text, is_digit));
}

// A word behind "token:" is a secret only if it looks made up.
bool is_secret(const Find& find) {
  const auto has = [&](auto kind) { return std::ranges::any_of(find.text, kind); };
  return has(is_digit) && has(letter);
}

bool always(const Find&) {
  return true;
}

constexpr const char* private_key =
    R"((?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z))";
constexpr const char* known_key =
    R"((?:(?:sk|pk|rk|tk)[-_][A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|)"
    R"(xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|hf_[A-Za-z0-9]{20,}|)"
    R"(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*))";
constexpr const char* bearer = R"((?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/-]{16,}=*))";
constexpr const char* named_secret =
    R"((?i)(?:api[_-]?key|secret|token|passw(?:or)?d)["']?\s*[:=]\s*["']?([A-Za-z0-9._~+/=-]{12,}))";
constexpr const char* email = R"([\pL\pN._%+'-]+@(?:[\pL\pN-]+\.)+\pL{2,})";
constexpr const char* card = R"(\d(?:[ -]?\d){12,18})";
constexpr const char* phone = R"(\+\d(?:[ ()./-]{0,3}\d){7,14}|\(\d{3}\)[ -]?\d{3}[ .-]\d{4}|)"
                              R"((?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}|0\d(?:[ .-]\d{2}){4}|)"
                              R"(0\d{2,4}[ /-]\d{3,8}(?:[ -]\d{2,4}){0,2})";

}  // namespace

struct Redactor::Detector {
  // `part`: the group to be replaced; 0: the whole match.
  Detector(const std::string& pattern, const char* marker, bool (*check)(const Find&), int part = 0)
      : expression(std::make_unique<RE2>(pattern, RE2::Quiet)), word(marker), is_one(check), group(part) {}

  [[nodiscard]] std::string applied(std::string_view text) const {
    const re2::StringPiece whole(text.data(), text.size());
    std::string out;
    std::size_t kept = 0;
    re2::StringPiece found[2];
    for (std::size_t at = 0; at < text.size();) {
      if (!expression->Match(whole, at, text.size(), RE2::UNANCHORED, found, group + 1)) break;
      const auto begin = static_cast<std::size_t>(found[group].data() - text.data());
      const std::size_t end = begin + found[group].size();
      const Find find{text.substr(begin, end - begin), begin > 0 ? text[begin - 1] : '\0',
                      end < text.size() ? text[end] : '\0'};
      if (end > begin && is_one(find)) {
        out += text.substr(kept, begin - kept);
        out += word;
        kept = end;
      }
      at = std::max(end, at + 1);
    }
    out += text.substr(kept);
    return out;
  }

  std::unique_ptr<RE2> expression;
  std::string_view word;
  bool (*is_one)(const Find&);
  int group;
};

Redactor::Redactor(const std::vector<std::string>& patterns) {
  detectors_.emplace_back(private_key, "[key]", always);
  detectors_.emplace_back(known_key, "[key]", is_key);
  detectors_.emplace_back(bearer, "[key]", always, 1);
  detectors_.emplace_back(named_secret, "[key]", is_secret, 1);
  detectors_.emplace_back(email, "[email]", always);
  detectors_.emplace_back(card, "[card]", is_card);
  detectors_.emplace_back(phone, "[phone]", is_phone);
  for (const std::string& pattern : patterns) detectors_.emplace_back(pattern, "[redacted]", always);
  std::erase_if(detectors_, [](const Detector& detector) { return !detector.expression->ok(); });
}

Redactor::Redactor(Redactor&&) noexcept = default;
Redactor::~Redactor() = default;

std::string Redactor::redacted(std::string_view text) const {
  std::string out(text);
  for (const Detector& detector : detectors_) out = detector.applied(out);
  return out;
}

}  // namespace triage
