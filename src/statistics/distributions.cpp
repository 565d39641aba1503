// The probabilities are the regularised incomplete gamma and beta functions, by series and continued fractions
// (Abramowitz and Stegun 1964, 6.5.29, 6.5.31, 26.5.8); the quantiles are found by bisection.
#include "statistics/distributions.hpp"

#include <cmath>
#include <numbers>

namespace triage::statistics {
namespace {

constexpr double precision = 1e-14;
constexpr double tiny = 1e-300;
constexpr int terms_max = 10'000;

// Lentz' method for 1/(b0 + a1/(b1 + a2/(b2 + ...))) and the like: `term(i)` gives a_i and b_i.
template <class Term>
double continued_fraction(double b0, Term term) {
  double f = b0 == 0 ? tiny : b0;
  double c = f;
  double d = 0;
  for (int i = 1; i < terms_max; ++i) {
    const auto [a, b] = term(i);
    d = b + a * d;
    c = b + a / c;
    d = 1 / (d == 0 ? tiny : d);
    c = c == 0 ? tiny : c;
    f *= c * d;
    if (std::abs(c * d - 1) < precision) break;
  }
  return f;
}

struct Fraction {
  double a;
  double b;
};

double gamma_below(double s, double x) {
  if (x <= 0) return 0;
  const double scale = std::exp(s * std::log(x) - x - std::lgamma(s));
  if (x < s + 1) {
    double term = 1 / s;
    double sum = term;
    for (int i = 1; i < terms_max && term > sum * precision; ++i) sum += term *= x / (s + i);
    return scale * sum;
  }
  const double fraction = continued_fraction(x + 1 - s, [&](int i) {
    return Fraction{-i * (i - s), x + 2.0 * i + 1 - s};
  });
  return 1 - scale / fraction;
}

double beta_below(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta_below(1 - x, b, a);
  const double scale =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x)) / a;
  const double fraction = continued_fraction(1, [&](int i) {
    const double m = i / 2;  // NOLINT(bugprone-integer-division): of pairs of terms
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    return Fraction{i % 2 == 0 ? even : odd, 1};
  });
  return scale / fraction;
}

// Where a rising function reaches `probability`.
template <class Function>
double solve(double probability, double low, double high, Function below) {
  while (below(high) < probability) high *= 2;
  while (low < 0 && below(low) > probability) low *= 2;
  for (int i = 0; i < 200 && high - low > precision * (1 + std::abs(high)); ++i) {
    const double middle = (low + high) / 2;
    (below(middle) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double normal_quantile(double probability) {
  return solve(probability, -8, 8, [](double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; });
}

double student_probability(double x, double degrees) {
  const double tail = beta_below(degrees / (degrees + x * x), degrees / 2, 0.5) / 2;
  return x > 0 ? 1 - tail : tail;
}

double student_quantile(double probability, double degrees) {
  return solve(probability, -8, 8, [&](double x) { return student_probability(x, degrees); });
}

double chi_square_probability(double x, double degrees) {
  return gamma_below(degrees / 2, x / 2);
}

double chi_square_quantile(double probability, double degrees) {
  return solve(probability, 0, degrees + 10, [&](double x) { return chi_square_probability(x, degrees); });
}

}  // namespace triage::statistics
