// Timeouts, and clients that go away, in every phase.
#include "caller.hpp"
#include "support/fake_upstream.hpp"

#include <gmock/gmock.h>

namespace triage::test {
namespace {

using testing::HasSubstr;

CallTimeouts patient() {
  return CallTimeouts{5s, 5s, 5s, 5s};
}

/// Takes connections into its backlog and never answers. A full backlog does not even do that.
FakeUpstream::Options deaf() {
  FakeUpstream::Options options;
  options.accepting = false;
  options.backlog = 0;
  return options;
}

const FakeUpstream::Script silent = [](FakeConnection& connection) {
  connection.expect_request();
  connection.wait_for_close();
};

const FakeUpstream::Script stalls_inside = [](FakeConnection& connection) {
  connection.expect_request();
  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  connection.wait_for_close();
};

const FakeUpstream::Script drips = [](FakeConnection& connection) {
  connection.expect_request();
  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
  connection.send_slowly(std::string(1000, 'x'), 1, 20ms);
};

Outcome with(FakeUpstream& upstream, const CallTimeouts& timeouts) {
  Caller caller;
  Outcome outcome = caller.run(Caller::http(upstream.port()), Caller::post(), timeouts);
  EXPECT_EQ(caller.gauge("triage_upstream_connections_open"), 0);
  return outcome;
}

TEST(UpstreamTimeouts, Connect) {
  FakeUpstream upstream([](FakeConnection&) {}, deaf());
  Cancellation gone;
  std::vector<Outcome> held(2);
  const Provider provider = Caller::http(upstream.port());
  const HttpCall call = Caller::post();
  Caller filler;  // the backlog of 0 holds one connection
  for (Outcome& outcome : held) filler.start(provider, call, patient(), gone, outcome, [] {});
  filler.run_for(100ms);

  CallTimeouts timeouts = patient();
  timeouts.connect = 150ms;
  const Outcome outcome = with(upstream, timeouts);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_connect_timeout);
  EXPECT_THAT(outcome.error->message, HasSubstr("within 150ms"));
  EXPECT_LT(outcome.took, 1500ms);
}

TEST(UpstreamTimeouts, FirstByte) {
  FakeUpstream upstream(silent);
  CallTimeouts timeouts = patient();
  timeouts.first_byte = 150ms;
  const Outcome outcome = with(upstream, timeouts);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_first_byte_timeout);
  EXPECT_THAT(outcome.error->message, HasSubstr("provider 'fake': no answer within 150ms"));
  EXPECT_GE(outcome.took, 150ms);
  EXPECT_LT(outcome.took, 1500ms);
}

TEST(UpstreamTimeouts, IdleInsideTheBody) {
  FakeUpstream upstream(stalls_inside);
  CallTimeouts timeouts = patient();
  timeouts.idle = 150ms;
  const Outcome outcome = with(upstream, timeouts);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_idle_timeout);
  EXPECT_EQ(outcome.body, "half");
  EXPECT_LT(outcome.took, 1500ms);
}

TEST(UpstreamTimeouts, IdleInsideTheHead) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send("HTTP/1.1 200 OK\r\n");
    connection.wait_for_close();
  });
  CallTimeouts timeouts = patient();
  timeouts.idle = 150ms;
  EXPECT_EQ(with(upstream, timeouts).code(), ErrorCode::upstream_idle_timeout);
}

TEST(UpstreamTimeouts, BehindTheHeadOfAnAnswerThatIsMadeWhole) {
  const auto head_first = [](std::chrono::milliseconds pause) {
    return [pause](FakeConnection& connection) {
      connection.expect_request();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
      connection.pause(pause);
      connection.send("body");
      connection.wait_for_close();
    };
  };
  CallTimeouts timeouts = patient();
  timeouts.idle = 100ms;
  timeouts.first_piece = 2s;
  FakeUpstream slow(head_first(300ms));
  Caller caller;  // its connection is kept
  EXPECT_EQ(caller.run(Caller::http(slow.port()), Caller::post(), timeouts).body, "body") << "silence is not idleness";
  timeouts.first_piece = 150ms;
  FakeUpstream slower(head_first(3s));
  const Outcome outcome = with(slower, timeouts);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_first_byte_timeout);
  EXPECT_LT(outcome.took, 1500ms);
}

TEST(UpstreamTimeouts, ADrippingBodyIsNotIdleButEndsWithTheTotal) {
  FakeUpstream upstream(drips);
  CallTimeouts timeouts = patient();
  timeouts.idle = 200ms;
  timeouts.total = 500ms;
  const Outcome outcome = with(upstream, timeouts);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_total_timeout);
  EXPECT_GE(outcome.took, 500ms);
  EXPECT_LT(outcome.took, 2s);
}

TEST(UpstreamTimeouts, TotalLimitsEveryPhase) {
  FakeUpstream upstream(silent);
  CallTimeouts timeouts = patient();
  timeouts.total = 150ms;
  EXPECT_EQ(with(upstream, timeouts).code(), ErrorCode::upstream_total_timeout);
}

TEST(UpstreamTimeouts, ASlowReaderIsNotAnIdleProvider) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
    connection.pause(20ms);
    connection.send("half");
    connection.wait_for_close();
  });
  Caller caller;
  caller.on_piece = [](const std::string&) { std::this_thread::sleep_for(200ms); };
  CallTimeouts timeouts = patient();
  timeouts.idle = 100ms;
  const Outcome outcome = caller.run(Caller::http(upstream.port()), Caller::post(), timeouts);
  EXPECT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.body, "halfhalf");
}

