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
  std::optional<Failure> failure;
};

/// How each target is asked.
class AttemptPath {
 public:
  virtual ~AttemptPath() = default;
  /// Its request outlives every attempt; target and cause are filled in.
  virtual AttemptCall call(const Target& target) = 0;
  /// It is being asked; this is its row of the trail.
  virtual void asked(std::size_t /*row*/) {}
  /// A stream is asked of `target` and is not there yet. The client, if it waits for one, should hear something
  /// `within` that time. `last`: no other target may answer in the end.
  virtual void waiting(const Target& /*target*/, bool /*last*/, std::chrono::milliseconds /*within*/) {}
};

class Attempts {
 public:
  /// All of it outlives this.
  Attempts(const Scope& scope, Trail& trail, const std::vector<Target>& targets, AttemptPath& path, AttemptCause first);

  /// The first answer; `failed`: the next one after the last was no good.
  Async<AttemptResult> next(std::optional<Failure> failed = std::nullopt);

  /// One more, to go on with an answer that was `cut` off. Of targets only those that `takes` allows.
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
  void keep_learned();
  [[nodiscard]] std::optional<Failure> all_rest() const;
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
  std::function<bool(const Target&)> takes_;  // while an answer is gone on with
  Failover failover_;
  std::vector<const GuardedBreaker*> silent_origins_;  // of this request's failures
  Additions learned_ = 0;                              // what the current target has just refused
  bool too_long_ = false;                              // the prompt was, for the current target
  bool started_ = false;
  bool last_ = false;  // nobody else can be asked
};

}  // namespace triage
