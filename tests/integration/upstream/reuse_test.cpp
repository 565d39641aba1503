// Which connections are kept, which are not, and when a request is sent again.
#include "caller.hpp"
#include "support/fake_upstream.hpp"

namespace triage::test {
namespace {

const FakeUpstream::Script answering = [](FakeConnection& connection) {
  while (const auto request = connection.expect_request()) connection.send(reply("you said " + request->body));
};

constexpr auto repeated = "triage_upstream_retries_on_reuse_total";

TEST(UpstreamReuse, KeepsTheConnection) {
  FakeUpstream upstream(answering);
  Caller caller;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(caller.run(upstream.port()).body, "you said {}");
  EXPECT_EQ(upstream.connections(), 1u);
  EXPECT_EQ(caller.metric("triage_upstream_reused_total", Caller::of_fake()), 4);
  EXPECT_EQ(caller.metric("triage_upstream_connections_total", {{"provider", "fake"}, {"result", "ok"}}), 1);
  EXPECT_EQ(caller.gauge("triage_upstream_idle"), 1);
  EXPECT_EQ(caller.gauge("triage_upstream_connections_open"), 1);
  caller.client->close_idle();
  EXPECT_TRUE(upstream.wait_for_no_connection());
  EXPECT_EQ(caller.gauge("triage_upstream_idle"), 0);
  EXPECT_EQ(caller.gauge("triage_upstream_connections_open"), 0);
}

TEST(UpstreamReuse, NotWhenTheProviderSaysClose) {
  FakeUpstream upstream([](FakeConnection& connection) {
    while (connection.expect_request()) connection.send(reply("bye", "Connection: close\r\n"));
  });
  Caller caller;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(caller.run(upstream.port()).body, "bye");
  EXPECT_EQ(upstream.connections(), 2u);
  EXPECT_TRUE(upstream.wait_for_no_connection());
}

TEST(UpstreamReuse, NotWhenMoreCameThanTheReply) {
  FakeUpstream upstream([](FakeConnection& connection) {
    while (connection.expect_request()) connection.send(reply("right") + reply("wrong"));
  });
  Caller caller;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(caller.run(upstream.port()).body, "right");
  EXPECT_EQ(upstream.connections(), 3u);
}

TEST(UpstreamReuse, NotWhenStrayBytesComeLater) {
  FakeUpstream upstream([](FakeConnection& connection) {
    while (connection.expect_request()) {
      connection.send(reply("right"));
      connection.pause(30ms);
      connection.send(reply("wrong"));
    }
  });
  Caller caller;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(caller.run(upstream.port()).body, "right");
    EXPECT_TRUE(caller.run_until([&] { return caller.gauge("triage_upstream_idle") == 0; }));
  }
  EXPECT_EQ(upstream.connections(), 3u);
}

TEST(UpstreamReuse, NoticesThatAnIdleConnectionEnds) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send(reply("bye"));
  });
  Caller caller;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(caller.run(upstream.port()).body, "bye");
    EXPECT_TRUE(caller.run_until([&] { return caller.gauge("triage_upstream_connections_open") == 0; }));
  }
  EXPECT_EQ(caller.metric(repeated), 0);
}

TEST(UpstreamReuse, AnEndThatComesWithTheReplyIsNoticed) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send(reply("bye"));
    connection.close();
  });
  Caller caller;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(caller.run(upstream.port()).body, "bye");
}

/// Answers `good` requests of a connection, and ends it when the next one comes.
FakeUpstream::Script dies_after(int good, bool reset) {
  return [good, reset](FakeConnection& connection) {
    for (int i = 0; i < good && connection.expect_request(); ++i) connection.send(reply("ok"));
    connection.expect_request();
    if (reset) connection.reset();
  };
}

