// HTTPS: whom we trust, what we resume, how a connection ends.
#include "caller.hpp"
#include "support/fake_upstream.hpp"

#include <gmock/gmock.h>

#include <unistd.h>
#include <atomic>
#include <cstdio>
#include <fstream>

namespace triage::test {
namespace {

using testing::HasSubstr;

class UpstreamTls : public testing::Test {
 protected:
  static void SetUpTestSuite() { authority_ = std::make_unique<TestAuthority>(); }
  static void TearDownTestSuite() { authority_.reset(); }

  static FakeUpstream::Options served(const std::vector<std::string>& names) {
    FakeUpstream::Options options;
    options.tls = authority_->issue(names);
    return options;
  }

  static Provider https(const FakeUpstream& upstream, const std::string& host = "localhost") {
    Provider provider = Caller::http(upstream.port());
    provider.base_url.tls = true;
    provider.base_url.host = host;
    provider.ca_file = authority_->certificate_file();
    return provider;
  }

  static UpstreamOptions local() {
    UpstreamOptions options;
    options.lookup = [](const std::string&, const std::function<void(LookupAnswer)>& answer) {
      answer(LookupAnswer{{asio::ip::make_address("127.0.0.1")}, ""});
    };
    return options;
  }

  static inline std::unique_ptr<TestAuthority> authority_;
  Caller caller_{local()};
  const FakeUpstream::Script answering_ = [](FakeConnection& connection) {
    while (const auto request = connection.expect_request()) connection.send(reply("you said " + request->body));
  };
};

TEST_F(UpstreamTls, SendsAndReads) {
  FakeUpstream upstream(answering_, served({"localhost"}));
  for (int i = 0; i < 3; ++i) {
    const Outcome outcome = caller_.run(https(upstream), Caller::post());
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    EXPECT_EQ(outcome.body, "you said {}");
  }
  EXPECT_EQ(upstream.connections(), 1u);
  EXPECT_EQ(upstream.requests().at(0).field("host"), "localhost:" + std::to_string(upstream.port()));
}

TEST_F(UpstreamTls, BigBodiesBothWays) {
  for (const bool old : {false, true}) {
    FakeUpstream::Options options = served({"localhost"});
    options.tls12_only = old;
    FakeUpstream upstream(
        [](FakeConnection& connection) {
          while (const auto request = connection.expect_request()) connection.send(chunked_reply({request->body, "."}));
        },
        options);
    std::string body;
    for (int i = 0; body.size() < (3 << 20); ++i) body += std::to_string(i);
    HttpCall call = Caller::post();
    const std::string_view view = body;
    call.body = {view.substr(0, 5), view.substr(5, 30'000), view.substr(30'005)};
    const Outcome outcome = caller_.run(https(upstream), call);
    ASSERT_FALSE(outcome.error) << outcome.error->message;
    EXPECT_TRUE(outcome.body == body + ".");
  }
}

TEST_F(UpstreamTls, ASmallRequestIsOneRecord) {
  std::size_t first = 0;
  FakeUpstream upstream(
      [&](FakeConnection& connection) {
        first = connection.receive().size();  // SSL_read gives one record at a time
        connection.send(reply("ok"));
      },
      served({"localhost"}));
  HttpCall call = Caller::post();
  const std::string part(4000, 'x');
  call.body = {part, part, part};
  EXPECT_EQ(caller_.run(https(upstream), call).body, "ok");
  EXPECT_GT(first, 12'000u);
}

TEST_F(UpstreamTls, AsksForTheNameAndAnIpAddressIsCheckedToo) {
  std::string asked = "?";
  const FakeUpstream::Script noting = [&](FakeConnection& connection) {
    asked = connection.tls_server_name();
    connection.expect_request();
    connection.send(reply("ok"));
  };
  FakeUpstream named(noting, served({"api.example.com"}));
  EXPECT_EQ(caller_.run(https(named, "api.example.com"), Caller::post()).body, "ok");
  EXPECT_EQ(asked, "api.example.com");
  FakeUpstream numbered(noting, served({"127.0.0.1"}));
  EXPECT_EQ(caller_.run(https(numbered, "127.0.0.1"), Caller::post()).body, "ok");
  EXPECT_EQ(asked, "");
  FakeUpstream other(noting, served({"127.0.0.2", "localhost"}));
  EXPECT_EQ(caller_.run(https(other, "127.0.0.1"), Caller::post()).code(), ErrorCode::upstream_tls_failed);
}

TEST_F(UpstreamTls, RefusesAnotherName) {
  FakeUpstream upstream(answering_, served({"other.example.com"}));
  const Outcome outcome = caller_.run(https(upstream, "api.example.com"), Caller::post());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_tls_failed);
  EXPECT_EQ(outcome.error->message,
            "provider 'fake': the certificate of api.example.com is not trusted: hostname mismatch");
  EXPECT_EQ(upstream.requests().size(), 0u);
  EXPECT_EQ(caller_.metric("triage_upstream_connections_total", {{"provider", "fake"}, {"result", "failed"}}), 1);
}

TEST_F(UpstreamTls, RefusesAnUnknownAuthority) {
  const TestAuthority stranger;
  FakeUpstream::Options options;
  options.tls = stranger.issue({"localhost"});
  FakeUpstream upstream(answering_, options);
  EXPECT_THAT(caller_.run(https(upstream), Caller::post()).error->message,
              HasSubstr("not trusted: unable to get local issuer certificate"));
  Provider provider = https(upstream);
  provider.ca_file.clear();  // the system's authorities do not know it either
  EXPECT_EQ(caller_.run(provider, Caller::post()).code(), ErrorCode::upstream_tls_failed);
}

TEST_F(UpstreamTls, RefusesWhatHasExpired) {
  FakeUpstream::Options options;
  options.tls = authority_->issue({"localhost"}, -60);
  FakeUpstream upstream(answering_, options);
  EXPECT_THAT(caller_.run(https(upstream), Caller::post()).error->message, HasSubstr("expired"));
}

TEST_F(UpstreamTls, SaysWhatIsWrongWithTheFileOfAuthorities) {
  FakeUpstream upstream(answering_, served({"localhost"}));
  Provider provider = https(upstream);
  provider.ca_file = "/nowhere/ca.pem";
  const Outcome outcome = caller_.run(provider, Caller::post());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_tls_failed);
  EXPECT_THAT(outcome.error->message, HasSubstr("/nowhere/ca.pem"));
}

TEST_F(UpstreamTls, APeerThatSpeaksNoTlsIsRefused) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.receive();
    connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  EXPECT_EQ(caller_.run(https(upstream), Caller::post()).code(), ErrorCode::upstream_tls_failed);
}

