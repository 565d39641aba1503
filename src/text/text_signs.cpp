// Each sign is worth points; from `enough` on the text is code, or mathematics.
//   code   ``` fence 3 · a line that ends in ; { } or starts like a statement 1 · a language with a noun of the trade 3
//   maths  LaTeX command 3 · two operators of mathematics 3 · a term 1 to 3 · "2x + 3 = 7" 1 for each operator between
//          operands, unless it is code · "how many" with two numbers 3
#include "text/text_signs.hpp"

#include "base/ascii.hpp"
#include "base/byte_scan.hpp"
#include "text/keywords.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace triage {
namespace {

constexpr int enough = 3;
constexpr int lines_max = 400;  // nothing new is learnt after these

enum class Sign { language, trade, code, math_1, math_2, math_3, question };

struct Term {
  const char* text;
  Sign sign;
};

constexpr Term terms[] = {
    {"python", Sign::language},
    {"javascript", Sign::language},
    {"typescript", Sign::language},
    {"java", Sign::language},
    {"c++", Sign::language},
    {"c#", Sign::language},
    {"golang", Sign::language},
    {"rust", Sign::language},
    {"ruby", Sign::language},
    {"php", Sign::language},
    {"kotlin", Sign::language},
    {"swift", Sign::language},
    {"scala", Sign::language},
    {"haskell", Sign::language},
    {"bash", Sign::language},
    {"shell", Sign::language},
    {"powershell", Sign::language},
    {"sql", Sign::language},
    {"html", Sign::language},
    {"css", Sign::language},
    {"react", Sign::language},
    {"node.js", Sign::language},
    {"django", Sign::language},
    {"pandas", Sign::language},
    {"numpy", Sign::language},
    {"postgresql", Sign::language},
    {"function", Sign::trade},
    {"script", Sign::trade},
    {"program", Sign::trade},
    {"class", Sign::trade},
    {"method", Sign::trade},
    {"code", Sign::trade},
    {"query", Sign::trade},
    {"bug", Sign::trade},
    {"implement", Sign::trade},
    {"refactor", Sign::trade},
    {"debug", Sign::trade},
    {"compile", Sign::trade},
    {"exception", Sign::trade},
    {"error", Sign::trade},
    {"api", Sign::trade},
    {"library", Sign::trade},
    {"array", Sign::trade},
    {"loop", Sign::trade},
    {"decorator", Sign::trade},
    {"algorithm", Sign::trade},
    {"unit test", Sign::code},
    {"unit tests", Sign::code},
    {"stack trace", Sign::code},
    {"source code", Sign::code},
    {"code review", Sign::code},
    {"regular expression", Sign::code},
    {"regex", Sign::code},
    {"sql query", Sign::code},
    {"segmentation fault", Sign::code},
    {"segfault", Sign::code},
    {"null pointer", Sign::code},
    {"write code", Sign::code},
    {"this code", Sign::code},
    {"pull request", Sign::code},
    {"traceback (most recent call last)", Sign::code},
    {"equation", Sign::math_2},
    {"equations", Sign::math_2},
    {"integral", Sign::math_3},
    {"derivative", Sign::math_3},
    {"theorem", Sign::math_3},
    {"lemma", Sign::math_3},
    {"polynomial", Sign::math_3},
    {"eigenvalue", Sign::math_3},
    {"eigenvalues", Sign::math_3},
    {"determinant", Sign::math_3},
    {"prove that", Sign::math_3},
    {"solve for", Sign::math_3},
    {"prime number", Sign::math_3},
    {"prime numbers", Sign::math_3},
    {"modulo", Sign::math_2},
    {"matrix", Sign::math_1},
    {"probability", Sign::math_2},
    {"triangle", Sign::math_1},
    {"circle", Sign::math_1},
    {"radius", Sign::math_2},
    {"hypotenuse", Sign::math_3},
    {"square root", Sign::math_3},
    {"logarithm", Sign::math_3},
    {"calculus", Sign::math_3},
    {"algebra", Sign::math_3},
    {"geometry", Sign::math_2},
    {"divisible", Sign::math_2},
    {"remainder", Sign::math_2},
    {"integer", Sign::math_1},
    {"integers", Sign::math_1},
    {"real numbers", Sign::math_2},
    {"permutations", Sign::math_2},
    {"calculate", Sign::math_1},
    {"compute", Sign::math_1},
    {"evaluate", Sign::math_1},
    {"simplify", Sign::math_2},
    {"how many", Sign::question},
    {"how much", Sign::question},
    {"what percentage", Sign::question},
    {"what percent", Sign::question},
};

// Openings of code lines, spelled as in code.
constexpr std::string_view openings[] = {
    "def ",     "class ",  "import ",   "from ",      "#include",  "#define", "public ", "private ", "function ",
    "const ",   "let ",    "var ",      "return ",    "return;",   "SELECT ", "INSERT ", "UPDATE ",  "CREATE TABLE",
    "fn ",      "func ",   "package ",  "using ",     "struct ",   "if (",    "for (",   "while (",  "} else",
    "elif ",    "try:",    "except ",   "#!/",        "<?php",     "<html",   "<div",    "</",       "impl ",
    "pub ",     "static ", "template ", "namespace ", "//",        "/*",      "async ",  "await ",   "print(",
    "console.", "$ ",      ">>> ",      "@Override",  "with open("};

constexpr std::array<bool, 256> opening_bytes = [] {
  std::array<bool, 256> out{};
  for (const std::string_view opening : openings) out[static_cast<unsigned char>(opening.front())] = true;
  return out;
}();

constexpr std::string_view latex[] = {"\\frac", "\\int", "\\sum", "\\sqrt", "\\begin{", "\\cdot", "\\left",
                                      "\\pi",   "\\le",  "\\ge",  "\\in ",  "\\times",  "\\lim",  "\\mathbb"};

// Whether the character at `at` can begin or end an operand: a digit, a bracket, or a letter on its own, like a
// variable.
bool ends_operand(std::string_view text, std::size_t at) noexcept {
  if (is_digit(text[at]) || text[at] == ')') return true;
  return is_word_byte(text[at]) && (at == 0 || !is_word_byte(text[at - 1]) || is_digit(text[at - 1]));
}
bool starts_operand(std::string_view text, std::size_t at) noexcept {
  if (is_digit(text[at]) || text[at] == '(') return true;
  return is_word_byte(text[at]) && (at + 1 == text.size() || !is_word_byte(text[at + 1]));
}

}  // namespace

