#pragma once
// Vectors with 4 bits for each dimension, and how much that loses.

#include "similarity/codes.hpp"
#include "similarity/large_pages.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace triage::similarity {

/// A vector with 8 bits for each dimension: number * scale.
struct Rounded {
  explicit Rounded(std::span<const float> vector);

  CodeNumbers numbers;
  std::int32_t sum = 0;  ///< of the numbers
  float scale = 0;
  float loss = 0;  ///< length of the difference to the vector
};

/// Sketches of vectors of one size, by row.
class Sketches {
 public:
  Sketches(std::size_t rows, std::size_t dimensions);

  /// Makes the sketch of row `row` and replaces `vector` by what it leaves of it.
  void set(std::size_t row, std::span<float> vector);

  [[nodiscard]] std::size_t rows() const noexcept { return scales_.size(); }
  /// out[i] becomes the product of the sketch of row rows[i] and `query`. There are at most dots_max rows.
  void dots(std::span<const std::uint32_t> rows, const Rounded& query, float* out) const noexcept;
  static constexpr std::size_t dots_max = 64;
  /// Not less than the length of what the row's sketch leaves, by hardly anything.
  [[nodiscard]] float loss(std::size_t row) const noexcept { return losses_[row]; }
  /// Not less than the length of any sketch.
  [[nodiscard]] float longest() const noexcept { return longest_; }

 private:
  [[nodiscard]] std::size_t stride() const noexcept { return units_ * unit_bytes; }

  CodeWidth width_ = widest_codes();
  std::size_t units_;
  std::vector<std::uint8_t, LargePages<std::uint8_t>> codes_;
  std::vector<float> scales_;
  std::vector<float> losses_;
  float longest_ = 0;
};

}  // namespace triage::similarity
