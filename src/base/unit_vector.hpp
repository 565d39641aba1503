#pragma once
// Directions: vectors of length 1.

#include <span>

namespace triage {

/// Scales `vector` to length 1. False: it has no direction, because it is all zero or not finite; it stays as it is.
bool normalise(std::span<float> vector) noexcept;

/// The cosine of two unit vectors of one size; the same on every machine.
double cosine(std::span<const float> a, std::span<const float> b) noexcept;

}  // namespace triage