TEST(UpstreamReuse, ARequestIsSentAgainWhenAKeptConnectionDies) {
  for (const bool reset : {false, true}) {
    FakeUpstream upstream(dies_after(1, reset));
    Caller caller;
    for (int i = 0; i < 3; ++i) {
      const Outcome outcome = caller.run(upstream.port());
      ASSERT_FALSE(outcome.error) << outcome.error->message;
      EXPECT_EQ(outcome.body, "ok");
    }
    EXPECT_EQ(upstream.connections(), 3u);
    EXPECT_EQ(caller.metric(repeated), 2);
  }
}

TEST(UpstreamReuse, ButOnlyOnce) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    if (connection.index() == 0) connection.send(reply("ok"));
    connection.expect_request();
  });
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).body, "ok");
  const auto requests = upstream.requests().size();
  CallTimeouts timeouts;
  timeouts.first_byte = 300ms;
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), Caller::post(), timeouts).code(),
            ErrorCode::upstream_first_byte_timeout);
  EXPECT_EQ(upstream.requests().size(), requests + 2);
  EXPECT_EQ(caller.metric(repeated), 1);
}

TEST(UpstreamReuse, AFreshConnectionThatDiesIsAnError) {
  FakeUpstream upstream(dies_after(0, false));
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).code(), ErrorCode::upstream_truncated);
  EXPECT_EQ(upstream.connections(), 1u);
  EXPECT_EQ(caller.metric(repeated), 0);
}

TEST(UpstreamReuse, NotSentAgainWhenItMustNotBe) {
  FakeUpstream upstream(dies_after(1, false));
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).body, "ok");
  HttpCall call = Caller::post();
  call.replayable = false;
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).code(), ErrorCode::upstream_truncated);
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST(UpstreamReuse, NotSentAgainAfterAByteOfTheAnswer) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send(reply("ok"));
    connection.expect_request();
    connection.send("H");
    connection.reset();
  });
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).body, "ok");
  EXPECT_EQ(caller.run(upstream.port()).code(), ErrorCode::upstream_truncated);
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST(UpstreamReuse, NotSentAgainAfterATimeout) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send(reply("ok"));
    connection.expect_request();
    connection.wait_for_close();
  });
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).body, "ok");
  CallTimeouts timeouts;
  timeouts.first_byte = 100ms;
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), Caller::post(), timeouts).code(),
            ErrorCode::upstream_first_byte_timeout);
  EXPECT_EQ(upstream.connections(), 1u);
}

/// Runs `count` calls at once, so that as many connections are needed.
void run_together(Caller& caller, const Provider& provider, int count) {
  std::vector<Outcome> outcomes(static_cast<std::size_t>(count));
  Cancellation gone;
  const HttpCall call = Caller::post();
  int ended = 0;
  for (Outcome& outcome : outcomes) caller.start(provider, call, {}, gone, outcome, [&] { ++ended; });
  caller.run_until([&] { return ended == count; });
  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.body, "you said {}");
}

TEST(UpstreamReuse, KeepsAsManyAsAllowed) {
  FakeUpstream upstream(answering);
  Provider provider = Caller::http(upstream.port());
  provider.pool.idle_max = 3;
  Caller caller;
  run_together(caller, provider, 8);
  EXPECT_EQ(caller.gauge("triage_upstream_idle"), 3);
  EXPECT_EQ(caller.gauge("triage_upstream_connections_open"), 3);
  provider.pool.idle_max = 0;
  run_together(caller, provider, 2);
  EXPECT_EQ(caller.gauge("triage_upstream_connections_open"), 0) << "a changed provider leaves its old connections";
}

TEST(UpstreamReuse, TheLastUsedIsTakenFirst) {
  FakeUpstream upstream(answering);
  Caller caller;
  run_together(caller, Caller::http(upstream.port()), 4);
  caller.run(upstream.port());
  const std::size_t last = upstream.requests().back().connection;
  for (int i = 0; i < 5; ++i) {
    caller.run(upstream.port());
    EXPECT_EQ(upstream.requests().back().connection, last);
  }
}

