#pragma once
// How hard a question is, and the arithmetic in it, which makes right and wrong answers possible.

#include "simulate/spec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace triage::simulate {

/// The first expression of integers with + - * / (also x, ×, ÷ between spaces or digits), as "12*7" in "What is 12*7?".
/// Usual precedence, no parentheses. None if it overflows or does not divide evenly.
struct Arithmetic {
  std::string_view expression;  ///< in the text
  std::int64_t value = 0;
  int digits = 0;  ///< of its longest number
  int operators = 0;
  bool product = false;  ///< has * or /
};
std::optional<Arithmetic> find_arithmetic(std::string_view text);

/// 1. The marker "difficulty: easy|medium|hard", in any case.  2. Arithmetic: digits + 2 (operators - 1) + 1 for a
/// product: up to 3 easy, up to 5 medium.  3. Words like prove, theorem, step by step, or more than 2,000 bytes: hard;
/// code or more than 500 bytes: medium.  4. Easy.
Difficulty judge_difficulty(std::string_view text, const std::optional<Arithmetic>& arithmetic);

}  // namespace triage::simulate
