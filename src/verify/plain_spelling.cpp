#include "verify/plain_spelling.hpp"

#include "verify/answer_chars.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace triage::verify {
namespace {

struct Spelling {
  std::string_view from;
  std::string_view to;
};

constexpr Spelling marks[] = {
    {"\u2212", "-"},    {"\u2010", "-"},    {"\u2011", "-"},          {"\u2013", "-"},    {"\u00d7", "*"},
    {"\u00b7", "*"},    {"\u22c5", "*"},    {"\u00f7", "/"},          {"\u2044", "/"},    {"\u00bd", " 1/2"},
    {"\u00bc", " 1/4"}, {"\u00be", " 3/4"}, {"\u2153", " 1/3"},       {"\u2154", " 2/3"}, {"\u00b0", " degrees "},
    {"\u221a", "sqrt"}, {"\u03c0", "pi"},   {"\u221e", " infinity "}, {"\u2264", "<="},   {"\u2265", ">="},
    {"\u201c", "\""},   {"\u201d", "\""},   {"\u2018", "'"},          {"\u2019", "'"},    {"\u00ab", "\""},
    {"\u00bb", "\""},   {"\u300c", "\""},   {"\u300d", "\""},         {"\u00a0", " "},    {"\u202f", " "},
    {"\u2009", " "},    {"\u3000", " "},    {"\u200b", ""},           {"\ufeff", ""},     {"\u066a", "%"},
    {"\u066b", "."},    {"\u066c", ","},    {"\u3002", "."},          {"\u3001", ","},
};

constexpr Spelling commands[] = {
    {"dfrac", "\\frac"},  {"tfrac", "\\frac"}, {"cfrac", "\\frac"},     {"left", ""},          {"right", ""},
    {"displaystyle", ""}, {"quad", " "},       {"qquad", " "},          {"cdot", "*"},         {"times", "*"},
    {"div", "/"},         {"pi", "pi"},        {"infty", "infinity"},   {"leq", "<="},         {"le", "<="},
    {"geq", ">="},        {"ge", ">="},        {"degree", " degrees "}, {"circ", " degrees "}, {"text", ""},
    {"textbf", ""},       {"mathrm", ""},      {"mathbf", ""},          {"textit", ""},        {"operatorname", ""},
    {"mbox", ""},         {"boxed", ""},       {"mathit", ""},          {"sqrt", "sqrt"},      {"emph", ""},
};

// Appends the replacement of what `text` begins with, beyond ASCII, and sets `size` to the bytes it replaces. False:
// there is none.
bool replaced(std::string_view text, std::size_t& size, std::string& out) {
  for (const Spelling& mark : marks)
    if (text.starts_with(mark.from)) {
      size = mark.from.size();
      out += mark.to;
      return true;
    }
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned code = byte(0) >= 0xe0 ? (byte(0) & 0xfU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU)
                                        : (byte(0) & 0x1fU) << 6 | (byte(1) & 0x3fU);
  size = byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) >= 0xf0 || size > text.size()) return false;
  if (code >= 0xff01 && code <= 0xff5e) {  // full-width forms
    out += static_cast<char>(code - 0xff01 + '!');
    return true;
  }
  for (const unsigned zero :
       {0x660U, 0x6f0U, 0x966U, 0x9e6U, 0xa66U, 0xae6U, 0xbe6U, 0xc66U, 0xce6U, 0xd66U, 0xe50U, 0x1040U})
    if (code >= zero && code < zero + 10) {
      out += static_cast<char>('0' + code - zero);
      return true;
    }
  const bool superscript =
      code == 0xb2 || code == 0xb3 || code == 0xb9 || code == 0x2070 || (code >= 0x2074 && code <= 0x2079);
  if (!superscript && code != 0x207b) return false;
  const bool goes_on = out.size() > 1 && out.ends_with('\x01');  // marks the end of a superscript
  if (goes_on) out.pop_back();
  if (!goes_on) out += '^';
  out += code == 0x207b ? '-'
         : code == 0xb9 ? '1'
         : code < 0x100 ? static_cast<char>('2' + code - 0xb2)
                        : static_cast<char>('0' + code - 0x2070);
  out += '\x01';
  return true;
}

std::string ascii_marks(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = 1;
    if (static_cast<unsigned char>(text[at]) < 0xc0 || !replaced(text.substr(at), size, out)) {
      if (text[at] != '\x01') out += text.substr(at, std::max<std::size_t>(size, 1));
    }
    at += std::max<std::size_t>(size, 1);
  }
  std::erase(out, '\x01');
  return out;
}

// The end of the group that begins with the brace at `at`, after its closing one; npos: there is none.
std::size_t group_end(std::string_view text, std::size_t at) {
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at + 1;
  }
  return std::string_view::npos;
}

