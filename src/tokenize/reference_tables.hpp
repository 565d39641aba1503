#pragma once
// What the reference tokenizer takes each code point for. See unicode.hpp.

#include <array>

namespace triage::tokenize {

/// From `first` to `last`, both included.
struct CodePoints {
  char32_t first;
  char32_t last;
};

// Each table is in order.
extern const std::array<CodePoints, 250> marks;
extern const std::array<CodePoints, 266> nonspacing_marks;
extern const std::array<CodePoints, 156> punctuation;
extern const std::array<CodePoints, 146> numbers;
extern const std::array<CodePoints, 25> not_text;
extern const std::array<CodePoints, 88> unnormalized;

}  // namespace triage::tokenize
