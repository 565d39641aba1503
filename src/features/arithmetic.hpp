#pragma once
// The arithmetic that a text spells out: "5 * 12 = 60", "16 - 3 - 4 = <<16-3-4=9>>9".

#include "features/tokens.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace triage::features {

struct Arithmetic {
  std::size_t statements = 0;   ///< an expression with an operator, '=', and a number that ends the statement
  std::size_t wrong = 0;        ///< of these, whose sides differ by more than 1 %
  std::size_t scaled = 0;       ///< of these, with a multiplication or division
  std::size_t fractional = 0;   ///< of these, whose result is no integer
  std::vector<double> results;  ///< of the statements, and other numbers right behind a '='; in order
};

/// Words between a number and an operator ("3 hours * 60") are skipped, two at most. An expression has 64 tokens at
/// most, and a text 256 statements: what is beyond is not read.
Arithmetic read_arithmetic(std::span<const Token> tokens);

/// Whether two numbers are the same as people write them: they differ by at most 1 %, or 0.005.
bool same_number(double a, double b) noexcept;

}  // namespace triage::features
