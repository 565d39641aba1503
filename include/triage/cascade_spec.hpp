#pragma once
// The part of the configuration in which models are asked on purpose more than once: cascades and their verifiers.
// Names as in the YAML; docs/cascade.md says what they mean together.

#include "triage/boxed.hpp"
#include "triage/words.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// What `checks` looks for in an answer.
enum class AnswerCheck : std::uint8_t { empty, refusal, hedging, truncated, repetition, language, json, tools };
template <>
inline constexpr std::array<std::string_view, 8> words<AnswerCheck>{"empty",      "refusal",  "hedging", "truncated",
                                                                    "repetition", "language", "json",    "tools"};
template <>
inline constexpr std::string_view word_noun<AnswerCheck> = "check";

struct ChecksSpec {
  std::vector<AnswerCheck> skip;
  std::optional<std::string> required;  ///< RE2 that must match somewhere in the answer
  std::optional<double> grounded;       ///< least share of the answer's words that the request's context holds
};

/// The model itself is asked how sure it is, in the same call.
struct SelfSpec {
  std::string instruction;  ///< empty: the built-in one
  std::string pattern;      ///< RE2 with one group, the confidence as 0..1, 0..100 or n%; empty: the built-in one
  double at_least = 0.7;
};

/// What is used of the tokens' log-probabilities.
enum class LogprobUse : std::uint8_t { mean, min };
template <>
inline constexpr std::array<std::string_view, 2> words<LogprobUse>{"mean", "min"};
template <>
inline constexpr std::array<std::pair<std::string_view, LogprobUse>, 1> old_words<LogprobUse>{
    {{"least", LogprobUse::min}}};

struct LogprobSpec {
  LogprobUse use = LogprobUse::mean;
  std::string calibration;  ///< file that `triage calibrate` wrote; empty: the probability of the token as it is
  double at_least = 0.8;
};

/// What becomes of an answer about which the judging model says nothing.
enum class OnError : std::uint8_t { escalate, accept };
template <>
inline constexpr std::array<std::string_view, 2> words<OnError>{"escalate", "accept"};

struct LlmVerifierSpec {
  std::string deployment;
  std::string prompt;  ///< empty: the built-in one
  std::chrono::milliseconds timeout{5'000};
  double at_least = 0.5;
  OnError on_error = OnError::escalate;
};

/// What two answers are compared as.
enum class CompareAs : std::uint8_t { automatic, number, choice, json, text };
template <>
inline constexpr std::array<std::string_view, 5> words<CompareAs>{"auto", "number", "choice", "json", "text"};

struct VerifierSpec;

/// The part of a score's range in which it does not tell.
struct BandSpec {
  Boxed<VerifierSpec> of;
  double from = 0.4;  ///< below it the answer is rejected
  double to = 0.9;    ///< from it on it is accepted
};

/// Another deployment answers too.
struct AgreementSpec {
  std::string deployment;
  CompareAs compare = CompareAs::automatic;
  std::chrono::milliseconds timeout{30'000};
  std::optional<BandSpec> unsure;  ///< asked only in it; absent: always
};

struct WeightedPartSpec;

struct WeightedVerifierSpec {
  std::vector<WeightedPartSpec> of;
  double at_least = 0.5;  ///< of the weighted mean of the scores; one without a score counts 1 or 0
};

/// One verifier: `kind` names it, the member of that name holds its options.
struct VerifierSpec {
  std::string kind;
  ChecksSpec checks;
  SelfSpec self;
  LogprobSpec logprob;
  LlmVerifierSpec llm;
  AgreementSpec agreement;
  std::vector<VerifierSpec> all;
  std::vector<VerifierSpec> any;
  WeightedVerifierSpec weighted;
};

struct WeightedPartSpec {
  double weight = 1;
  VerifierSpec verifier;
};

/// Whether it, or one that it combines, is of one of these kinds.
inline bool has_kind(const VerifierSpec& verifier, std::initializer_list<std::string_view> kinds) {
  const auto has = [kinds](const VerifierSpec& part) { return has_kind(part, kinds); };
  const auto any_of = [&has](const std::vector<VerifierSpec>& list) { return std::ranges::any_of(list, has); };
  const auto& unsure = verifier.agreement.unsure;
  return std::ranges::find(kinds, verifier.kind) != kinds.end() || any_of(verifier.all) || any_of(verifier.any) ||
         std::ranges::any_of(verifier.weighted.of, has, &WeightedPartSpec::verifier) ||
         (unsure && unsure->of && has(*unsure->of));
}

/// Whether it says nothing about an answer's beginning.
inline bool needs_the_end(const VerifierSpec& verifier) {
  return has_kind(verifier, {"self", "llm", "agreement"});
}

/// Whether the model is asked for more than the client asks: those that judge must have had it so.
inline bool changes_the_call(const VerifierSpec& verifier) {
  return has_kind(verifier, {"self", "logprob"});
}

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
