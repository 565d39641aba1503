#pragma once
// From a score to a tier, for routers that score requests: the highest tier whose threshold is reached, else the
// lowest.

#include "options/checking.hpp"
#include "options/type.hpp"
#include "routing/routers.hpp"
#include "triage/router.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

struct ThresholdsSpec {
  std::vector<std::pair<std::string, double>> by_tier;  ///< scores, 0..1; the lowest tier has none
  double band = 0;                                      ///< a score this little below a threshold reaches it
};

/// Describes the keys `thresholds` and `band` of the section that holds `s`.
void describe_thresholds(options::Describer& v, ThresholdsSpec& s);

namespace routing {

class Thresholds {
 public:
  /// `spec` has been checked. Both arguments outlive this object.
  Thresholds(const ThresholdsSpec& spec, const Surroundings& around);

  /// An opinion with tier, score, threshold and reason. A score that is no number gives a reason alone.
  [[nodiscard]] Opinion opinion(double score) const;

 private:
  struct Step {
    std::string_view tier;
    double threshold;
  };
  double band_;
  std::vector<Step> steps_;  // by rising threshold
  std::string_view lowest_;
};

/// Reports what is wrong with the thresholds of the router at `at`.
void check_thresholds(const options::Checking& in, const RouteSpec& route, const options::Path& at,
                      const ThresholdsSpec& spec);

}  // namespace routing
}  // namespace triage
