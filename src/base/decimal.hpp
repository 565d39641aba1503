#pragma once
// Decimal numbers without a double in between: 0.15 is exactly 15 hundredths.

#include "triage/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

struct Decimal {
  std::int64_t units = 0;  ///< the number times 10^places
  bool exact = true;       ///< false: it had more decimals, and was rounded half away from zero
};

/// Parses `-0.15`, `12`, `1.5e-07` into units of 10^-places (places: 0..18). Errors: invalid_value, "it is no number",
/// "it is too large".
Result<Decimal> parse_decimal(std::string_view text, int places);

/// The shortest plain spelling: 150'000'000 with 9 places is "0.15".
std::string format_decimal(std::int64_t units, int places);

}  // namespace triage
