#pragma once
// A gateway without listeners and without a ledger, for commands that ask many questions: requests take the same path
// as a client's, chain, cascade and all, on the loop of the calling thread.

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "pipeline/attempt/score_pool.hpp"
#include "pipeline/gateway.hpp"
#include "pipeline/live/live_state.hpp"
#include "pipeline/live/snapshot.hpp"
#include "triage/completion.hpp"
#include "triage/question.hpp"
#include "upstream/authorized_upstream.hpp"
#include "upstream/http_upstream.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>

namespace triage {

/// What became of a request.
struct OfflineAnswer {
  int status = 0;  ///< 200: there is an answer
  std::string deployment;
  Completion said;
  std::optional<std::int64_t> cost_nano_usd;  ///< absent: a price is not known
  std::string problem;                        ///< the error's message
};

/// What became of a question.
struct OfflineReply {
  QuestionResult result;
  std::optional<std::int64_t> cost_nano_usd;
};

class OfflineGateway {
 public:
  /// Of `spec` only what answers requests is used: keys, shadows, quality and experiments are left out.
  OfflineGateway(ConfigSpec spec, std::string version);

  [[nodiscard]] const Snapshot& snapshot() const noexcept { return *snapshot_; }

  /// Runs work(0), work(1), ... work(count - 1), at most `at_once` at a time, until all are done or stop() was called.
  /// Rethrows what one of them throws.
  void run(std::size_t count, std::size_t at_once, const std::function<Async<void>(std::size_t)>& work);
  /// Begins no more work.
  void stop() noexcept { stop_ = true; }
  [[nodiscard]] bool stopped() const noexcept { return stop_; }

  // For work:

  /// Sends the body of a chat completion. What may be temporary is tried again a few times, with pauses.
  Async<OfflineAnswer> answer(std::string body);
  Async<OfflineReply> ask(const Question& question);

 private:
  Async<OfflineAnswer> answer_once(const std::string& body);
  Async<void> wait(std::chrono::milliseconds pause);
  Async<void> worker(const std::function<Async<void>(std::size_t)>& work);
  void end(const std::exception_ptr& broken);

  Metrics metrics_;
  LiveState live_state_;
  std::shared_ptr<const Snapshot> snapshot_;
  Loop loop_{0};
  HttpUpstream upstream_;
  AuthorizedUpstream authorized_;
  ScorePool scores_{1};
  Gateway gateway_;
  std::exception_ptr broken_;
  std::size_t count_ = 0;
  std::size_t next_ = 0;
  std::size_t running_ = 0;
  bool stop_ = false;
};

}  // namespace triage
