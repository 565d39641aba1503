// Names, several addresses, and the proxy.
#include "caller.hpp"
#include "support/fake_upstream.hpp"

#include <gmock/gmock.h>

namespace triage::test {
namespace {

using testing::HasSubstr;

const FakeUpstream::Script answering = [](FakeConnection& connection) {
  while (connection.expect_request()) connection.send(reply("ok"));
};

/// Look-ups that the test answers.
struct Names {
  struct Question {
    std::string host;
    std::function<void(LookupAnswer)> answer;
  };
  std::vector<Question> questions;

  UpstreamOptions options(std::chrono::milliseconds ttl = 30s) {
    UpstreamOptions options;
    options.dns_ttl = ttl;
    options.lookup = [this](const std::string& host, std::function<void(LookupAnswer)> answer) {
      questions.push_back({host, std::move(answer)});
    };
    return options;
  }
};

LookupAnswer found(std::initializer_list<const char*> texts) {
  LookupAnswer answer;
  for (const char* text : texts) answer.addresses.push_back(asio::ip::make_address(text));
  return answer;
}

/// Answers every look-up with these addresses.
UpstreamOptions always(std::initializer_list<const char*> texts) {
  UpstreamOptions options;
  options.lookup = [answer = found(texts)](const std::string&, const std::function<void(LookupAnswer)>& give) {
    give(answer);
  };
  return options;
}

Provider named(std::uint16_t port, const std::string& host = "api.test") {
  Provider provider = Caller::http(port);
  provider.base_url.host = host;
  return provider;
}

TEST(UpstreamNames, TheSystemKnowsLocalhost) {
  FakeUpstream upstream(answering);
  Caller caller;
  const Outcome outcome = caller.run(named(upstream.port(), "localhost"), Caller::post());
  EXPECT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(caller.metric("triage_dns_lookups_total", {{"result", "ok"}}), 1);
}

TEST(UpstreamNames, OneLookupServesAllWhoWait) {
  FakeUpstream upstream(answering);
  Names names;
  Caller caller(names.options());
  std::vector<Outcome> outcomes(5);
  Cancellation gone;
  const Provider provider = named(upstream.port());
  const HttpCall call = Caller::post();
  int ended = 0;
  for (Outcome& outcome : outcomes) caller.start(provider, call, {}, gone, outcome, [&] { ++ended; });
  caller.run_until([&] { return !names.questions.empty(); });
  caller.run_for(20ms);
  ASSERT_EQ(names.questions.size(), 1u);
  EXPECT_EQ(names.questions[0].host, "api.test");
  names.questions[0].answer(found({"127.0.0.1"}));
  caller.run_until([&] { return ended == 5; });
  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.body, "ok");
  EXPECT_EQ(names.questions.size(), 1u);
}

TEST(UpstreamNames, AnUnknownNameIsSaid) {
  UpstreamOptions options;
  options.lookup = [](const std::string&, const std::function<void(LookupAnswer)>& answer) {
    answer(LookupAnswer{{}, "Host not found"});
  };
  Caller caller(options);
  const Outcome outcome = caller.run(named(80), Caller::post());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_unreachable);
  EXPECT_EQ(outcome.error->message, "provider 'fake': the address of 'api.test' cannot be found: Host not found");
  EXPECT_EQ(caller.metric("triage_dns_lookups_total", {{"result", "failed"}}), 1);
}

TEST(UpstreamNames, AnOldAddressServesWhileItsRenewalIsLate) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send(reply("ok", "Connection: close\r\n"));
  });
  Names names;
  Caller caller(names.options(1ms));
  Outcome outcome;
  Cancellation gone;
  const Provider provider = named(upstream.port());
  const HttpCall call = Caller::post();
  bool ended = false;
  caller.start(provider, call, {}, gone, outcome, [&] { ended = true; });
  caller.run_until([&] { return !names.questions.empty(); });
  names.questions[0].answer(found({"127.0.0.1"}));
  caller.run_until([&] { return ended; });
  caller.run_for(5ms);
  const Outcome late = caller.run(provider, call);  // nobody answers the second question
  EXPECT_EQ(names.questions.size(), 2u);
  EXPECT_EQ(late.body, "ok");
  EXPECT_GE(late.took, 250ms);
  names.questions[1].answer(LookupAnswer{{}, "the server failed"});
  EXPECT_EQ(caller.run(provider, call).body, "ok");
}

TEST(UpstreamConnect, SaysWhoRefused) {
  std::uint16_t port = 0;
  { port = FakeUpstream(answering).port(); }
  Caller caller;
  const Outcome outcome = caller.run(port);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_unreachable);
  EXPECT_EQ(outcome.error->message,
            "provider 'fake': 127.0.0.1:" + std::to_string(port) + " cannot be reached: 127.0.0.1: Connection refused");
}

