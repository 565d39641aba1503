#pragma once
// Options of the router `llm`.

#include "triage/units.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// One answer that a model may give when asked to route.
struct LabelSpec {
  std::string label;
  std::string tier;
  std::string text;  ///< which requests it is for
};

struct LabelledSpec {
  std::string text;
  std::string label;
};

struct VerdictCacheSpec {
  std::uint32_t entries = 10'000;  ///< 0: none
  milliseconds ttl{3'600'000};
};

/// How much of a request the routing model is shown.
enum class Sees : std::uint8_t { turn, conversation };
template <>
inline constexpr std::array<std::string_view, 2> words<Sees>{"turn", "conversation"};

/// A router that asks a small model for the tier.
struct LlmRouterSpec {
  std::string deployment;
  milliseconds timeout{400};
  std::string prompt;             ///< instructions before the labels; empty: the built-in text
  std::vector<LabelSpec> labels;  ///< empty: one for each tier of the order that the route has
  std::vector<LabelledSpec> examples;
  Sees sees = Sees::turn;
  ByteSize sees_max{4 * 1024};  ///< bound on what the model is shown; of more, the beginning and the end
  bool structured = true;       ///< its answer must satisfy a JSON schema
  VerdictCacheSpec cache;
};

}  // namespace triage