class Latex {
 public:
  std::string plain(std::string_view text, int depth = 0) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        at = command(text, at, out, depth);
      } else if (text[at] == '^' && at + 1 < text.size() && text[at + 1] == '{') {
        at = power(text, at, out, depth);
      } else if (text.substr(at).starts_with("{,}")) {
        out += ',';
        at += 3;
      } else {
        out += text[at++];
      }
    }
    return out;
  }

 private:
  // The group or the one character at `at`, which moves to its end.
  std::string argument(std::string_view text, std::size_t& at, int depth) {
    while (at < text.size() && text[at] == ' ') ++at;
    if (at >= text.size()) return {};
    if (text[at] != '{') return std::string(1, text[at++]);
    const std::size_t end = group_end(text, at);
    const std::size_t begin = at + 1;
    at = std::min(end, text.size());
    if (end == std::string_view::npos || depth > 16) return std::string(text.substr(begin));
    return plain(text.substr(begin, end - 1 - begin), depth + 1);
  }

  static std::string in_parentheses(std::string text) {
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    const bool simple = std::all_of(text.begin() + static_cast<std::ptrdiff_t>(sign), text.end(),
                                    [](char c) { return is_alphanumeric(c) || c == '.'; });
    return simple ? text : "(" + text + ")";
  }

  std::size_t power(std::string_view text, std::size_t at, std::string& out, int depth) {
    const std::size_t begin = ++at;
    const std::string raised = argument(text, at, depth);
    if (at <= begin) return begin;
    const bool number = !raised.empty() && raised.find_first_not_of("-0123456789") == std::string::npos;
    if (raised.find("degrees") != std::string::npos)
      out += raised;
    else
      out.append("^").append(number ? raised : in_parentheses(raised));
    return at;
  }

  std::size_t command(std::string_view text, std::size_t at, std::string& out, int depth) {
    std::size_t end = at + 1;
    while (end < text.size() && is_letter(text[end])) ++end;
    if (end == at + 1) {  // "\$", "\%", "\{"; "\,", "\(" and others make spaces and formulas
      const char c = text[end];
      if (c == '$' || c == '%' || c == '{' || c == '}' || c == '_' || c == '&' || c == '#') out += c;
      if (c == ' ' || c == '\\') out += ' ';
      return end + 1;
    }
    std::string_view name = text.substr(at + 1, end - at - 1);
    const auto known =
        std::find_if(std::begin(commands), std::end(commands), [&](const Spelling& each) { return each.from == name; });
    if (name == "frac" || (known != std::end(commands) && known->to == "\\frac")) {
      const std::string above = argument(text, end, depth);
      const std::string below = argument(text, end, depth);
      // "1\frac{1}{2}" is one and a half.
      if (!out.empty() && is_digit(out.back())) out += ' ';
      out.append(in_parentheses(above)).append("/").append(in_parentheses(below));
      return end;
    }
    if (known == std::end(commands)) {
      out.append("\\").append(name);
      return end;
    }
    if (known->to == " degrees " && out.ends_with('^')) out.pop_back();
    out += known->to;
    if (end >= text.size() || text[end] != '{') return end;
    const std::string inner = argument(text, end, depth);
    out += known->from == "sqrt" ? "(" + inner + ")" : inner;
    return end;
  }
};

// "$x$" without the dollars of a formula, but not "$5 and $6".
std::string without_formula_marks(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '$') {
      out += text[at];
      continue;
    }
    const bool twice = text.substr(at).starts_with("$$");
    const std::size_t begin = at + (twice ? 2 : 1);
    const std::size_t end = text.find(twice ? "$$" : "$", begin);
    const std::size_t behind = end == std::string_view::npos ? end : end + (twice ? 2 : 1);
    const bool formula = end != std::string_view::npos && end > begin && !is_blank(text[end - 1]) &&
                         !is_blank(text[begin]) && text[end - 1] != '\\' &&
                         (behind >= text.size() || !(is_digit(text[behind]) || is_letter(text[behind])));
    if (!formula || (at > 0 && text[at - 1] == '\\')) {
      out += '$';
      continue;
    }
    out += text.substr(begin, end - begin);
    at = behind - 1;
  }
  return out;
}

// "**Paris**" and "`x`" without the emphasis, but not "2 * 3", "2**3" and "*.txt".
std::string without_emphasis(std::string_view text) {
  constexpr std::string_view around = "\"'(),.:;!?[]";
  const auto apart = [&](char c) { return is_blank(c) || around.find(c) != std::string_view::npos; };
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char mark = text[at];
    if (mark != '*' && mark != '`') {
      out += text[at++];
      continue;
    }
    const std::size_t begin = std::min(text.find_first_not_of(mark, at), text.size());
    const std::string_view run = text.substr(at, begin - at);
    const bool opens = (at == 0 || apart(text[at - 1])) && begin < text.size() && !is_blank(text[begin]);
    const std::size_t end = opens ? text.find(run, begin) : std::string_view::npos;
    const std::size_t behind = end == std::string_view::npos ? end : end + run.size();
    const bool closes = behind != std::string_view::npos && !is_blank(text[end - 1]) &&
                        (behind >= text.size() || apart(text[behind]) || mark == '`');
    out += closes ? text.substr(begin, end - begin) : run;
    at = closes ? behind : begin;
  }
  return out;
}

// "sqrt(3)" becomes "sqrt3".
std::string with_bare_roots(std::string text) {
  for (std::size_t at = text.find("sqrt("); at != std::string::npos; at = text.find("sqrt(", at + 1)) {
    const std::size_t end = text.find_first_not_of("0123456789", at + 5);
    if (end == std::string::npos || end == at + 5 || text[end] != ')') continue;
    if (end + 1 < text.size() && is_wordy(text[end + 1])) continue;
    text.erase(end, 1).erase(at + 4, 1);
  }
  return text;
}

}  // namespace

std::string plain_spelling(std::string_view text) {
  std::string plain = ascii_marks(text);
  if (plain.find_first_of("\\^${") != std::string::npos) plain = Latex().plain(without_formula_marks(plain));
  plain = without_emphasis(plain);
  std::string out;
  char quote = 0;  // in quotes every space counts
  for (const char c : plain) {
    const bool opens = (c == '"' || c == '\'') && (out.empty() || !is_wordy(out.back()));
    if (quote == 0 ? opens : c == quote) quote = quote == 0 ? c : 0;
    if (!is_blank(c) || quote != 0)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return with_bare_roots(std::string(trimmed(out)));
}

}  // namespace triage::verify
