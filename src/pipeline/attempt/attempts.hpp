#pragma once
// Attempts, as many as Failover says, until one has begun to answer or nothing is left to try:
//
//   for (result = co_await attempts.next(); result.answer; result = co_await attempts.next(why_it_is_no_good)) ...
//
// With hedging two of them may be opened at once, until the answer of one begins:
//
//   open first --(begins, or fails)---------------------------------> its answer
//        '--(silent for too long)--> open second --(one begins)--> cancel the other

#include "base/event.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "pipeline/attempt/failover.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace triage {

/// An answer that has begun, or why there is none.
struct AttemptResult {
  std::unique_ptr<Attempt> answer;
  MaybeFailure failure;
};

/// A deployment as Failover sees it, now.
Failover::Candidate candidate_of(const LiveDeployment& deployment);

/// What a client is told if nobody may be called because all have asked for rest. `first`: of the targets.
Failure all_rest(const Failover& failover, const Target& first);

/// How each target is to be asked.
class AttemptPath {
 public:
  virtual ~AttemptPath() = default;
  /// The call for `target`, whose `request` must outlive every attempt. The caller fills in target and cause.
  virtual AttemptCall call(const Target& target) = 0;
  /// Called when a target is being asked, with its row in the trail.
  virtual void asked(std::size_t /*row*/) {}
  /// Called while a stream asked of `target` has not begun. A client that waits for it should hear something `within`
  /// that time. `last`: no other target may answer in the end.
  virtual void waiting(const Target& /*target*/, bool /*last*/, std::chrono::milliseconds /*within*/) {}
};

class Attempts {
 public:
  /// All arguments must outlive this object.
  Attempts(const Scope& scope, Trail& trail, const std::vector<Target>& targets, AttemptPath& path, AttemptCause first);

  /// The first answer; with `failed`, the next one, because the last was no good.
  Async<AttemptResult> next(MaybeFailure failed = std::nullopt);

  /// One more answer, to continue one that was `cut` off, from one of the targets that `takes` accepts.
  Async<AttemptResult> resume(Failure cut, const AttemptCall& call, std::function<bool(const Target&)> takes);

 private:
  // One of two attempts that are opened at the same time.
  struct Racer {
    std::unique_ptr<Attempt> attempt;
    std::exception_ptr broken;
    bool done = false;
    [[nodiscard]] bool begun() const { return done && !attempt->failure(); }
  };

  [[nodiscard]] Failover::Candidate look_at(const Target& target) const;
  Async<std::optional<Failover::Step>> step_after(Failure& failed);
  void note_failure(const Failure& failed);
  bool leave_out(const Failure& failed);
  bool leave_form(const LiveDeployment& deployment);
  void keep_learned();
  std::unique_ptr<Attempt> attempt_at(std::size_t candidate, AttemptCause cause);
  Async<std::unique_ptr<Attempt>> open(const Failover::Step& step, AttemptCause cause);
  Async<std::unique_ptr<Attempt>> open_hedged(std::unique_ptr<Attempt> first, std::chrono::milliseconds after);
  Async<void> begin(Attempt& attempt);
  [[nodiscard]] std::optional<std::chrono::milliseconds> hedge_after(const Target& target);
  void start(Racer& racer, Event& changed);
  [[nodiscard]] CallTimeouts timeouts(const Target& target, bool streamed) const;
  [[nodiscard]] std::size_t shares(const Target& target) const;

  const Scope& scope_;
  Trail& trail_;
  const std::vector<Target>& targets_;
  AttemptPath& path_;
  AttemptCause cause_;
  std::function<bool(const Target&)> takes_;  // set while an answer is being continued
  Failover failover_;
  std::vector<const GuardedBreaker*> silent_origins_;  // of this request's failures
  Additions learned_ = 0;                              // what the current target has just refused
  bool too_long_ = false;                              // the prompt was, for the current target
  bool started_ = false;
  bool last_ = false;  // no other target can be asked
};

}  // namespace triage
