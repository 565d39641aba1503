#pragma once
// How a request ended: counted, logged and given to the ledger, once. The path tells it what it has found; whoever
// sends the last bytes ends it before. A path that ends in another way, also by an exception, is ended by the
// destructor, with all that is known by then.

#include "pipeline/attempt/failure.hpp"
#include "pipeline/attempt/scope.hpp"
#include "pipeline/attempt/trail.hpp"
#include "routing/chain.hpp"
#include "triage/exchange.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// What was found of a request on its way to the first attempt. What it refers to outlives the outcome.
struct RequestFacts {
  std::string_view id;
  Trail::Clock::time_point started;
  std::string_view path;
  const KeySpec* key = nullptr;         ///< null: no keys, or none was presented
  const ApiRequest* request = nullptr;  ///< null: it was not understood, or passes through unread
  const ChatView* view = nullptr;       ///< of it
  const Policy* policy = nullptr;       ///< null: no route or deployment was reached
  Decision decision;
  std::string note;                    ///< why the plan does not start with the decision's tier
  Trail::Clock::time_point body_read;  ///< the client's part of the waiting ends here
  bool read_signals = false;           ///< of an answer that came to its end
  std::string shadow_of;  ///< the request for which this call is made, for comparison; empty: it is a request
};

class RequestOutcome {
 public:
  using Clock = Trail::Clock;

  /// `ledger` may be null: then nothing is kept. Both must outlive this.
  RequestOutcome(const Snapshot& snapshot, Ledger* ledger, RequestFacts facts);
  RequestOutcome(const RequestOutcome&) = delete;
  RequestOutcome& operator=(const RequestOutcome&) = delete;
  ~RequestOutcome();

  RequestFacts facts;
  Trail trail;

  /// The first byte of an answer is about to be sent. `answered`: when it had come from the provider.
  void answer_begins(Clock::time_point answered) noexcept;

  /// The client has a part of the answer of that row.
  void serves(std::size_t row) noexcept { row_ = row; }

  /// Of that row's answer the client does not get so many bytes at its text's end.
  void hide(std::size_t row, std::size_t bytes);

  /// What the answer was compared with.
  void compared(PairRecord pair) { pair_ = std::move(pair); }

  /// The client has, or is about to have, the answer of that row.
  Async<void> end_ok(std::size_t row, int status);
  /// It has something else that is not an answer: a list of models, a call that passed through.
  Async<void> end_plain(int status);
  /// It has none, or only a part of one. `status`: what it was sent; 0: nothing.
  Async<void> end_failed(const Failure& failure, int status);

  /// How it came out; ok until it has ended.
  [[nodiscard]] Outcome outcome() const noexcept { return outcome_; }
  [[nodiscard]] const std::optional<PairRecord>& pair() const noexcept { return pair_; }
  /// Whose answer the client gets; without one, who was asked last. Null: nobody was.
  [[nodiscard]] const TrailRow* answered() const noexcept;

  // For the log.
  [[nodiscard]] std::optional<ErrorCode> error() const noexcept { return error_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] Clock::time_point first_byte() const noexcept { return first_byte_; }

 private:
  Async<void> end();
  void end_now();
  void count(Clock::time_point now) const;
  void keep(Clock::time_point now);
  [[nodiscard]] Clock::duration overhead() const noexcept;
  [[nodiscard]] std::optional<std::int64_t> frontier_cost() const;

  const Snapshot& snapshot_;
  Ledger* const ledger_;
  Outcome outcome_ = Outcome::ok;
  std::optional<ErrorCode> error_;
  std::string why_;  ///< of an error that is not the client's fault, for the log
  int status_ = 0;
  std::optional<std::size_t> row_;  ///< whose answer the client gets
  std::string finish_reason_;
  Clock::time_point answered_at_;
  Clock::time_point first_byte_;
  std::optional<PairRecord> pair_;
  bool ended_ = false;
};

}  // namespace triage
