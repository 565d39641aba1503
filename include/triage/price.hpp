#pragma once
// What tokens cost. Exact: rates are integers, a sum is rounded once.

#include "triage/request.hpp"

#include <cstdint>
#include <optional>

namespace triage {

/// Femto-USD (1e-15) per token: 1 USD per million tokens is 1'000'000'000.
struct Rate {
  std::int64_t femto_usd = 0;
  bool operator==(const Rate&) const = default;
};

}  // namespace triage
