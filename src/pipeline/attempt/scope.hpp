#pragma once
// What the steps of one request are given. All of it is constant and outlives them.

#include "base/deadline.hpp"
#include "pipeline/live/snapshot.hpp"
#include "triage/cancellation.hpp"
#include "triage/feedback.hpp"
#include "triage/ledger.hpp"
#include "triage/upstream.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace triage {

class Shadows;
struct TraceContext;
class ScorePool;

/// What one loop provides.
struct Services {
  Upstream& upstream;
  DeadlineWheel& deadlines;
  Executor executor;
  Ledger* ledger = nullptr;           ///< null: there is no ledger
  Shadows* shadows = nullptr;         ///< null: no shadows are made
  ScorePool* scores = nullptr;        ///< shared by the process; null: no local model can be asked
  ScorePool* graders = nullptr;       ///< likewise, for graders that run programs
  FeedbackStore* feedback = nullptr;  ///< likewise; null: none is taken
};

/// The client's side of a call. Whoever waits for an answer on the client's behalf stops when `gone` fires.
struct ClientSide {
  using Clock = std::chrono::steady_clock;

  const RequestHead& head;
  std::string_view id;
  Clock::time_point started;
  Clock::time_point deadline;
  const KeySpec* key = nullptr;  ///< null: no keys are configured
  Cancellation& gone;
  bool hurried = false;                 ///< the deadline is the client's own, and sooner than the route's
  const TraceContext* trace = nullptr;  ///< null: what the client says of one is passed on as it is
};

/// A request that was parsed and assigned a policy.
struct Scope {
  const Snapshot& snapshot;
  const Policy& policy;
  const ApiRequest& request;
  const ChatView& view;
  const ClientSide& client;
  const Services& services;
  std::uint64_t ticket = 0;  ///< increases by one with each request of the loop
  /// How many bytes of an answer's text are kept for the record; 0: the answer is not read for that.
  std::size_t said_max = 0;
  /// If all fail who are asked now, others are: none of these is the last, and the others need time.
  bool others_follow = false;

  [[nodiscard]] std::chrono::milliseconds time_left() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(client.deadline - ClientSide::Clock::now());
  }
};

}  // namespace triage
