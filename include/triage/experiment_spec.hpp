#pragma once
// The part of the configuration that describes an experiment on a route. Names are those of the YAML;
// docs/experiments.md explains how they work together.

#include "triage/boxed.hpp"
#include "triage/quality_signal.hpp"
#include "triage/secret.hpp"
#include "triage/units.hpp"
#include "triage/url.hpp"
#include "triage/words.hpp"

#include <any>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct ArmSpec;

enum class Arm : std::uint8_t { control, treatment };
template <>
inline constexpr std::array<std::string_view, 2> words<Arm>{"control", "treatment"};

/// What requests are kept together by: all requests of one unit get the same arm.
enum class UnitKind : std::uint8_t { header, field, metadata, session, key };
template <>
inline constexpr std::array<std::string_view, 5> words<UnitKind>{"header", "field", "metadata", "session", "key"};

/// One place where the unit of a request is looked for; the first that is there and not empty is the unit.
struct UnitSpec {
  std::string kind;  ///< a word of UnitKind
  /// A std::string: the name of the header, of the body's top-level member (`user`), of the entry of `metadata`. Empty
  /// for the other kinds.
  std::any options;

  [[nodiscard]] UnitKind place() const { return from_word<UnitKind>(kind).value_or(UnitKind::key); }
  [[nodiscard]] std::string name() const {
    const auto* const written = std::any_cast<std::string>(&options);
    return written != nullptr ? *written : std::string();
  }
  bool operator==(const UnitSpec& other) const { return kind == other.kind && name() == other.name(); }
};

/// One step of the rollout. It ends when it has lasted `at_least`, and `units_min` units have been seen in each arm,
/// and no guardrail speaks against it.
struct StageSpec {
  double share = 0;  ///< of the units, that get the treatment
  milliseconds at_least{0};
  std::uint32_t units_min = 0;
  bool operator==(const StageSpec&) const = default;
};

/// The treatment may be worse than control by less than `margin` in this signal: a difference of means in [0,1].
struct GuardrailSpec {
  QualitySignal signal = QualitySignal::error;
  double margin = 0.01;
  double weight = 1;  ///< relative to the other guardrails: its part of alpha
  /// `cost` only: a dearer request counts as one that costs this; 0: from control's first requests
  double cap_usd = 0;
  bool operator==(const GuardrailSpec&) const = default;
};

enum class OnBreach : std::uint8_t { rollback, hold };
template <>
inline constexpr std::array<std::string_view, 2> words<OnBreach>{"rollback", "hold"};

/// Told of every decision by a signed POST.
struct WebhookSpec {
  Url url;
  Secret secret;  ///< key of the HMAC-SHA256 in `x-triage-signature`; empty: the POST is not signed
  milliseconds timeout{5'000};
  std::uint32_t attempts = 5;
};

/// Compares two policies of a route. Loading fills in both arms and all defaults.
struct ExperimentSpec {
  std::string name;
  std::string version;     ///< not a key: a hash, 8 hex digits, over all of this but `webhook` and both policies
  std::string salt;        ///< of the assignment; empty: the name
  Boxed<ArmSpec> control;  ///< empty, when not loaded: the route itself
  Boxed<ArmSpec> treatment;
  std::vector<UnitSpec> unit;     ///< empty: the key. A request without any of these is a unit of its own
  std::vector<StageSpec> stages;  ///< empty: 1 %, 10 %, 50 %, 100 %, for 1, 2, 4 and 0 days
  std::vector<GuardrailSpec> guardrails;
  double alpha = 0.05;  ///< the probability of a rollback where the treatment is no worse
  OnBreach on_breach = OnBreach::rollback;
  /// Experiments of one group never share a unit: each has an equal part of the units, and shares are of that part.
  /// Empty: in no group.
  std::string exclusive;
  milliseconds window{600'000};         ///< a unit's first window; each next is twice as long (docs/statistics.md)
  std::uint32_t units_max = 1'000'000;  ///< that are told apart; more are not counted
  std::optional<WebhookSpec> webhook;
};

}  // namespace triage
