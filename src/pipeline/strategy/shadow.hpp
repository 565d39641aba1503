#pragma once
// Shadows: after a request was answered, the other tier of its route's pair is asked the same, for comparison. Nobody
// waits for that; it has a record of its own, which names the request.

#include "pipeline/outcome/request_outcome.hpp"
#include "pipeline/strategy/pair.hpp"

#include <list>
#include <memory>

namespace triage {

class Shadow;

/// Those of one loop that are under way.
class Shadows {
 public:
  Shadows();
  ~Shadows();
  Shadows(const Shadows&) = delete;
  Shadows& operator=(const Shadows&) = delete;

  void start(std::unique_ptr<Shadow> shadow);
  /// Ends them soon; what they have cost so far is recorded.
  void cancel();

 private:
  std::list<std::unique_ptr<Shadow>> under_way_;
};

/// Casts one if the request is drawn. Called when it has been answered, while its body is there.
void cast_shadow(const Scope& scope, const RequestOutcome& outcome, const Needs& needs);

}  // namespace triage
