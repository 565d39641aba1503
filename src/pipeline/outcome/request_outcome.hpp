#pragma once
// How a request ended: counted, logged and given to the ledger, exactly once. The steps tell it what they find; whoever
// sends the last bytes ends it first. If a path ends in any other way, such as by an exception, the destructor ends it,
// with all that is known by then.

#include "pipeline/attempt/failure.hpp"
#include "pipeline/attempt/scope.hpp"
#include "pipeline/attempt/trail.hpp"
#include "pipeline/trace_context.hpp"
#include "routing/chain.hpp"
#include "triage/exchange.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// What is known of a request before its first attempt. What it refers to must outlive the outcome.
struct RequestFacts {
  std::string_view id;
  Trail::Clock::time_point started;
  std::string_view path;
  Exchange* exchange = nullptr;         ///< the client's; null: no client waits for this
  const KeySpec* key = nullptr;         ///< null: there are no keys, or none was presented
  const ApiRequest* request = nullptr;  ///< null: it was not parsed, or passes through unread
  const ChatView* view = nullptr;       ///< of `request`
  std::string model;                    ///< named by a call that passes through; empty: none, or it is not known
  bool streamed = false;                ///< the answer to such a call is a stream
  const Policy* policy = nullptr;       ///< null: no route or deployment was reached
  Assignment assigned;                  ///< by the route's experiment
  Decision decision;
  std::string note;                    ///< why the plan does not start with the decision's tier
  Trail::Clock::time_point body_read;  ///< when the client's part of the waiting ended
  std::string_view asker;              ///< the session or user that the client names; empty: none
  bool read_signals = false;           ///< examine the answer, once it has ended, for signals
  TraceContext trace;                  ///< empty: it is in no trace
  std::string shadow_of;               ///< the request that this call repeats for comparison; empty: a client's request
};

class RequestOutcome {
 public:
  using Clock = Trail::Clock;

  /// `ledger` may be null: then nothing is kept. Both must outlive this object.
  RequestOutcome(const Snapshot& snapshot, Ledger* ledger, RequestFacts facts);
  RequestOutcome(const RequestOutcome&) = delete;
  RequestOutcome& operator=(const RequestOutcome&) = delete;
  ~RequestOutcome();

  RequestFacts facts;
  Trail trail;

  /// Called when the first byte of an answer is about to be sent. `answered`: when that byte came from the provider;
  /// `completion_id`: the `id` in the answer's body, if it has one. From now on feedback can find the request.
  void answer_begins(Clock::time_point answered, std::string_view completion_id = {});

  /// Called when the client has a part of the answer in `row`.
  void serves(std::size_t row) noexcept { row_ = row; }

  /// Notes that the client does not get the last `bytes` of the text of the answer in `row`.
  void hide(std::size_t row, std::size_t bytes);

  /// Notes what the answer was compared with.
  void compared(PairRecord pair) { pair_ = std::move(pair); }

  /// Ends it when the client has, or is about to have, the answer in `row`.
  Async<void> end_ok(std::size_t row, int status);
  /// Ends it when the client has something that is not an answer: a list of models, a call that passed through.
  Async<void> end_plain(int status);
  /// Ends it when the client has no answer, or only a part of one. `status` is what was sent; 0: nothing.
  Async<void> end_failed(const Failure& failure, int status);

  /// The outcome; ok until it has ended.
  [[nodiscard]] Outcome outcome() const noexcept { return outcome_; }
  [[nodiscard]] const std::optional<PairRecord>& pair() const noexcept { return pair_; }
  /// The attempt whose answer the client gets; without one, the last attempt. Null: there was none.
  [[nodiscard]] const TrailRow* answered() const noexcept;

  // These are for the log.
  [[nodiscard]] std::optional<ErrorCode> error() const noexcept { return error_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] Clock::time_point first_byte() const noexcept { return first_byte_; }

 private:
  Async<void> end();
  void end_now();
  void count(Clock::time_point now, std::optional<std::int64_t> frontier) const;
  void count_for_key() const;
  void keep(Clock::time_point now, std::optional<std::int64_t> frontier);
  void remember(std::string_view completion_id);
  void look_at_question(Signals& out, Clock::time_point now) const;
  [[nodiscard]] Clock::duration overhead() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> frontier_cost() const;

  const Snapshot& snapshot_;
  Ledger* const ledger_;
  Outcome outcome_ = Outcome::ok;
  std::optional<ErrorCode> error_;
  std::string why_;  ///< for the log, if the error is not the client's fault
  int status_ = 0;
  std::optional<std::size_t> row_;  ///< the row whose answer the client gets
  std::string finish_reason_;
  Clock::time_point answered_at_;
  Clock::time_point first_byte_;
  std::optional<PairRecord> pair_;
  bool remembered_ = false;  // for feedback
  bool ended_ = false;
};

}  // namespace triage
