#pragma once
// A call for a request beside the one that its client waits for: a context of its own, with rows of its own, whose
// answer is held. To routers, providers and breakers it is a request like any other.

#include "pipeline/attempt.hpp"
#include "pipeline/held_answer.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace triage {

/// The exchange of a client that is not there: it has a head, and takes nothing. `head` and `id` must outlive it.
class UnseenExchange final : public Exchange {
 public:
  UnseenExchange(const RequestHead& head, std::string_view id, std::chrono::steady_clock::time_point started)
      : head_(head), id_(id), started_(started) {}
  [[nodiscard]] const RequestHead& head() const noexcept override { return head_; }
  [[nodiscard]] std::string_view id() const noexcept override { return id_; }
  [[nodiscard]] std::chrono::steady_clock::time_point started() const noexcept override { return started_; }
  Async<Result<std::string_view>> read_body() override { co_return gone_error(); }
  Async<Result<std::string_view>> read_body_some() override { co_return gone_error(); }
  Async<Result<void>> respond(ResponseHead, std::string_view) override { co_return gone_error(); }
  Async<Result<void>> begin(ResponseHead, std::optional<std::uint64_t>, std::string_view) override {
    co_return gone_error();
  }
  Async<Result<void>> write(std::string_view) override { co_return gone_error(); }
  Async<Result<void>> finish(std::string_view) override { co_return gone_error(); }
  void abort() noexcept override {}
  void keep_alive(ResponseHead, std::chrono::milliseconds, std::chrono::milliseconds) override {}
  [[nodiscard]] bool begun() const noexcept override { return false; }
  Cancellation& gone() noexcept override { return gone_; }

 private:
  static Error gone_error() { return {ErrorCode::client_gone, "nobody waits for this answer"}; }

  const RequestHead& head_;
  std::string_view id_;
  std::chrono::steady_clock::time_point started_;
  Cancellation gone_;
};

/// Stays where it is. All that it is given must outlive it, except `like`.
class SideCall final : public AnswerPath {
 public:
  /// `like`: whose loop, configuration and key it takes. Its deadline counts from `began`.
  SideCall(const Context& like, UnseenExchange& exchange, const ApiRequest& request, const Features& features,
           const LiveRoute& route, std::vector<Target> targets, RequestRecord::Clock::time_point began);

  /// Asks the targets until one has answered or none is left.
  Async<void> run();
  /// Ends run() soon.
  void cancel() { context_.exchange.gone().fire(); }

  /// Null: it failed.
  [[nodiscard]] HeldAnswer* answer() noexcept { return out_.held(); }
  [[nodiscard]] std::optional<AttemptFailure>& failure() noexcept { return failure_; }
  [[nodiscard]] Context& context() noexcept { return context_; }
  [[nodiscard]] RequestRecord& record() noexcept { return context_.record; }

  const ApiRequest& request(const Target&) override { return request_; }
  AnswerOut& out(const Target&) override { return out_; }

 private:
  const ApiRequest& request_;
  const std::vector<Target> targets_;
  Context context_;
  ClientOut nobody_;
  HeldOut out_;
  std::optional<AttemptFailure> failure_;
};

}  // namespace triage
