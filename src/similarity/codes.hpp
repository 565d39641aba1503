#pragma once
// Dot products of 4-bit codes with a vector of 8-bit numbers: 128 codes at once with AVX-512 VNNI, 64 with AVX2, 32
// with SSE2 and in plain C++.
//
// A unit is 64 dimensions in 32 bytes: byte i holds the code of dimension i in its low and that of i + 32 in its high
// half. Codes are 0..15, numbers -127..127.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace triage::similarity {

inline constexpr std::size_t unit_dimensions = 64;
inline constexpr std::size_t unit_bytes = unit_dimensions / 2;

/// The numbers of a vector in the order of the codes' halves.
class CodeNumbers {
 public:
  /// All zero.
  explicit CodeNumbers(std::size_t dimensions)
      : units_((dimensions + unit_dimensions - 1) / unit_dimensions),
        half_((units_ + 1) / 2 * 2 * unit_bytes),
        numbers_(2 * half_) {}

  void set(std::size_t dimension, std::int8_t number) noexcept {
    const std::size_t inside = dimension % unit_dimensions;
    const std::size_t at = dimension / unit_dimensions * unit_bytes + inside % unit_bytes;
    numbers_[inside < unit_bytes ? at : half_ + at] = number;
  }

  [[nodiscard]] std::size_t units() const noexcept { return units_; }
  /// Those that the low halves are multiplied with, and the high ones; each for an even number of units.
  [[nodiscard]] const std::int8_t* low() const noexcept { return numbers_.data(); }
  [[nodiscard]] const std::int8_t* high() const noexcept { return numbers_.data() + half_; }

 private:
  std::size_t units_;
  std::size_t half_;
  std::vector<std::int8_t> numbers_;
};

/// The ways to multiply, by what the machine must have.
enum class CodeWidth : std::uint8_t { any, avx2, avx512 };
/// The widest that this machine has.
CodeWidth widest_codes() noexcept;

/// out[i] becomes the product of rows[i] and `numbers`. Each row is numbers.units() units of codes. The result does not
/// depend on the width, which the machine must have.
void code_dots(CodeWidth width, std::span<const std::uint8_t* const> rows, const CodeNumbers& numbers,
               std::int32_t* out) noexcept;

}  // namespace triage::similarity
