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

/// One answer that a model may give when it is asked to route.
struct LabelSpec {
  std::string label;
  std::string tier;
  std::string text;  ///< what belongs under it
};

struct LabelledSpec {
  std::string text;
  std::string label;
};

struct VerdictCacheSpec {
  std::uint32_t entries = 10'000;  ///< 0: none
  milliseconds ttl{3'600'000};
};

/// How much of a request a model is shown that routes it.
enum class Sees : std::uint8_t { turn, conversation };
template <>
inline constexpr std::array<std::string_view, 2> words<Sees>{"turn", "conversation"};

/// A small model names the tier.
struct LlmRouterSpec {
  std::string deployment;
  milliseconds timeout{400};
  std::string prompt;             ///< what it is told before the labels; empty: the built-in text
  std::vector<LabelSpec> labels;  ///< empty: one for each tier of the order that the route has
  std::vector<LabelledSpec> examples;
  Sees sees = Sees::turn;
  ByteSize sees_max{4 * 1024};  ///< of what it sees: of more, the beginning and the end
  bool structured = true;       ///< its answer is bound to a JSON schema
  VerdictCacheSpec cache;
};

}  // namespace triage
