#pragma once
// A server with a handler that answers in each of the ways an Exchange offers.

#include "http/response_writer.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace triage::http {

using std::chrono::milliseconds;
using test::RawClient;
using test::TestServer;

// By path: /echo the body, /shared the same for a key, /pieces the body in pieces, /stream three pieces, /wait until
// the client is gone, /slow-stream silence for ever after a keep-alive was asked for, /big 8 MiB, /throw, /forget
// answers nothing.
class Scripted final : public Handler {
 public:
  Async<void> handle(Exchange& exchange) override {
    ++requests;
    const std::string_view path = exchange.head().path;
    if (path == "/echo") co_return co_await echo(exchange);
    if (path == "/shared") {
      exchange.count_for(share);
      co_return co_await echo(exchange);
    }
    if (path == "/pieces") co_return co_await pieces(exchange);
    if (path == "/stream") co_return co_await stream(exchange);
    if (path == "/cut") co_return co_await cut(exchange);
    if (path == "/wait") co_return co_await wait(exchange);
    if (path == "/big") co_return co_await big(exchange);
    if (path == "/throw") throw std::runtime_error("as asked");
    if (path == "/forget") co_return;
    if (path == "/early") co_return co_await early(exchange);
    if (path == "/soon") co_return co_await soon(exchange);
    if (path == "/patient") co_return co_await patient(exchange);
    ResponseHead head;
    co_await exchange.respond(std::move(head), path);
  }

  std::atomic<int> requests{0};
  std::atomic<int> gone{0};
  KeyShare share;

 private:
  static Async<void> refuse(Exchange& exchange, Error error) {
    ResponseHead head;
    head.status = traits(error.code).status;
    co_await exchange.respond(std::move(head), error.message);
  }
  static Async<void> echo(Exchange& exchange) {
    const auto body = co_await exchange.read_body();
    if (!body) co_return co_await refuse(exchange, body.error());
    ResponseHead head;
    co_await exchange.respond(std::move(head), *body);
  }
  static Async<void> pieces(Exchange& exchange) {
    std::string all;
    for (;;) {
      const auto piece = co_await exchange.read_body_some();
      if (!piece) co_return co_await refuse(exchange, piece.error());
      if (piece->empty()) break;
      all += *piece;
    }
    ResponseHead head;
    co_await exchange.respond(std::move(head), all);
  }
  static Async<void> stream(Exchange& exchange) {
    ResponseHead head;
    co_await exchange.begin(std::move(head), std::nullopt, "one ");
    co_await exchange.write("two ");
    co_await exchange.write("three");
    co_await exchange.finish();
  }
  static Async<void> cut(Exchange& exchange) {
    ResponseHead head;
    co_await exchange.begin(std::move(head), std::nullopt, "one ");
    exchange.abort();
  }
  Async<void> wait(Exchange& exchange) {
    ResponseHead head;
    head.fields.push_back({"content-type", "text/event-stream"});
    exchange.fill_silence(std::move(head), milliseconds(100), milliseconds(100), ": keep-alive\n");
    Timer timer(co_await asio::this_coro::executor, std::chrono::seconds(20));
    {
      const CancellationHook hook(exchange.gone(), [&timer] { timer.cancel(); });
      co_await timer.async_wait(as_result);
    }
    if (exchange.gone().fired()) ++gone;
  }
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

  // An error, without a look at the body.
  static Async<void> early(Exchange& exchange) {
    Error error{ErrorCode::not_found, "early"};
    co_await refuse(exchange, std::move(error));
  }
  // An answer after 300 ms.
  static Async<void> soon(Exchange& exchange) {
    Timer timer(co_await asio::this_coro::executor, milliseconds(300));
    co_await timer.async_wait(as_result);
    ResponseHead head;
    co_await exchange.respond(std::move(head), "soon");
  }
  // Nothing for ever; says why it was given up.
  Async<void> patient(Exchange& exchange) {
    Timer timer(co_await asio::this_coro::executor, std::chrono::seconds(20));
    {
      const CancellationHook hook(exchange.gone(), [&timer] { timer.cancel(); });
      co_await timer.async_wait(as_result);
    }
    if (!exchange.gone().fired()) co_return;
    if (exchange.gone().reason() == ErrorCode::client_gone) ++gone;
    Error error{exchange.gone().reason(), "given up"};
    co_await refuse(exchange, std::move(error));
  }
  static Async<void> big(Exchange& exchange) {
    const std::string body(8 * 1024 * 1024, 'x');
    ResponseHead head;
    co_await exchange.respond(std::move(head), body);
  }
};

class SessionTest : public testing::Test {
 protected:
  static ServerOptions short_limits() {
    ServerOptions options;
    options.limits.head_timeout = milliseconds(300);
    options.limits.body_idle = milliseconds(300);
    options.limits.keep_alive_idle = milliseconds(500);
    options.limits.write_stall = milliseconds(500);
    options.limits.body.bytes = 1024 * 1024;
    options.limits.requests_in_flight = 2;
    options.cors.origins = {"https://app.example"};
    return options;
  }
  [[nodiscard]] std::string ask(std::string_view request) const {
    RawClient client(server_.port());
    client.send(request);
    return client.receive_all(milliseconds(2000));
  }
  static std::string body_of(const std::string& response) { return response.substr(response.find("\r\n\r\n") + 4); }
  static int status_of(const std::string& response) {
    return response.size() > 12 ? std::stoi(response.substr(9, 3)) : 0;
  }

  Scripted handler_;
  TestServer server_{handler_, short_limits()};
};

inline constexpr std::string_view close_get = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

}  // namespace triage::http
