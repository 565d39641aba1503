#pragma once
// A HttpUpstream on a loop that the test itself runs: each call goes out, is read to its end, and comes back as plain
// values.

#include "base/loop.hpp"
#include "base/metrics.hpp"
#include "upstream/http_upstream.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace triage::test {

using namespace std::chrono_literals;

/// What came of a call.
struct Outcome {
  int status = 0;    ///< 0: there was no head
  std::string body;  ///< as far as it came
  std::vector<std::string> pieces;
  std::vector<std::pair<std::string, std::string>> fields;
  std::optional<Error> error;  ///< of send() or of next()
  std::chrono::milliseconds took{0};

  [[nodiscard]] ErrorCode code() const {
    EXPECT_TRUE(error.has_value()) << "status " << status << ", body '" << body << "'";
    return error ? error->code : ErrorCode::internal_error;
  }
};

class Caller {
 public:
  explicit Caller(UpstreamOptions options = {})
      : client(std::make_unique<HttpUpstream>(loop, std::move(options), metrics)) {}
  /// With metrics that it shares.
  Caller(UpstreamOptions options, std::size_t index, Metrics& shared)
      : metrics(shared), loop(index), client(std::make_unique<HttpUpstream>(loop, std::move(options), metrics)) {}

  /// The callee that tests call unless they say otherwise.
  static Provider http(std::uint16_t port) {
    Provider provider;
    provider.name = "fake";
    provider.base_url = Url{false, "127.0.0.1", port, ""};
    return provider;
  }

  static HttpCall post(std::string_view body = "{}") {
    HttpCall call;
    call.target = "/v1/chat/completions";
    call.fields = {{"Content-Type", "application/json"}};
    if (!body.empty()) call.body = {body};
    return call;
  }

  /// Makes the call and runs the loop until it has ended.
  Outcome run(const Provider& provider, const HttpCall& call, const CallTimeouts& timeouts = {}) {
    Cancellation gone;
    Outcome outcome;
    bool ended = false;
    start(provider, call, timeouts, gone, outcome, [&] { ended = true; });
    run_until([&] { return ended; });
    return outcome;
  }
  Outcome run(std::uint16_t port) { return run(http(port), post()); }

  /// Everything given must outlive the call.
  void start(const Provider& provider, const HttpCall& call, const CallTimeouts& timeouts, Cancellation& gone,
             Outcome& outcome, std::function<void()> on_end) {
    asio::co_spawn(loop.io, make(provider, call, timeouts, gone, outcome, std::move(on_end)), asio::detached);
  }

  template <class Condition>
  bool run_until(Condition condition, std::chrono::milliseconds patience = 10s) {
    const auto until = std::chrono::steady_clock::now() + patience;
    loop.io.restart();
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) {
        ADD_FAILURE() << "nothing happened for too long";
        return false;
      }
      loop.io.run_one_for(20ms);
      if (loop.io.stopped()) loop.io.restart();
    }
    return true;
  }
  void run_for(std::chrono::milliseconds time) {
    loop.io.restart();
    loop.io.run_for(time);
  }

  [[nodiscard]] std::int64_t metric(const std::string& name, const Labels& labels = {}) {
    return metrics.counter(name, "", labels).value();
  }
  [[nodiscard]] std::int64_t gauge(const std::string& name) { return metrics.gauge(name, "", of_fake()).value(); }
  static Labels of_fake() { return {{"provider", "fake"}}; }

  Metrics own_metrics;
  Metrics& metrics = own_metrics;  // outlive the loop, whose last coroutines still count
  Loop loop{0};
  std::unique_ptr<HttpUpstream> client;
  /// Called with each piece of a body, before the next is asked for.
  std::function<void(const std::string&)> on_piece;

 private:
  Async<void> make(const Provider& provider, const HttpCall& call, CallTimeouts timeouts, Cancellation& gone,
                   Outcome& outcome, std::function<void()> on_end) {
    const auto begun = std::chrono::steady_clock::now();
    auto reply = co_await client->send(provider, call, timeouts, gone);
    if (!reply) outcome.error = reply.error();
    if (reply) {
      outcome.status = (*reply)->head().status;
      for (const Field& field : (*reply)->head().fields)
        outcome.fields.emplace_back(std::string(field.name), std::string(field.value));
    }
    while (reply) {
      const auto piece = co_await (*reply)->next();
      if (!piece) outcome.error = piece.error();
      if (!piece || piece->empty()) break;
      outcome.body += *piece;
      outcome.pieces.emplace_back(*piece);
      if (on_piece) on_piece(outcome.pieces.back());
    }
    outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    if (reply) reply->reset();
    on_end();
  }
};

}  // namespace triage::test
