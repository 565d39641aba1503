// Both roles of Socket, connected by pipes in memory that pass on as many bytes at a time as the test says.
#include "websocket/socket.hpp"

#include "support/socket_pipe.hpp"
#include "triage/body_padding.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <functional>

namespace triage::websocket {
namespace {

using test::Pipe;
using test::PipeBytes;

struct Pair {
  explicit Pair(std::size_t step = 1'000'000, SocketLimits limits = {})
      : wheel(io),
        server(std::make_unique<PipeBytes>(io, up, down, step), wheel, limits),
        client(std::make_unique<PipeBytes>(io, down, up, step), wheel, limits) {}

  // Runs both to their end; the client's half of the handshake's request is not read by the server, as a session has
  // read it before.
  void run(const std::function<Async<void>(Pair&)>& at_server, const std::function<Async<void>(Pair&)>& at_client) {
    int running = 2;
    const auto finished = [&](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
      if (--running == 0) wheel.stop();
    };
    asio::co_spawn(io.get_executor(), serve(at_server), finished);
    asio::co_spawn(io.get_executor(), ask(at_client), finished);
    io.run();
    EXPECT_EQ(running, 0);
  }

  Async<void> serve(const std::function<Async<void>(Pair&)>& then) {
    std::string request;
    while (!request.ends_with("\r\n\r\n")) {
      co_await asio::post(io.get_executor(), use_async);
      request += std::exchange(up.waiting, {});
    }
    asked = request;
    const std::size_t at = request.find("Sec-WebSocket-Key: ") + 19;
    RequestHead head;
    head.fields = {{"Sec-WebSocket-Key", std::string_view(request).substr(at, 24)}};
    const std::vector<Field> fields{{"x-request-id", "req_1"}};
    const bool accepted = co_await server.accept(head, fields, "realtime");
    EXPECT_TRUE(accepted);
    co_await then(*this);
  }

  Async<void> ask(const std::function<Async<void>(Pair&)>& then) {
    const std::vector<Field> fields{{"Authorization", "Bearer x"}};
    const auto reply = co_await client.connect("example.com", "/v1/realtime?model=m", fields);
    EXPECT_TRUE(reply);
    if (!reply) co_return;
    EXPECT_EQ(reply->status, 101);
    co_await then(*this);
  }

  asio::io_context io;
  DeadlineWheel wheel;
  Pipe up;
  Pipe down;
  Socket server;
  Socket client;
  std::string asked;
};

std::string text_of(std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += "Zwölf Boxkämpfer 🥊 ";
  return out;
}

TEST(Socket, MessagesPassBothWaysAtEverySplit) {
  const std::string bytes("\0\xff\x80", 3);
  for (const std::size_t step : {1UL, 2UL, 3UL, 7UL, 125UL, 126UL, 4096UL, 1'000'000UL}) {
    const std::string text = text_of(step < 100 ? 700 : 70'000);
    Pair pair(step);
    pair.run(
        [&](Pair& p) -> Async<void> {
          auto message = co_await p.server.read();
          EXPECT_TRUE(message && message->text && message->bytes == text) << step;
          const SocketMessage echoed{bytes, false};
          const bool written = co_await p.server.write(echoed);
          EXPECT_TRUE(written);
          message = co_await p.server.read();
          EXPECT_FALSE(message);
          EXPECT_EQ(p.server.end().how, SocketEnd::How::closed);
          EXPECT_EQ(p.server.end().code, 4001);
          EXPECT_EQ(p.server.end().reason, "zwölf");
        },
        [&](Pair& p) -> Async<void> {
          const SocketMessage said{text, true};
          co_await p.client.write(said);
          const auto message = co_await p.client.read();
          EXPECT_TRUE(message && !message->text && message->bytes == bytes) << step;
          EXPECT_EQ(std::string(message->bytes.data() + message->bytes.size(), body_padding),
                    std::string(body_padding, '\0'));
          co_await p.client.close(4001, "zwölf");
        });
    EXPECT_TRUE(pair.asked.starts_with("GET /v1/realtime?model=m HTTP/1.1\r\n")) << pair.asked;
    EXPECT_EQ(pair.asked.find("Sec-WebSocket-Extensions"), std::string::npos);
  }
}

TEST(Socket, ACloseWithoutACodeHasNone) {
  Pair pair;
  pair.run([](Pair& p) -> Async<void> { co_await p.server.close(close_code::none, "not sent"); },
           [](Pair& p) -> Async<void> {
             const auto message = co_await p.client.read();
             EXPECT_FALSE(message);
             EXPECT_EQ(p.client.end().code, close_code::none);
             EXPECT_EQ(p.client.end().reason, "");
           });
}

TEST(Socket, ALongReasonIsCutBetweenCharacters) {
  Pair pair;
  std::string reason = "x";
  while (reason.size() < 200) reason += "ö";
  pair.run([&](Pair& p) -> Async<void> { co_await p.server.close(1011, reason); },
           [&](Pair& p) -> Async<void> {
             co_await p.client.read();
             EXPECT_EQ(p.client.end().reason, reason.substr(0, 123));
           });
}

TEST(Socket, ALargeMessageEndsTheConnectionWith1009) {
  SocketLimits limits;
  limits.message = 1000;
  Pair pair(1'000'000, limits);
  const std::string fits(1000, 'x');
  const std::string large(1001, 'x');
  pair.run(
      [](Pair& p) -> Async<void> {
        auto message = co_await p.server.read();
        EXPECT_TRUE(message);
        message = co_await p.server.read();
        EXPECT_FALSE(message);
        EXPECT_EQ(p.server.end().how, SocketEnd::How::too_large);
      },
      [&](Pair& p) -> Async<void> {
        SocketMessage said{fits, true};
        co_await p.client.write(said);
        said.bytes = large;
        co_await p.client.write(said);
        const auto message = co_await p.client.read();
        EXPECT_FALSE(message);
        EXPECT_EQ(p.client.end().code, close_code::too_big);
      });
}

TEST(Socket, TextThatIsNotUtf8BreaksTheProtocol) {
  Pair pair;
  pair.run(
      [](Pair& p) -> Async<void> {
        const auto message = co_await p.server.read();
        EXPECT_FALSE(message);
        EXPECT_EQ(p.server.end().how, SocketEnd::How::broken);
      },
      [](Pair& p) -> Async<void> {
        const SocketMessage said{"\xff", true};
        co_await p.client.write(said);
        co_await p.client.read();
        EXPECT_EQ(p.client.end().code, 1007);
      });
}

TEST(Socket, ACutConnectionHasNoCode) {
  Pair pair;
  pair.run(
      [](Pair& p) -> Async<void> {
        p.server.cut();
        co_return;
      },
      [](Pair& p) -> Async<void> {
        const auto message = co_await p.client.read();
        EXPECT_FALSE(message);
        EXPECT_EQ(p.client.end().how, SocketEnd::How::cut);
        const SocketMessage said{"x", true};
        const bool written = co_await p.client.write(said);
        EXPECT_FALSE(written);
        co_await p.client.close(1000, "");
      });
}

}  // namespace
}  // namespace triage::websocket