TEST(UpstreamConnect, TheNextAddressIsTriedAtOnceAfterARefusal) {
  FakeUpstream upstream(answering);
  Caller caller(always({"127.0.0.2", "127.0.0.3", "127.0.0.1"}));
  const Outcome outcome = caller.run(named(upstream.port()), Caller::post());
  EXPECT_EQ(outcome.body, "ok");
  EXPECT_LT(outcome.took, 250ms);
}

TEST(UpstreamConnect, AndAfterAShortSilence) {
  FakeUpstream upstream(answering);
  FakeUpstream::Options deaf;
  deaf.address = "127.0.0.2";
  deaf.port = upstream.port();
  deaf.accepting = false;
  deaf.backlog = 0;
  FakeUpstream silent([](FakeConnection&) {}, deaf);
  std::vector<Outcome> held(2);
  Cancellation gone;
  Provider full = named(upstream.port(), "127.0.0.2");
  const HttpCall call = Caller::post();
  Caller filler;
  for (Outcome& outcome : held) filler.start(full, call, {}, gone, outcome, [] {});
  filler.run_for(100ms);

  Caller caller(always({"127.0.0.2", "127.0.0.1"}));
  const Outcome outcome = caller.run(named(upstream.port()), call);
  EXPECT_EQ(outcome.body, "ok");
  EXPECT_GE(outcome.took, 250ms);
  EXPECT_LT(outcome.took, 1500ms);
  EXPECT_EQ(caller.gauge("triage_upstream_connections_open"), 1);
}

/// A proxy that answers CONNECT, then plays the target itself.
FakeUpstream::Script proxy(const std::string& answer) {
  return [answer](FakeConnection& connection) {
    if (!connection.expect_request()) return;
    connection.send(answer);
    while (connection.expect_request()) connection.send(reply("through the tunnel"));
  };
}

Provider behind(const FakeUpstream& via) {
  Provider provider = named(8443, "api.test");
  provider.proxy = Url{false, "127.0.0.1", via.port(), ""};
  return provider;
}

TEST(UpstreamProxy, OpensATunnel) {
  FakeUpstream via(proxy("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n"));
  Caller caller;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(caller.run(behind(via), Caller::post()).body, "through the tunnel");
  ASSERT_EQ(via.requests().size(), 3u);
  EXPECT_EQ(via.requests()[0].raw, "CONNECT api.test:8443 HTTP/1.1\r\nHost: api.test:8443\r\n\r\n");
  EXPECT_EQ(via.requests()[1].field("host"), "api.test:8443");
}

TEST(UpstreamProxy, GetsUserAndPassword) {
  FakeUpstream via(proxy("HTTP/1.1 200 OK\r\n\r\n"));
  Caller caller;
  Provider provider = behind(via);
  provider.proxy_user = "Aladdin";
  provider.proxy_password = Secret("open sesame");
  EXPECT_EQ(caller.run(provider, Caller::post()).body, "through the tunnel");
  ASSERT_EQ(via.requests().size(), 2u);
  EXPECT_EQ(via.requests()[0].field("proxy-authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");  // RFC 7617, 2
  EXPECT_EQ(via.requests()[1].raw.find("roxy-"), std::string::npos);
  provider.proxy_password = Secret("another");  // other connections
  EXPECT_EQ(caller.run(provider, Caller::post()).body, "through the tunnel");
  EXPECT_EQ(via.requests().size(), 4u);
}

TEST(UpstreamProxy, ARefusedPasswordIsNotInTheError) {
  FakeUpstream via(proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
  Caller caller;
  Provider provider = behind(via);
  provider.proxy_user = "me";
  provider.proxy_password = Secret("sesame");
  const Outcome outcome = caller.run(provider, Caller::post());
  EXPECT_THAT(outcome.error->message, HasSubstr("does not take proxy_user and proxy_password"));
  EXPECT_EQ(outcome.error->message.find("sesame"), std::string::npos);
}

TEST(UpstreamProxy, SaysWhenItRefuses) {
  FakeUpstream via(proxy("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
  Caller caller;
  const Outcome outcome = caller.run(behind(via), Caller::post());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_unreachable);
  EXPECT_THAT(outcome.error->message, HasSubstr("refused a tunnel to api.test:8443 with status 407"));
}

TEST(UpstreamProxy, RefusesBrokenOnes) {
  for (const char* answer : {"", "nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\nEVIL"}) {
    FakeUpstream via([answer](FakeConnection& connection) {
      connection.expect_request();
      connection.send(answer);
    });
    Caller caller;
    EXPECT_EQ(caller.run(behind(via), Caller::post()).code(), ErrorCode::upstream_unreachable) << answer;
  }
}

TEST(UpstreamProxy, AStallIsLimited) {
  FakeUpstream via([](FakeConnection& connection) { connection.wait_for_close(); });
  Caller caller;
  CallTimeouts timeouts;
  timeouts.connect = 150ms;
  const Outcome outcome = caller.run(behind(via), Caller::post(), timeouts);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_connect_timeout);
  EXPECT_THAT(outcome.error->message, HasSubstr("proxy"));
}

}  // namespace
}  // namespace triage::test
