#include "features/arithmetic.hpp"

#include <array>
#include <cmath>
#include <optional>

namespace triage::features {
namespace {

constexpr std::size_t expression_most = 64;
constexpr std::size_t statements_most = 256;

// '+', '-', '*', '/', however they are spelled; 0: no operator.
char operator_of(const Token& token) noexcept {
  if (token.is_number()) return 0;
  const std::string_view text = token.text;
  if (text == "+" || text == "*" || text == "/") return text.front();
  if (text == "-" || text == "\xe2\x88\x92" || text == "\xe2\x80\x93") return '-';
  if (text == "x" || text == "\xc3\x97" || text == "times" || text == "cdot") return '*';
  if (text == "\xc3\xb7" || text == "div") return '/';
  return 0;
}

bool is_skipped(const Token& token) noexcept {
  return token.is('$') || token.is('\\') || token.is('~') || token.is(',');
}

// An expression's tokens in reading order: numbers, operators and parentheses.
struct Expression {
  struct Part {
    char sign = 0;  // an operator or a parenthesis; 0: a number
    double value = 0;
  };
  std::array<Part, expression_most> parts;
  std::size_t count = 0;
  bool scaled = false;
  std::size_t operators = 0;
};

// Walks left from the '=' at `equals`.
std::optional<Expression> expression_before(std::span<const Token> tokens, std::size_t equals) {
  std::array<Expression::Part, expression_most> reversed;
  std::size_t count = 0;
  int depth = 0;
  int words = 0;
  bool operand = true;  // what is expected
  bool percent = false;
  std::size_t operators = 0;
  bool scaled = false;
  for (std::size_t at = equals; at > 0 && count < expression_most; --at) {
    const Token& token = tokens[at - 1];
    const char sign = operator_of(token);
    if (is_skipped(token)) continue;
    if (operand) {
      if (token.is(')')) {
        ++depth;
        reversed[count++] = {')', 0};
      } else if (token.is_number()) {
        reversed[count++] = {0, percent ? token.value / 100 : token.value};
        percent = operand = false;
        words = 0;
      } else if (token.is('%')) {
        percent = true;
      } else if (sign == 0 && token.is_word() && ++words <= 2) {
        continue;
      } else if (sign == '/' && words > 0) {
        continue;  // "miles/hour"
      } else {
        break;
      }
    } else if (depth > 0 && token.is('(')) {
      --depth;
      reversed[count++] = {'(', 0};
    } else if (sign != 0) {
      reversed[count++] = {sign, 0};
      ++operators;
      scaled |= sign == '*' || sign == '/';
      operand = true;
    } else {
      break;
    }
  }
  // An operator or parenthesis at the front has nothing before it.
  while (count > 0 && reversed[count - 1].sign != 0 && reversed[count - 1].sign != '(') {
    if (reversed[count - 1].sign != ')') --operators;
    --count;
  }
  if (operators == 0 || depth != 0) return std::nullopt;
  Expression out;
  out.count = count;
  out.operators = operators;
  out.scaled = scaled;
  for (std::size_t i = 0; i < count; ++i) out.parts[i] = reversed[count - 1 - i];
  return out;
}

// Recursive descent; parentheses nest at most expression_most / 2 deep.
class Evaluation {
 public:
  explicit Evaluation(const Expression& expression) : in_(expression) {}
  std::optional<double> value() {
    const double out = sum();
    if (!good_ || at_ != in_.count || !std::isfinite(out)) return std::nullopt;
    return out;
  }

 private:
  [[nodiscard]] char sign() const noexcept { return at_ < in_.count ? in_.parts[at_].sign : '\0'; }
  double operand() {
    if (at_ >= in_.count) return fail();
    const Expression::Part& part = in_.parts[at_++];
    if (part.sign == 0) return part.value;
    if (part.sign != '(') return fail();
    const double out = sum();
    if (sign() != ')') return fail();
    ++at_;
    return out;
  }
  double product() {
    double out = operand();
    while (good_ && (sign() == '*' || sign() == '/')) {
      const bool times = in_.parts[at_++].sign == '*';
      const double right = operand();
      if (!times && right == 0) return fail();
      out = times ? out * right : out / right;
    }
    return out;
  }
  double sum() {
    double out = product();
    while (good_ && (sign() == '+' || sign() == '-')) {
      const bool plus = in_.parts[at_++].sign == '+';
      const double right = product();
      out = plus ? out + right : out - right;
    }
    return out;
  }
  double fail() noexcept {
    good_ = false;
    return 0;
  }

  const Expression& in_;
  std::size_t at_ = 0;
  bool good_ = true;
};

struct Side {
  double value = 0;
  bool ends = true;  // no operator follows
};

// The number behind the '=' at `equals`, past signs of currency and "<<".
std::optional<Side> side_behind(std::span<const Token> tokens, std::size_t equals) {
  double sign = 1;
  std::size_t at = equals + 1;
  for (int skipped = 0; at < tokens.size() && skipped < 4 && !tokens[at].is_number(); ++at, ++skipped) {
    if (tokens[at].is('-'))
      sign = -1;
    else if (!is_skipped(tokens[at]) && !tokens[at].is('<'))
      return std::nullopt;
  }
  if (at >= tokens.size() || !tokens[at].is_number()) return std::nullopt;
  Side out{sign * tokens[at].value, true};
  if (at + 1 < tokens.size() && tokens[at + 1].is('%')) {
    out.value /= 100;
    ++at;
  }
  out.ends = at + 1 >= tokens.size() || operator_of(tokens[at + 1]) == 0;
  return out;
}

}  // namespace

bool same_number(double a, double b) noexcept {
  return std::abs(a - b) <= std::max(0.005, 0.01 * std::max(std::abs(a), std::abs(b)));
}

Arithmetic read_arithmetic(std::span<const Token> tokens) {
  Arithmetic out;
  for (std::size_t at = 0; at < tokens.size() && out.results.size() < statements_most; ++at) {
    if (!tokens[at].is('=')) continue;
    const auto right = side_behind(tokens, at);
    if (!right || !right->ends) continue;
    out.results.push_back(right->value);
    const auto expression = expression_before(tokens, at);
    if (!expression) continue;
    const auto left = Evaluation(*expression).value();
    if (!left) continue;
    ++out.statements;
    if (expression->scaled) ++out.scaled;
    if (right->value != std::floor(right->value)) ++out.fractional;
    // A share may be written either way: "20 / 80 = 25 %" and "20 / 80 * 100 = 25 %".
    if (!same_number(*left, right->value) && !same_number(*left, 100 * right->value)) ++out.wrong;
  }
  return out;
}

}  // namespace triage::features
