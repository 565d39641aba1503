#pragma once
// A route's policy of a configuration, asked what it would do with requests of the ledger: by the serving code, on the
// recorded text; by what its routers said then, where they are the same as those; by recorded scores, where only
// thresholds differ.

#include "app/trial.hpp"
#include "config/diff.hpp"
#include "ledger/logged_request.hpp"
#include "pipeline/capability.hpp"
#include "routing/thresholds.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// How a policy's router is related to the router of the same kind that has spoken already.
enum class Likeness : std::uint8_t { same, other_thresholds, different };

/// By the router's kind; one that is not named is the same.
struct Likenesses {
  Likeness others = Likeness::same;
  std::map<std::string, Likeness, std::less<>> by_kind;
  [[nodiscard]] Likeness of(std::string_view kind) const {
    const auto found = by_kind.find(kind);
    return found != by_kind.end() ? found->second : others;
  }
};

/// The tier and the deployments that a request would go to first.
struct FirstCall {
  std::string_view tier;
  std::vector<std::pair<const LiveDeployment*, double>> members;  ///< with their shares
  bool top = false;                                               ///< no cascade begins there
};

class ReplayPolicy {
 public:
  /// Of the route of that name, which the configuration has. `title` is for people.
  ReplayPolicy(std::string title, ConfigSpec spec, std::string version, const std::string& route);

  [[nodiscard]] const std::string& title() const noexcept { return title_; }
  [[nodiscard]] const std::string& version() const noexcept { return trial_.snapshot().version; }
  [[nodiscard]] const Snapshot& snapshot() const noexcept { return trial_.snapshot(); }
  [[nodiscard]] const RouteSpec& spec() const noexcept { return *route_->spec; }

  /// How its routers are related to those of `other`.
  [[nodiscard]] Likenesses likenesses(const ReplayPolicy& other) const;
  /// Whether what follows the first call is the same: 'cascade' or 'ensemble'.
  [[nodiscard]] bool same_part(const ReplayPolicy& other, std::string_view part) const;

  /// `input`: the request with its recorded text; null: there is none. `recorded`: how the routers are related to those
  /// that have spoken; null: not known. nullopt: it cannot be said what it would do.
  [[nodiscard]] std::optional<FirstCall> decide(const ledger::LoggedRequest& logged, const RoutingInput* input,
                                                const Likenesses* recorded) const;

  /// Whether this policy may have made the record: its routers say what the record says, as far as can be seen.
  [[nodiscard]] bool may_have_made(const ledger::LoggedRequest& logged, const RoutingInput* input) const;

 private:
  class Replayed;
  [[nodiscard]] std::vector<Change> changes(const ReplayPolicy& other, std::string_view part) const;
  [[nodiscard]] std::optional<FirstCall> first_call(const Decision& decision, const Needs& needs) const;

  std::string title_;
  Trial trial_;
  const LiveRoute* route_;
  std::map<std::string, routing::Thresholds, std::less<>> thresholds_;  // by router
  std::vector<std::unique_ptr<Router>> routers_;                        // Replayed each
};

}  // namespace triage