const std::vector<std::string>& sign_words() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> out;
    for (const Term& term : terms) out.emplace_back(term.text);
    return out;
  }();
  return words;
}

void SignCount::add_word(std::size_t index) noexcept {
  switch (terms[index].sign) {
    case Sign::language: language_ = true; break;
    case Sign::trade: trade_ = true; break;
    case Sign::code: code_ += enough; break;
    case Sign::math_1: math_ += 1; break;
    case Sign::math_2: math_ += 2; break;
    case Sign::math_3: math_ += enough; break;
    case Sign::question: question_ = true; break;
  }
}

void SignCount::read_line(std::string_view line) noexcept {
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return;
  line = line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
  if (line.starts_with("```")) code_ += enough;
  const char last = line.back();
  if (last == ';' || last == '{' || last == '}') ++code_;
  if (last == '.' || last == '?' || !opening_bytes[static_cast<unsigned char>(line.front())]) return;
  const auto opens = [line](std::string_view opening) {
    return line.front() == opening.front() && line.starts_with(opening);
  };
  // "import duties rose" is prose: an opening counts only together with punctuation of code.
  if (std::any_of(std::begin(openings), std::end(openings), opens) &&
      line.find_first_of("(){}=;<>:#*/.") != std::string_view::npos)
    code_ += last == ':' ? 2 : 1;  // a block opens
}

void SignCount::read_lines(std::string_view text) noexcept {
  for (int lines = 0; lines < lines_max && !text.empty() && code_ < enough; ++lines) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    read_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// '=', '+', '*', '^' between operands, with at most one space on each side.
void SignCount::read_operation(std::string_view text, std::size_t at) noexcept {
  std::size_t left = at;
  std::size_t right = at + 1;
  if (left > 0 && text[left - 1] == ' ') --left;
  if (right < text.size() && text[right] == ' ') ++right;
  if (left > 0 && right < text.size() && ends_operand(text, left - 1) && starts_operand(text, right)) ++operations_;
}

void SignCount::read_mark(std::string_view text, std::size_t at) noexcept {
  switch (text[at]) {
    case '\\':
      for (const std::string_view command : latex)
        if (text.substr(at).starts_with(command)) math_ += enough;
      break;
    case '\xe2':  // U+2200..227F: operators; U+221A is the root
      if (at + 1 < text.size() && (text[at + 1] == '\x88' || text[at + 1] == '\x89')) math_ += 2;
      break;
    case '=':
    case '+':
    case '*':
    case '^': read_operation(text, at); break;
    default:  // a digit
      if (at == 0 || !is_word_byte(text[at - 1])) ++numbers_;
  }
}

void SignCount::read_marks(std::string_view text) noexcept {
  const auto matches = [](ByteBlock block) {
    return (block - '0' < 10) | (block == '=') | (block == '+') | (block == '*') | (block == '^') | (block == '\\') |
           (block == 0xe2);
  };
  byte_scan::find_all(text.data(), text.data() + text.size(), matches, [&](const char* place) {
    read_mark(text, static_cast<std::size_t>(place - text.data()));
    return math_ < enough;
  });
}

TextSigns SignCount::read(const FoldedText& text) noexcept {
  for (const FoldedText::Part& part : text.parts()) {
    read_lines(part.text);
    read_marks(part.text);
  }
  if (language_ && trade_) code_ += enough;
  TextSigns out;
  out.code = code_ >= enough;
  if (!out.code) math_ += operations_;
  if (question_ && numbers_ >= 2) math_ += enough;
  out.math = math_ >= enough;
  return out;
}

}  // namespace triage
