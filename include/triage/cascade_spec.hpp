#pragma once
// The part of the configuration in which models are asked on purpose more than once: cascades and their verifiers.
// Names as in the YAML; docs/cascade.md says what they mean together.

#include "triage/boxed.hpp"

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
inline constexpr std::array<std::string_view, 8> check_names{"empty",      "refusal",  "hedging", "truncated",
                                                             "repetition", "language", "json",    "tools"};

struct ChecksSpec {
  std::vector<std::string> skip;        ///< of check_names
  std::optional<std::string> required;  ///< RE2 that must match somewhere in the answer
  std::optional<double> grounded;       ///< least share of the answer's words that the request's context holds
};

/// The model itself is asked how sure it is, in the same call.
struct SelfSpec {
  std::string instruction;  ///< empty: the built-in one
  std::string pattern;      ///< RE2 with one group, the confidence as 0..1, 0..100 or n%; empty: the built-in one
  double at_least = 0.7;
};

inline constexpr std::array<std::string_view, 2> logprob_uses{"mean", "min"};

struct LogprobSpec {
  std::string use = "mean";  ///< one of logprob_uses
  std::string calibration;   ///< file that `triage calibrate` wrote; empty: the probability of the token as it is
  double at_least = 0.8;
};

inline constexpr std::array<std::string_view, 2> on_error_names{"escalate", "accept"};

struct LlmVerifierSpec {
  std::string deployment;
  std::string prompt;  ///< empty: the built-in one
  std::chrono::milliseconds timeout{5'000};
  double at_least = 0.5;
  std::string on_error = "escalate";  ///< one of on_error_names
};

inline constexpr std::array<std::string_view, 5> compare_names{"auto", "number", "choice", "json", "text"};

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
  std::string compare = "auto";  ///< one of compare_names
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

inline constexpr std::array<std::string_view, 3> hold_names{"full", "none", "window"};

/// How much of a streamed answer is held back until it is verified.
struct HoldSpec {
  std::string mode = "full";  ///< one of hold_names; a window ends with the first bound that is reached
  std::int64_t tokens = 0;    ///< 0: no bound
  std::int64_t ms = 0;        ///< from the answer's first byte; 0: no bound
};

struct CascadeSpec {
  VerifierSpec verify;
  HoldSpec hold;
  std::uint32_t escalations_max = 1;
  double escalation_share = 0.3;  ///< of the last `escalation_window` requests: more is warned of
  std::uint32_t escalation_window = 1'000;
};

}  // namespace triage
