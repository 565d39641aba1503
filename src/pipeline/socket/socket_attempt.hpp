#pragma once
// One connection to one deployment, and its row of the trail, which ends however the connection ends.

#include "pipeline/attempt/attempt.hpp"
#include "pipeline/passage.hpp"
#include "pipeline/socket/usage_meter.hpp"
#include "pipeline/steps.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// How a provider's connection is asked for.
struct SocketAsk {
  RequestHead head;          ///< the client's, with the query of the call
  std::string subprotocols;  ///< as the field has them; empty: none are offered
};

class SocketAttempt {
 public:
  /// `known`: the model that is asked for is the deployment's. All references must outlive the attempt.
  SocketAttempt(RequestRun& run, const Target& target, AttemptCause cause, bool known);
  SocketAttempt(const SocketAttempt&) = delete;
  SocketAttempt& operator=(const SocketAttempt&) = delete;
  ~SocketAttempt();

  /// Asks the provider. Returns why there is no connection.
  Async<MaybeFailure> open(const SocketAsk& ask, const CallTimeouts& timeouts, const SocketLimits& limits);

  // Once it is open:
  [[nodiscard]] WebSocket& socket() noexcept { return *answer_.socket; }
  [[nodiscard]] const Reply& reply() const noexcept { return *answer_.reply; }
  [[nodiscard]] const Target& target() const noexcept { return row_.target; }
  [[nodiscard]] Trail::Clock::time_point answered() const noexcept { return row_.answered; }
  [[nodiscard]] bool known() const noexcept { return known_; }
  [[nodiscard]] UsageMeter& meter() noexcept { return meter_; }

  /// Counts what the meter has heard since the last call, so that metrics do not wait for the end.
  void count_news();

  /// Ends the row. `failed`: why the connection ended before its time; null: nothing went wrong.
  void end(const Error* failed);

 private:
  MaybeFailure failed(Failure failure);
  void tell_breaker(Outcome outcome);

  RequestRun& run_;
  const bool known_;
  const std::size_t row_number_;
  TrailRow& row_;
  UsageMeter meter_;
  Cancellation cancellation_;
  std::optional<CancellationHook> when_gone_;
  EncodedCall encoded_;
  SocketAnswer answer_;
  CallEnd call_end_;
  bool ended_ = false;
};

}  // namespace triage
