#pragma once
// Dot products of 4-bit codes with a vector of 8-bit numbers: 64 codes at once with AVX2, 32 with SSE2 and in plain
// C++.
//
// A unit is 64 dimensions in 32 bytes: byte i holds the code of dimension i in its low and that of i + 32 in its high
// half. Codes are 0..15, numbers -127..127.

#include <cstddef>
#include <cstdint>

namespace triage::similarity {

inline constexpr std::size_t unit_dimensions = 64;
inline constexpr std::size_t unit_bytes = unit_dimensions / 2;

/// out[i] is the product of row i and `numbers`. A row is `units` units of codes, `numbers` as many dimensions.
void code_dots(const std::uint8_t* codes, std::size_t rows, const std::int8_t* numbers, std::size_t units,
               std::int32_t* out) noexcept;

/// The same without AVX2. Public for the test that compares the two.
void code_dots_narrow(const std::uint8_t* codes, std::size_t rows, const std::int8_t* numbers, std::size_t units,
                      std::int32_t* out) noexcept;

}  // namespace triage::similarity
