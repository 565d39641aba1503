#pragma once
// The part of the configuration that is about routers: docs/routing.md. Names as in the YAML.

#include "triage/boxed.hpp"
#include "triage/features.hpp"
#include "triage/units.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

struct FixedRouterSpec {
  std::string tier;
};

struct HeaderRouterSpec {
  std::string name = "x-triage-tier";
};

/// Spreads over the deployments of one tier by their weights in the route's `tiers`.
struct WeightedRouterSpec {
  std::string tier;
};

/// All that are set must hold.
struct BoundsSpec {
  std::optional<std::int64_t> gt;
  std::optional<std::int64_t> gte;
  std::optional<std::int64_t> lt;
  std::optional<std::int64_t> lte;
};

/// What a request must look like (triage/features.hpp). All members that are set must hold.
struct ConditionSpec {
  std::optional<BoundsSpec> tokens;      ///< of the last user turn, estimated
  std::optional<BoundsSpec> tokens_all;  ///< of all messages and tools, estimated
  std::vector<std::string> keywords;     ///< any of them, whole words, case-insensitive
  std::optional<std::string> regex;      ///< RE2, anywhere in the last user turn
  std::optional<bool> code;
  std::optional<bool> math;
  std::optional<BoundsSpec> turns;
  std::optional<bool> system;
  std::optional<bool> tools;
  std::optional<ResponseFormat> response_format;
  std::optional<BoundsSpec> images;
  std::optional<BoundsSpec> max_tokens;  ///< never holds if the request sets none
  std::optional<Script> script;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< name -> glob
  std::vector<ConditionSpec> all;
  std::vector<ConditionSpec> any;
  Boxed<ConditionSpec> negated;  ///< `not`
};

/// What kind of task a request is.
enum class TaskClass : std::uint8_t { simple, complex, codegen, math, chat, extraction };
template <>
inline constexpr std::array<std::string_view, 6> words<TaskClass>{"simple", "complex", "codegen",
                                                                  "math",   "chat",    "extraction"};
template <>
inline constexpr std::string_view word_noun<TaskClass> = "class";

struct RuleSpec {
  std::string name;
  ConditionSpec when;
  std::string tier;  ///< empty: none, as the next two
  std::string floor;
  std::string ceiling;
  std::optional<TaskClass> task_class;  ///< `class`
};

struct HeuristicRouterSpec {
  std::vector<RuleSpec> rules;
};

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

/// One router of a chain: `kind` names it, the member of that name holds its options.
struct RouterSpec {
  std::string kind;
  FixedRouterSpec fixed;
  HeaderRouterSpec header;
  WeightedRouterSpec weighted;
  HeuristicRouterSpec heuristic;
  LlmRouterSpec llm;
};

}  // namespace triage
