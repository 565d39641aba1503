#pragma once
// What every number that a model reads is called, and what it means. docs/features.md is made of these tables.

#include <span>
#include <string_view>

namespace triage::features {

/// Goes up whenever any number changes for any text. A model carries the version that it was trained with, and is not
/// used with another.
inline constexpr int version = 1;

/// One number of a model's input.
struct Feature {
  std::string_view name;
  std::string_view meaning;
  std::string_view unit;  ///< "ln(1+n)": the natural logarithm of one more than a count
  float low = 0;          ///< no value is smaller
  float high = 1;         ///< no value is greater
};

/// In the order of Difficulty::dense.
std::span<const Feature> difficulty_table() noexcept;
/// In the order of Answer::dense.
std::span<const Feature> answer_table() noexcept;

}  // namespace triage::features