TEST_F(UpstreamTls, ResumesSessions) {
  for (const bool old : {false, true}) {
    std::atomic<int> resumed = 0;
    FakeUpstream::Options options = served({"localhost"});
    options.tls12_only = old;
    FakeUpstream upstream(
        [&](FakeConnection& connection) {
          resumed += connection.tls_resumed();
          connection.expect_request();
          connection.send(reply("ok", "Connection: close\r\n"));
        },
        options);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(caller_.run(https(upstream), Caller::post()).body, "ok");
    EXPECT_EQ(upstream.connections(), 10u);
    EXPECT_EQ(resumed, 9);
  }
}

TEST_F(UpstreamTls, OnlyAProperEndEndsABody) {
  for (const bool proper : {true, false}) {
    FakeUpstream upstream(
        [proper](FakeConnection& connection) {
          connection.expect_request();
          connection.send("HTTP/1.1 200 OK\r\n\r\nto the end");
          if (!proper) connection.cut();
        },
        served({"localhost"}));
    const Outcome outcome = caller_.run(https(upstream), Caller::post());
    EXPECT_EQ(outcome.body, "to the end");
    EXPECT_EQ(outcome.error.has_value(), !proper);
    if (!proper) {
      EXPECT_EQ(outcome.code(), ErrorCode::upstream_truncated);
    }
  }
}

TEST_F(UpstreamTls, NoticesThatAnIdleConnectionEnds) {
  FakeUpstream upstream(
      [](FakeConnection& connection) {
        connection.expect_request();
        connection.send(reply("bye"));
      },
      served({"localhost"}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(caller_.run(https(upstream), Caller::post()).body, "bye");
    EXPECT_TRUE(caller_.run_until([&] { return caller_.gauge("triage_upstream_connections_open") == 0; }));
  }
}

TEST_F(UpstreamTls, AHandshakeThatStallsIsLimitedAndCancelled) {
  FakeUpstream upstream([](FakeConnection& connection) { connection.wait_for_close(); });
  CallTimeouts timeouts;
  timeouts.connect = 150ms;
  const Outcome outcome = caller_.run(https(upstream), Caller::post(), timeouts);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_connect_timeout);
  EXPECT_THAT(outcome.error->message, HasSubstr("TLS handshake"));

  Cancellation gone;
  Outcome left;
  bool ended = false;
  const Provider provider = https(upstream);
  const HttpCall call = Caller::post();
  caller_.start(provider, call, {}, gone, left, [&] { ended = true; });
  caller_.run_until([&] { return upstream.open_connections() > 0; });
  caller_.run_for(50ms);
  gone.fire();
  caller_.run_until([&] { return ended; });
  EXPECT_EQ(left.code(), ErrorCode::client_gone);
  EXPECT_TRUE(upstream.wait_for_no_connection(1s));
}