TEST(UpstreamReuse, TheOldAreClosed) {
  FakeUpstream upstream(answering);
  Provider provider = Caller::http(upstream.port());
  provider.pool.idle_age = 100ms;
  Caller caller;
  run_together(caller, provider, 3);
  EXPECT_EQ(caller.gauge("triage_upstream_idle"), 3);
  EXPECT_TRUE(caller.run_until([&] { return caller.gauge("triage_upstream_idle") == 0; }, 1s));
  EXPECT_TRUE(upstream.wait_for_no_connection());
}

TEST(UpstreamReuse, AProviderThatMovedIsFollowed) {
  FakeUpstream before(answering);
  FakeUpstream after(answering);
  Caller caller;
  caller.run(before.port());
  EXPECT_EQ(caller.run(after.port()).body, "you said {}");
  EXPECT_EQ(after.connections(), 1u);
  EXPECT_TRUE(before.wait_for_no_connection());
}

TEST(UpstreamReuse, ANewConfigurationKeepsTheConnectionsToWhatStays) {
  FakeUpstream stays(answering);
  FakeUpstream moves(answering);
  FakeUpstream goes(answering);
  std::vector<Provider> providers{Caller::http(stays.port()), Caller::http(moves.port()), Caller::http(goes.port())};
  for (std::size_t i = 0; i < providers.size(); ++i) providers[i].name = "p" + std::to_string(i);
  Caller caller;
  const HttpCall call = Caller::post();
  for (const Provider& provider : providers) caller.run(provider, call);
  providers.pop_back();
  providers[1].base_url.port = stays.port();
  caller.client->use(providers, 30s);
  EXPECT_TRUE(moves.wait_for_no_connection());
  EXPECT_TRUE(goes.wait_for_no_connection());
  for (const Provider& provider : providers) EXPECT_EQ(caller.run(provider, call).body, "you said {}");
  EXPECT_EQ(stays.connections(), 2u) << "p0 found its own, p1 needed one";
}

TEST(UpstreamReuse, ANewConfigurationDoesNotCutACall) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
    connection.pause(100ms);
    connection.send("lf");
  });
  Caller caller;
  caller.on_piece = [&](const std::string&) { caller.client->use({}, 30s); };
  EXPECT_EQ(caller.run(upstream.port()).body, "half");
}

TEST(UpstreamReuse, ABusyConnectionHasAnAge) {
  FakeUpstream upstream(answering);
  Caller caller;
  Provider provider = Caller::http(upstream.port());
  provider.pool.age = 200ms;
  const auto until = std::chrono::steady_clock::now() + 700ms;
  std::size_t calls = 0;
  for (; std::chrono::steady_clock::now() < until; ++calls)
    ASSERT_EQ(caller.run(provider, Caller::post()).body, "you said {}");
  EXPECT_GE(upstream.connections(), 3u);
  EXPECT_LE(upstream.connections(), 6u);
  EXPECT_GT(calls, 10u);
  EXPECT_EQ(caller.metric("triage_upstream_outlived_total", Caller::of_fake()),
            static_cast<std::int64_t>(upstream.connections() - 1));
  EXPECT_EQ(caller.metric(repeated), 0);
}

TEST(UpstreamReuse, AnIdleConnectionHasTheSameAge) {
  FakeUpstream upstream(answering);
  Caller caller;
  Provider provider = Caller::http(upstream.port());
  provider.pool.age = 100ms;
  caller.run(provider, Caller::post());
  caller.run_for(150ms);
  EXPECT_EQ(caller.run(provider, Caller::post()).body, "you said {}");
  EXPECT_EQ(upstream.connections(), 2u);
  EXPECT_EQ(caller.gauge("triage_upstream_idle"), 1);
}

TEST(UpstreamReuse, ACallAsLongAsTheAgeIsNotCut) {
  FakeUpstream upstream([](FakeConnection& connection) {
    while (connection.expect_request()) connection.send_slowly(reply("slowly and to the end"), 10, 20ms);
  });
  Caller caller;
  Provider provider = Caller::http(upstream.port());
  provider.pool.age = 20ms;
  EXPECT_EQ(caller.run(provider, Caller::post()).body, "slowly and to the end");
}

}  // namespace
}  // namespace triage::test
