#pragma once
// What another policy would have cost and how good it would have been, from the log of the policy that was in force.
// For each request the log says what was done and what came of it; the two policies compared say what they would do,
// and with which probability; so does the logging policy, if part of what it did was drawn at random. Where a policy
// does what the logging policy never does, the log cannot tell (no overlap).
//
//   w = pi(a | x) / pi_log(a | x)                         for the action a that was taken
//   IPS    mean of w y                                     (Horvitz and Thompson, 1952)
//   SNIPS  sum of w y / sum of w                           (Swaminathan and Joachims, 2015)
//   DR     mean of q(x, pi) + w (y - q(x, a))              (Dudik, Langford and Li, 2011)
//
// q is the mean outcome of an action among similar requests of the other half of the units; the estimators are in
// statistics/off_policy.hpp. Requests of one unit count together.

#include "offline/bootstrap.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage::offline {

/// Actions with the probabilities of taking them, by index in ReplayRows::actions.
using ActionShares = std::vector<std::pair<std::uint32_t, double>>;

/// What three policies do with a request.
struct ReplayChoice {
  ActionShares logged;
  ActionShares before;  ///< empty: it cannot be said what it would do
  ActionShares after;   ///< likewise
  std::string tier_before;
  std::string tier_after;
  auto operator<=>(const ReplayChoice&) const = default;
};

/// Where an answer's quality is known from.
enum class QualitySource : std::uint8_t { grades, feedback, signals };
inline constexpr std::array<const char*, 3> quality_source_names{"grades", "feedback", "signals"};

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

struct ReplayRow {
  static constexpr std::uint32_t none = UINT32_MAX;

  std::uint32_t choice = 0;     ///< index in ReplayRows::choices
  std::uint32_t action = none;  ///< that was taken; none: another than the logging policy would take
  std::uint32_t stratum = 0;    ///< similar requests have the same
  std::uint64_t unit = 0;       ///< who was assigned to an arm, else the request itself
  double cost_usd = not_known;
  double cost_usd_after = not_known;  ///< of the same calls, at the prices of the second policy's configuration
  std::array<double, quality_source_names.size()> quality{not_known, not_known, not_known};
};

/// A request that two tiers answered, and whose answers were compared: both outcomes are known.
struct ReplayPair {
  std::uint64_t unit = 0;
  double quality_before = not_known;  ///< NaN: the policy would have taken neither of the two
  double quality_after = not_known;
};

struct ReplayRows {
  std::vector<std::string> actions;
  std::vector<ReplayChoice> choices;
  std::vector<ReplayRow> rows;
  std::vector<ReplayPair> pairs;
};

/// What the log says of one policy in one measure.
struct PolicyValue {
  double lacking = 0;       ///< share of the requests for which it would do what was never done, or cannot be said
  bool told = false;        ///< false: too large a share lacks overlap, or too little of the log is like it
  bool few = false;         ///< the second of these
  double effective = 0;     ///< as many requests of its own would tell as much
  Estimate ips, snips, dr;  ///< dr's interval holds whatever the requests that lack overlap would have given
  Interval bounds;          ///< the same where it is not told; of a cost only below
};

struct ReplayMeasure {
  std::string name;       ///< cost_usd, quality
  std::string source;     ///< of quality: grades, feedback, pairs, signals
  std::size_t known = 0;  ///< requests with a known outcome
  PolicyValue before, after;
  Estimate difference;  ///< after less before, doubly robust

  /// after less `factor` times before.
  Estimate less(double factor) const;

  struct Score {
    std::uint64_t unit;
    double before, after;
  };
  std::vector<Score> scores;  ///< each request's part of dr
  double missing_worst = 0;   ///< the most that one request can add
};

/// The share of requests that may lack overlap before nothing is said.
inline constexpr double lacking_max = 0.01;

/// The measure of cost.
ReplayMeasure replay_cost(const ReplayRows& rows);
/// Those of quality that something is known of, in the order in which they are trusted: grades, feedback, pairs,
/// signals.
std::vector<ReplayMeasure> replay_quality(const ReplayRows& rows);

}  // namespace triage::offline
