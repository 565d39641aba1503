#pragma once
// Shadows: after a request was answered, the other tier of its route's pair is asked the same, for comparison. Nobody
// waits for that answer; it has a record of its own, which names the request.

#include "base/event.hpp"
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

/// What became of a shadow, for whoever else on its loop needs its answer.
struct ShadowAnswer {
  bool over = false;
  const LiveDeployment* deployment = nullptr;  ///< that was to be asked, and once it is over, was asked last
  std::optional<Completion> said;              ///< whole; absent: there is none
  Event done;                                  ///< notified when it is over
};

/// Makes a shadow if the request is drawn. To be called when it has been answered, while its body is still there. Null:
/// there is none.
std::shared_ptr<ShadowAnswer> cast_shadow(const Scope& scope, const RequestOutcome& outcome, const Needs& needs);

}  // namespace triage
