#pragma once
// The watch over one route: eight detectors that share its false alarms equally.

#include "drift/distribution_watch.hpp"
#include "drift/mean_watch.hpp"
#include "triage/words.hpp"

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// What may drift: the classifier's scores, the length of prompts, the mix of tiers, the judge's grades, refusals,
/// escalations. `constant`: nearly all requests go to one tier. `chance`: the router chooses no better than a draw that
/// sends as many requests to each tier.
enum class DriftOf : std::uint8_t { score, length, tiers, judge, refusal, escalation, constant, chance };
template <>
inline constexpr std::array<std::string_view, 8> words<DriftOf>{"score",   "length",     "tiers",    "judge",
                                                                "refusal", "escalation", "constant", "chance"};

namespace drift {

/// What a request's record says; what it does not say is absent.
struct Request {
  std::int64_t time_unix_ms = 0;
  std::string tier;
  std::optional<double> score;   ///< the first that a router gave
  std::string model;             ///< the version of the model that gave it
  std::optional<double> tokens;  ///< of the prompt
  std::optional<bool> refusal;
  std::optional<bool> escalated;
};

/// Two tiers answered, and the answers were compared.
struct Comparison {
  std::int64_t time_unix_ms = 0;
  bool strong = false;  ///< the router had chosen the strong one
  double gain = 0;      ///< its score less the cheap one's
};

struct Alarm {
  DriftOf what{};
  std::int64_t time_unix_ms = 0;
  Seen seen;
  std::string text;  ///< a sentence
};

/// What is wanted of a watch.
struct Wanted {
  std::int64_t false_alarm_every_ms = 30LL * 24 * 3600 * 1000;  ///< of the whole route
  std::int64_t window_ms = 3'600'000;
  std::uint32_t reference = 2'000;
  bool may_vary = false;  ///< the route has a choice to make: at least two tiers, and a router that looks at requests
  bool operator==(const Wanted&) const = default;
};

class RouteWatch {
 public:
  explicit RouteWatch(const Wanted& wanted) : wanted_(wanted) {}

  /// The alarms that it raises. Times never go back: an earlier one counts as the latest.
  std::vector<Alarm> fold(const Request& request);
  std::vector<Alarm> fold(const Comparison& comparison);
  std::vector<Alarm> fold_grade(std::int64_t time_unix_ms, double grade);

  [[nodiscard]] State state(DriftOf what) const noexcept;
  [[nodiscard]] const Wanted& wanted() const noexcept { return wanted_; }
  /// Of the tiers in the last window: 0 for one tier, 1 for equal shares; absent: no window is complete.
  [[nodiscard]] std::optional<double> entropy() const noexcept { return entropy_; }
  /// The gauges keep their references.
  void want(const Wanted& wanted) noexcept { wanted_ = wanted; }
  /// Another policy serves the route: all is learned anew.
  void restart() { *this = RouteWatch(wanted_); }

  [[nodiscard]] nlohmann::ordered_json save() const;
  /// False, and nothing has changed, if it was not saved by this version.
  bool load(const nlohmann::ordered_json& in);

 private:
  [[nodiscard]] Pace pace() const noexcept;
  [[nodiscard]] std::int64_t at(std::int64_t time_ms) noexcept;
  void look_at_mix(std::int64_t time_ms, std::vector<Alarm>& out);
  static void tell(std::vector<Alarm>& out, DriftOf what, std::int64_t time_ms, const std::optional<Seen>& seen);

  Wanted wanted_;
  std::int64_t now_ms_ = 0;
  NumberWatch score_;
  std::string model_;
  NumberWatch length_;
  MixWatch tiers_;
  std::vector<double> tier_counts_;  // of the window under way, for `constant`
  std::vector<std::string> tier_names_;
  std::int64_t tiers_begun_ms_ = 0;
  std::optional<double> entropy_;
  State constant_ = State::learning;
  MeanWatch judge_{statistics::Direction::down};
  MeanWatch refusal_{statistics::Direction::up};
  MeanWatch escalation_{statistics::Direction::up};
  std::vector<Comparison> compared_;
  State chance_ = State::learning;
};

}  // namespace drift
}  // namespace triage
