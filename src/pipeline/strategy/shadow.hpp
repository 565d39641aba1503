#pragma once
// Shadows: after a request was answered, the other tier of its route's pair is asked the same, for comparison. Nobody
// waits for that answer; it has a record of its own, which names the request.

#include "pipeline/outcome/request_outcome.hpp"
#include "pipeline/strategy/pair.hpp"

#include <list>
#include <memory>

namespace triage {

/// Something that is done after a request was answered. To be destroyed on its loop's thread.
class SideTask {
 public:
  virtual ~SideTask() = default;
  virtual Async<void> run() = 0;
  /// Makes run() end soon.
  virtual void cancel() = 0;
};

/// What one loop does that no client waits for: shadows, and grades (grading.hpp).
class Shadows {
 public:
  Shadows();
  ~Shadows();
  Shadows(const Shadows&) = delete;
  Shadows& operator=(const Shadows&) = delete;

  void start(const Executor& on, std::unique_ptr<SideTask> task);
  /// Ends them soon. What they have cost so far is recorded.
  void cancel();

 private:
  std::list<std::unique_ptr<SideTask>> under_way_;
};

/// Makes a shadow if the request is drawn. To be called when it has been answered, while its body is still there.
void cast_shadow(const Scope& scope, const RequestOutcome& outcome, const Needs& needs);

}  // namespace triage
