#pragma once
// A router picks the starting tier of a request, or passes. A route's chain asks them in order; the first that picks
// wins, and the last must pick. Adding one: a file in src/routing, a line in its list, a test.

#include "triage/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace triage {

struct Pick {
  std::string_view tier;        ///< a tier of the route; lives as long as the snapshot
  std::optional<double> score;  ///< 0..1, if the router has one
  std::string reason;
};

class Router {
 public:
  virtual ~Router() = default;
  [[nodiscard]] virtual std::string_view kind() const noexcept = 0;
  /// Pure: same request, same pick. nullopt passes to the next router.
  [[nodiscard]] virtual std::optional<Pick> pick(const ApiRequest& request) const = 0;
};

}  // namespace triage
