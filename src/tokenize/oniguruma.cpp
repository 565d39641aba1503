#include "base/ascii.hpp"
#include "tokenize/regex.hpp"

#include <algorithm>
#include <array>

namespace triage::tokenize {

namespace {

// The general categories (UAX 44, table 12), alone and as groups. Any other property must be the name of a script.
constexpr std::array<std::string_view, 36> categories = {
    "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Ps",
    "Pe", "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk", "So", "Z",  "Zs", "Zl", "Zp", "C",  "Cc", "Cf", "Co", "Cn"};

// Oniguruma's \w, as the inside of a class. PCRE2's \w has no marks, and only Oniguruma's has Latin-1's fractions and
// superscripts.
constexpr std::string_view word = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\xB2\\xB3\\xB9\\xBC-\\xBE";

class Translation {
 public:
  explicit Translation(std::string_view pattern) : in_(pattern) {}

  Result<std::string> run() {
    while (at_ < in_.size() && problem_.empty()) {
      switch (in_[at_]) {
        case '\\': escape(false); break;
        case '[': open_class(); break;
        case '(': group(); break;
        case '{': interval(); break;
        default: out_ += in_[at_++];
      }
    }
    if (problem_.empty()) return std::move(out_);
    return Error{ErrorCode::invalid_config, problem_ + " at offset " + std::to_string(at_) + " is not supported"};
  }

 private:
  [[nodiscard]] bool follows(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  void refuse(std::string_view what) { problem_ = what; }
  void copy(std::size_t count) {
    out_ += in_.substr(at_, count);
    at_ += count;
  }

  // Groups without a name, look-around, atomic groups, and options that apply to their own group.
  void group() {
    if (peek(1) == '*') return refuse("(*");
    if (peek(1) != '?') return copy(1);
    for (const std::string_view open : {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!", "(?i:"}) {
      if (follows(open)) return copy(open.size());
    }
    if (follows("(?i)") && at_ == 0) return copy(4);
    refuse(in_.substr(at_, 4));
  }

  // {n,m}, whose meaning differs when something follows it: {n}? is optional in Ruby, {n,m}+ is not possessive.
  void interval() {
    const std::size_t close = in_.find('}', at_);
    const std::string_view inside = in_.substr(at_ + 1, std::min(close, in_.size()) - at_ - 1);
    const bool bounds = !inside.empty() && inside.find_first_not_of("0123456789,") == std::string_view::npos &&
                        std::count(inside.begin(), inside.end(), ',') <= 1 && inside != ",";
    if (close == std::string_view::npos || !bounds) {
      out_ += "\\{";
      ++at_;
      return;
    }
    const char next = close + 1 < in_.size() ? in_[close + 1] : '\0';
    if (next == '+' || (next == '?' && inside.find(',') == std::string_view::npos)) {
      return refuse(in_.substr(at_, close + 2 - at_));
    }
    out_ += inside.front() == ',' ? "{0" : "{";
    out_ += inside;
    out_ += '}';
    at_ = close + 1;
  }

  void open_class() {
    copy(1);
    if (peek() == '^') copy(1);
    if (peek() == ']') return refuse("] as the first of a class");
    while (at_ < in_.size() && peek() != ']' && problem_.empty()) {
      if (peek() == '[') return refuse("[ inside a class");
      if (follows("&&")) return refuse("&& inside a class");
      if (peek() == '\\') {
        escape(true);
      } else {
        copy(1);
      }
    }
    if (peek() == ']') copy(1);
  }

  void escape(bool in_class) {
    const char kind = peek(1);
    switch (kind) {
      case 's': return replace(2, "\\p{White_Space}");
      case 'S': return replace(2, "\\P{White_Space}");
      case 'd': return replace(2, "\\p{Nd}");
      case 'D': return replace(2, "\\P{Nd}");
      case 'w': return replace(2, in_class ? std::string(word) : "[" + std::string(word) + "]");
      case 'v': return replace(2, "\\x0B");
      case 'p':
      case 'P': return property();
      case 'u': return code_point();
      case 'x': return byte_or_code_point();
      case 'W':
        if (!in_class) return replace(2, "[^" + std::string(word) + "]");
        return refuse("\\W inside a class");
      default: break;
    }
    const bool plain = std::string_view("tnrfae").find(kind) != std::string_view::npos && kind != '\0';
    const bool anchor = !in_class && (kind == 'A' || kind == 'z' || kind == 'Z');
    const bool symbol = kind > ' ' && kind < '\x7f' && !is_alphanumeric(kind);
    if (plain || anchor || symbol || kind == ' ') return copy(2);
    refuse(in_.substr(at_, 2));
  }

  static bool is_hex(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  }

  void replace(std::size_t count, std::string_view with) {
    out_ += with;
    at_ += count;
  }

  void property() {
    const std::size_t close = in_.find('}', at_);
    if (peek(2) != '{' || close == std::string_view::npos) return refuse(in_.substr(at_, 2));
    std::string_view name = in_.substr(at_ + 3, close - at_ - 3);
    bool negated = peek(1) == 'P';
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    const bool category = std::find(categories.begin(), categories.end(), name) != categories.end();
    if (name.find_first_of("=:&^") != std::string_view::npos || (name.size() < 3 && !category)) {
      return refuse(in_.substr(at_, close + 1 - at_));
    }
    out_ += negated ? "\\P{" : "\\p{";
    if (!category && name != "Alphabetic" && name != "White_Space") out_ += "sc:";
    out_ += name;
    out_ += '}';
    at_ = close + 1;
  }

  void code_point() {
    const std::string_view digits = in_.substr(std::min(at_ + 2, in_.size()), 4);
    if (digits.size() != 4 || !is_hex(digits)) return refuse("\\u");
    replace(6, "\\x{" + std::string(digits) + "}");
  }

  // \x7f, or \x{1f600}. Two digits above 7f would be a byte, not a character.
  void byte_or_code_point() {
    if (peek(2) == '{') {
      const std::size_t close = in_.find('}', at_);
      if (close == std::string_view::npos || !is_hex(in_.substr(at_ + 3, close - at_ - 3))) return refuse("\\x{");
      return copy(close + 1 - at_);
    }
    if (!is_hex(in_.substr(std::min(at_ + 2, in_.size()), 2)) || peek(2) > '7' || at_ + 4 > in_.size()) {
      return refuse("\\x");
    }
    copy(4);
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  std::string problem_;
};

}  // namespace

Result<std::string> to_pcre2(std::string_view pattern) {
  return Translation(pattern).run();
}

}  // namespace triage::tokenize
