#pragma once

#include <cstddef>

namespace triage {

/// Readable bytes that follow every whole body, so that SIMD parsers may read past its end.
inline constexpr std::size_t body_padding = 64;

}  // namespace triage
