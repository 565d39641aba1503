#pragma once
// Options of the router `heuristic`: rules, and their conditions on requests.

#include "options/checking.hpp"
#include "options/type.hpp"
#include "triage/boxed.hpp"
#include "triage/chat_view.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// All that are set must hold.
struct BoundsSpec {
  std::optional<std::int64_t> gt;
  std::optional<std::int64_t> gte;
  std::optional<std::int64_t> lt;
  std::optional<std::int64_t> lte;
  bool operator==(const BoundsSpec&) const = default;
};

/// What a request must look like (triage/chat_view.hpp). All members that are set must hold.
struct ConditionSpec {
  std::optional<BoundsSpec> tokens;      ///< of the last user turn, estimated
  std::optional<BoundsSpec> tokens_all;  ///< of all messages and tools, estimated
  std::vector<std::string> keywords;     ///< any of them, as whole words, ignoring case
  std::optional<std::string> regex;      ///< RE2, anywhere in the last user turn
  std::optional<bool> code;
  std::optional<bool> math;
  std::optional<BoundsSpec> turns;
  std::optional<bool> system;
  std::optional<bool> tools;
  std::vector<std::string> called;         ///< globs of tools, one of which was called since the last user turn
  std::optional<BoundsSpec> tool_calls;    ///< since the last user turn
  std::optional<BoundsSpec> failed_calls;  ///< of these, those whose result reports a failure
  std::optional<ResponseFormat> response_format;
  std::optional<BoundsSpec> images;
  std::optional<BoundsSpec> max_tokens;  ///< never holds if the request sets no maximum
  std::optional<Script> script;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< name -> glob
  std::vector<ConditionSpec> all;
  std::vector<ConditionSpec> any;
  Boxed<ConditionSpec> negated;  ///< `not`
  bool operator==(const ConditionSpec&) const = default;
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
  std::string tier;                     ///< empty: none
  std::string floor;                    ///< empty: none
  std::string ceiling;                  ///< empty: none
  std::optional<TaskClass> task_class;  ///< `class`
};

struct HeuristicRouterSpec {
  std::vector<RuleSpec> rules;
};
void describe(options::Describer& v, HeuristicRouterSpec& s);

namespace options {
template <>
inline constexpr std::string_view recursive_name<ConditionSpec> = "condition";
}  // namespace options

}  // namespace triage

namespace triage::routing {

/// Whether `wide` surely holds wherever `narrow` does. False if that is not obvious.
bool implies(const ConditionSpec& narrow, const ConditionSpec& wide);

/// Whether the condition distinguishes requests only by token counts and turns.
bool looks_only_at_length(const ConditionSpec& condition);

/// Reports rules that can never hold, that set nothing, or that name tiers which the route does not have.
void check_rules(const options::Checking& in, const RouteSpec& route, const options::Path& at,
                 const HeuristicRouterSpec& heuristic);

}  // namespace triage::routing
