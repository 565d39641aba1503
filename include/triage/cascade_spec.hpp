#pragma once
// The part of the configuration that describes cascades, where several models may be asked in turn for one answer.
// Names are those of the YAML; docs/cascade.md explains how they work together.

#include "triage/words.hpp"

#include <any>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace triage {

/// One verifier. `kind` names it; `options` has the type that its file in src/verify defines.
struct VerifierSpec {
  std::string kind;
  std::any options;  ///< empty: all defaults
};

enum class HoldMode : std::uint8_t { full, none, window };
template <>
inline constexpr std::array<std::string_view, 3> words<HoldMode>{"full", "none", "window"};

/// How much of a streamed answer is held back until it is verified.
struct HoldSpec {
  HoldMode mode = HoldMode::full;  ///< a window ends at the first bound it reaches
  std::int64_t tokens = 0;         ///< 0: no bound
  std::int64_t ms = 0;             ///< from the answer's first byte; 0: no bound
};

struct CascadeSpec {
  VerifierSpec verify;
  HoldSpec hold;
  std::uint32_t escalations_max = 1;
  double escalation_share = 0.3;  ///< of the last `escalation_window` requests; above it, the gateway warns
  std::uint32_t escalation_window = 1'000;
};

}  // namespace triage
