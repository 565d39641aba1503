#pragma once
// The part of the configuration in which models are asked on purpose more than once: cascades. Names as in the YAML;
// docs/cascade.md says what they mean together.

#include "triage/words.hpp"

#include <any>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// One verifier: `kind` names it; `options` are of the type that its file in src/verify has for them.
struct VerifierSpec {
  std::string kind;
  std::any options;  ///< empty: all at their defaults
};

enum class HoldMode : std::uint8_t { full, none, window };
template <>
inline constexpr std::array<std::string_view, 3> words<HoldMode>{"full", "none", "window"};

/// How much of a streamed answer is held back until it is verified.
struct HoldSpec {
  HoldMode mode = HoldMode::full;  ///< a window ends with the first bound that is reached
  std::int64_t tokens = 0;         ///< 0: no bound
  std::int64_t ms = 0;             ///< from the answer's first byte; 0: no bound
};

struct CascadeSpec {
  VerifierSpec verify;
  HoldSpec hold;
  std::uint32_t escalations_max = 1;
  double escalation_share = 0.3;  ///< of the last `escalation_window` requests: more is warned of
  std::uint32_t escalation_window = 1'000;
};

}  // namespace triage