TEST_F(UpstreamTls, LoopsShareNothingButTheMetrics) {
  FakeUpstream secure(answering_, served({"localhost"}));
  FakeUpstream plain(answering_);
  Metrics metrics;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (std::size_t index = 0; index < 3; ++index) {
    threads.emplace_back([&, index] {
      Caller caller(local(), index, metrics);
      for (int i = 0; i < 20; ++i) {
        good += caller.run(https(secure), Caller::post()).body == "you said {}";
        good += caller.run(plain.port()).body == "you said {}";
        if (i % 5 == 4) caller.client->close_idle();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 120);
  EXPECT_EQ(metrics.gauge("triage_upstream_connections_open", "", Caller::of_fake()).value(), 0);
}

TEST_F(UpstreamTls, ARequestIsSentAgainWhenAKeptConnectionDies) {
  FakeUpstream upstream(
      [](FakeConnection& connection) {
        connection.expect_request();
        connection.send(reply("ok"));
        connection.expect_request();
        connection.reset();
      },
      served({"localhost"}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(caller_.run(https(upstream), Caller::post()).body, "ok");
  EXPECT_EQ(upstream.connections(), 3u);
}

TEST_F(UpstreamTls, ACommonNameIsNoNameOfAHost) {
  FakeUpstream::Options options;
  options.tls = authority_->issue_common_name("localhost");
  FakeUpstream upstream(answering_, options);
  const Outcome outcome = caller_.run(https(upstream), Caller::post());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_tls_failed);
  EXPECT_THAT(outcome.error->message, HasSubstr("hostname mismatch"));
}

TEST_F(UpstreamTls, AClientCertificateThatIsWantedIsNamed) {
  for (const bool old : {false, true}) {
    FakeUpstream::Options options = served({"localhost"});
    options.demands_certificate = true;
    options.tls12_only = old;
    FakeUpstream upstream(answering_, options);
    const Outcome outcome = caller_.run(https(upstream), Caller::post());
    EXPECT_EQ(outcome.code(), ErrorCode::upstream_tls_failed);
    EXPECT_THAT(outcome.error->message, HasSubstr("the provider asks for a client certificate"));
  }
}

TEST_F(UpstreamTls, AClientCertificateThatIsNotTakenIsNamedToo) {
  const PemPair own = authority_->issue({"gateway.test"});
  const std::string folder = testing::TempDir() + "triage-client-tls-" + std::to_string(::getpid());
  const ClientTlsSpec files{folder + ".pem", folder + ".key"};
  std::ofstream(files.client_cert) << own.cert;
  std::ofstream(files.client_key) << own.key;
  for (const bool old : {false, true}) {
    FakeUpstream::Options options = served({"localhost"});
    options.demands_certificate = true;  // of an authority that it does not know
    options.tls12_only = old;
    FakeUpstream upstream(answering_, options);
    Provider provider = https(upstream);
    provider.tls = files;
    for (const std::string& body : {std::string("{}"), std::string(8 << 20, 'x')}) {  // the alert comes amid the second
      const Outcome outcome = caller_.run(provider, Caller::post(body));
      EXPECT_EQ(outcome.code(), ErrorCode::upstream_tls_failed);
      EXPECT_THAT(outcome.error->message, HasSubstr("did not take the gateway's"));
    }
  }
  std::ofstream(files.client_key) << "nonsense";
  FakeUpstream upstream(answering_, served({"localhost"}));
  Provider provider = https(upstream);
  provider.tls = files;
  const Outcome outcome = Caller(local()).run(provider, Caller::post());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_tls_failed);
  EXPECT_THAT(outcome.error->message, HasSubstr("tls.client_key"));
  std::remove(files.client_cert.c_str());
  std::remove(files.client_key.c_str());
}

TEST_F(UpstreamTls, PlainHttpBehindHttpsIsNamed) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.receive();
    connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  });
  const Outcome outcome = caller_.run(https(upstream), Caller::post());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_tls_failed);
  EXPECT_THAT(outcome.error->message, HasSubstr("http://"));
}

}  // namespace
}  // namespace triage::test