/// Fires the cancellation when `condition` holds, and expects a quick end.
template <class Condition>
void goes_away_when(Caller& caller, const Provider& provider, Condition condition) {
  Cancellation gone;
  Outcome outcome;
  bool ended = false;
  const HttpCall call = Caller::post();
  caller.start(provider, call, patient(), gone, outcome, [&] { ended = true; });
  caller.run_until(condition);
  EXPECT_FALSE(ended);
  const auto fired = std::chrono::steady_clock::now();
  gone.fire();
  caller.run_until([&] { return ended; });
  EXPECT_LT(std::chrono::steady_clock::now() - fired, 1s);
  EXPECT_EQ(outcome.code(), ErrorCode::client_gone);
  EXPECT_EQ(caller.gauge("triage_upstream_connections_open"), 0);
}

TEST(UpstreamClientGone, BeforeTheCall) {
  FakeUpstream upstream(silent);
  Caller caller;
  Cancellation gone;
  gone.fire();
  Outcome outcome;
  bool ended = false;
  const HttpCall call = Caller::post();
  const Provider provider = Caller::http(upstream.port());
  caller.start(provider, call, patient(), gone, outcome, [&] { ended = true; });
  caller.run_until([&] { return ended; });
  EXPECT_EQ(outcome.code(), ErrorCode::client_gone);
  EXPECT_EQ(upstream.connections(), 0u);
}

TEST(UpstreamClientGone, DuringTheLookup) {
  UpstreamOptions options;
  bool asked = false;
  std::function<void(LookupAnswer)> late;
  options.lookup = [&](const std::string&, std::function<void(LookupAnswer)> answer) {
    asked = true;
    late = std::move(answer);
  };
  Caller caller(options);
  Provider provider = Caller::http(1);
  provider.base_url.host = "slow.test";
  goes_away_when(caller, provider, [&] { return asked; });
  late(LookupAnswer{{}, "too late"});
}

TEST(UpstreamClientGone, DuringTheConnect) {
  FakeUpstream upstream([](FakeConnection&) {}, deaf());
  Cancellation never;
  std::vector<Outcome> held(2);
  const Provider provider = Caller::http(upstream.port());
  const HttpCall call = Caller::post();
  Caller filler;
  for (Outcome& outcome : held) filler.start(provider, call, patient(), never, outcome, [] {});
  filler.run_for(100ms);
  Caller caller;
  const auto begun = std::chrono::steady_clock::now();
  goes_away_when(caller, provider, [&] { return std::chrono::steady_clock::now() - begun > 100ms; });
}

TEST(UpstreamClientGone, BeforeTheAnswer) {
  FakeUpstream upstream(silent);
  Caller caller;
  goes_away_when(caller, Caller::http(upstream.port()), [&] { return upstream.requests().size() == 1; });
  EXPECT_TRUE(upstream.wait_for_no_connection(1s));
}

TEST(UpstreamClientGone, InsideTheBody) {
  FakeUpstream upstream(stalls_inside);
  Caller caller;
  bool begun = false;
  caller.on_piece = [&](const std::string&) { begun = true; };
  goes_away_when(caller, Caller::http(upstream.port()), [&] { return begun; });
  EXPECT_TRUE(upstream.wait_for_no_connection(1s));
}

TEST(UpstreamClientGone, WhileSending) {
  FakeUpstream upstream([](FakeConnection& connection) { connection.pause(5s); });
  Caller caller;
  const std::string body(64 << 20, 'x');
  const HttpCall call = Caller::post(body);
  const Provider provider = Caller::http(upstream.port());
  Cancellation gone;
  Outcome outcome;
  bool ended = false;
  caller.start(provider, call, patient(), gone, outcome, [&] { ended = true; });
  caller.run_for(200ms);
  EXPECT_FALSE(ended);
  gone.fire();
  caller.run_until([&] { return ended; });
  EXPECT_EQ(outcome.code(), ErrorCode::client_gone);
}

TEST(UpstreamClientGone, WhoDropsTheReplyEndsTheCall) {
  FakeUpstream upstream(stalls_inside);
  Caller caller;
  const Provider provider = Caller::http(upstream.port());
  const HttpCall call = Caller::post();
  Cancellation gone;
  const CallTimeouts timeouts = patient();
  bool dropped = false;
  const auto drop = [&]() -> Async<void> {
    auto reply = co_await caller.client->send(provider, call, timeouts, gone);
    EXPECT_TRUE(reply.has_value());
    dropped = true;
  };
  asio::co_spawn(caller.loop.io, drop(), asio::detached);
  caller.run_until([&] { return dropped; });
  EXPECT_TRUE(upstream.wait_for_no_connection(1s));
}

TEST(UpstreamClientGone, TheClientOfTheNetworkMayEndFirst) {
  FakeUpstream upstream(silent);
  FakeUpstream inside(stalls_inside);
  Cancellation gone;
  std::vector<Outcome> outcomes(3);
  const HttpCall call = Caller::post();
  const Provider first = Caller::http(upstream.port());
  Provider second = Caller::http(inside.port());
  second.name = "other";
  Provider third = first;
  third.name = "third";
  third.base_url.host = "slow.test";
  UpstreamOptions options;
  options.lookup = [](const std::string&, const std::function<void(LookupAnswer)>&) {};
  bool ended = false;
  {
    Caller caller(options);
    caller.start(first, call, patient(), gone, outcomes[0], [&] { ended = true; });
    caller.start(second, call, patient(), gone, outcomes[1], [&] { ended = true; });
    caller.start(third, call, patient(), gone, outcomes[2], [&] { ended = true; });
    caller.run_for(100ms);
    caller.client.reset();
    caller.run_for(20ms);
    EXPECT_TRUE(upstream.wait_for_no_connection(1s));
    EXPECT_TRUE(inside.wait_for_no_connection(1s));
  }
  EXPECT_FALSE(ended);
}

}  // namespace
}  // namespace triage::test
