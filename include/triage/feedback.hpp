#pragma once
// What apps say of answers, later: POST /v1/feedback. The pipeline decides whether it may be said; a FeedbackStore
// finds the request and keeps what is said, off the event loops. docs/quality.md has the rules.

#include "triage/error.hpp"
#include "triage/event.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace triage {

/// What an experiment assigned, as in ExperimentRecord, with texts of its own.
struct Assigned {
  std::string name;
  std::string version;
  std::string arm;
  std::string unit;
  double share = 0;

  [[nodiscard]] ExperimentRecord record() const noexcept { return {name, version, arm, unit, share}; }
};

/// A request that was answered before, or is being answered.
struct PastRequest {
  std::string id;
  std::string key;  ///< name of the gateway key; empty: it came without
  std::string route;
  std::int64_t time_unix_ms = 0;  ///< of its first byte
  std::optional<Assigned> experiment;
};

/// What is said of one answer. An empty member says nothing.
struct Feedback {
  std::optional<Thumb> thumb;
  std::optional<double> score;
  std::optional<bool> task_completed;
  std::string comment;
  std::string corrected;

  bool operator==(const Feedback&) const = default;
  [[nodiscard]] bool empty() const noexcept { return *this == Feedback(); }
  /// Says in addition what `later` says, and that in place of what was said before.
  void add(const Feedback& later) {
    if (later.thumb) thumb = later.thumb;
    if (later.score) score = later.score;
    if (later.task_completed) task_completed = later.task_completed;
    if (!later.comment.empty()) comment = later.comment;
    if (!later.corrected.empty()) corrected = later.corrected;
  }
};

/// Thread-safe. `done` is called once, on a thread of the store; it must not throw. If the functions return false, too
/// many calls wait already, and `done` is not called.
class FeedbackStore {
 public:
  virtual ~FeedbackStore() = default;

  /// Finds the request whose id, or else the newest one whose completion id, is `id`. With `key` only requests that
  /// came with it. nullopt: there is none. Error: it cannot be told now (overloaded).
  using Found = std::function<void(Result<std::optional<PastRequest>>)>;
  virtual bool find(std::string id, std::optional<std::string> key, Found done) = 0;

  /// Keeps what is said, with what was said of the same request before. False: all of it was said before, so nothing
  /// was kept. What is kept survives the end of the process. Error: it was not kept (overloaded).
  using Kept = std::function<void(Result<bool>)>;
  virtual bool keep(PastRequest request, std::string key, Feedback said, Kept done) = 0;
};

}  // namespace triage
