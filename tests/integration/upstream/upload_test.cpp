// Bodies on their way up: large ones, pulled ones, and answers that come before they are sent.
#include "caller.hpp"
#include "support/fake_exchange.hpp"
#include "support/fake_upstream.hpp"

#include <numeric>

namespace triage::test {
namespace {

const FakeUpstream::Script measuring = [](FakeConnection& connection) {
  while (const auto request = connection.expect_request())
    connection.send(reply(std::to_string(request->body.size()) + " bytes"));
};

std::string big(std::size_t size) {
  std::string body(size, '\0');
  std::iota(body.begin(), body.end(), '\1');
  return body;
}

TEST(UpstreamUpload, ABigBodyGoesUpWhole) {
  const std::string body = big(20 << 20);
  FakeUpstream upstream([&](FakeConnection& connection) {
    const auto request = connection.expect_request();
    connection.send(reply(request && request->body == body ? "equal" : "different"));
  });
  Caller caller;
  HttpCall call = Caller::post();
  const std::string_view view = body;
  call.body = {view.substr(0, 100), view.substr(100, 10 << 20), view.substr(100 + (10 << 20))};
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).body, "equal");
}

TEST(UpstreamUpload, ManyPiecesGoUpWhole) {
  FakeUpstream upstream([](FakeConnection& connection) {
    const auto request = connection.expect_request();
    connection.send(reply(request->body));
  });
  Caller caller;
  HttpCall call = Caller::post("");
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    call.body.emplace_back("piece ");
    expected += "piece ";
  }
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).body, expected);
}

TEST(UpstreamUpload, APulledBodyOfKnownLength) {
  FakeUpstream upstream(measuring);
  FakeExchange exchange("POST", "/v1/files", std::string(300'000, 'f'));
  exchange.piece_size(10'000);
  HttpCall call = Caller::post("");
  call.body_source = &exchange;
  call.body_length = 300'000;
  Caller caller;
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).body, "300000 bytes");
  EXPECT_EQ(upstream.requests()[0].field("content-length"), "300000");
  EXPECT_EQ(upstream.requests()[0].field("transfer-encoding"), "");
}

TEST(UpstreamUpload, APulledBodyOfUnknownLength) {
  FakeUpstream upstream(measuring);
  for (const std::size_t size : {std::size_t(0), std::size_t(1), std::size_t(300'000)}) {
    FakeExchange exchange("POST", "/v1/files", std::string(size, 'f'));
    exchange.piece_size(7'777);
    HttpCall call = Caller::post("");
    call.body_source = &exchange;
    Caller caller;
    EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).body, std::to_string(size) + " bytes");
    EXPECT_EQ(upstream.requests().back().field("transfer-encoding"), "chunked");
    EXPECT_EQ(upstream.requests().back().field("content-length"), "");
  }
}

TEST(UpstreamUpload, ABodyShorterThanDeclaredIsNotSentAsAWhole) {
  FakeUpstream upstream(measuring);
  FakeExchange exchange("POST", "/v1/files", "short");
  HttpCall call = Caller::post("");
  call.body_source = &exchange;
  call.body_length = 10;
  Caller caller;
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).code(), ErrorCode::internal_error);
  EXPECT_TRUE(upstream.wait_for_no_connection());
  EXPECT_EQ(upstream.requests().size(), 0u);
}

TEST(UpstreamUpload, AClientThatFailsEndsTheCall) {
  FakeUpstream upstream(measuring);
  FakeExchange exchange("POST", "/v1/files", "short");
  exchange.fail_body(Error{ErrorCode::request_timeout, "the body did not come"});
  HttpCall call = Caller::post("");
  call.body_source = &exchange;
  Caller caller;
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).code(), ErrorCode::request_timeout);
  EXPECT_TRUE(upstream.wait_for_no_connection());
}

TEST(UpstreamUpload, APulledBodyIsNotPulledTwice) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send(reply("ok"));
    connection.expect_request();
  });
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).body, "ok");
  FakeExchange exchange("POST", "/v1/files", "once");
  HttpCall call = Caller::post("");
  call.body_source = &exchange;
  call.body_length = 4;
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).code(), ErrorCode::upstream_truncated);
  EXPECT_EQ(upstream.connections(), 1u);
}

/// Reads the head and a little, answers, and waits for the client to close.
const FakeUpstream::Script refuses_early = [](FakeConnection& connection) {
  connection.expect_request(true);
  connection.send(reply("too large", "", "413 Payload Too Large"));
  connection.pause(300ms);
};

TEST(UpstreamUpload, AnEarlyAnswerEndsTheSending) {
  FakeUpstream upstream(refuses_early);
  Caller caller;
  const std::string body = big(64 << 20);
  const Outcome outcome = caller.run(Caller::http(upstream.port()), Caller::post(body));
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.status, 413);
  EXPECT_EQ(outcome.body, "too large");
  EXPECT_EQ(caller.gauge("triage_upstream_idle"), 0);
}

TEST(UpstreamUpload, AnEarlyAnswerEndsThePulling) {
  FakeUpstream upstream(refuses_early);
  Caller caller;
  FakeExchange exchange("POST", "/v1/files", big(64 << 20));
  exchange.piece_size(100'000);
  HttpCall call = Caller::post("");
  call.body_source = &exchange;
  const Outcome outcome = caller.run(Caller::http(upstream.port()), call);
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.status, 413);
  EXPECT_EQ(caller.gauge("triage_upstream_idle"), 0);
}

TEST(UpstreamUpload, AnInterimAnswerDoesNotEndTheSending) {
  FakeUpstream upstream([](FakeConnection& connection) {
    auto head = connection.expect_request(true);
    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    connection.pause(50ms);
    std::size_t left = std::stoul(head->field("content-length"));
    while (left > 0) {
      const std::size_t got = connection.receive().size();
      if (got == 0) return;
      left -= std::min(left, got);
    }
    connection.send(reply("all of it"));
  });
  Caller caller;
  const std::string body = big(32 << 20);
  const Outcome outcome = caller.run(Caller::http(upstream.port()), Caller::post(body));
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.body, "all of it");
}

TEST(UpstreamUpload, ASlowButSteadyUploadIsNotAMissingAnswer) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request(true);
    std::size_t got = 0;
    while (got < (8 << 20)) {
      const std::size_t more = connection.receive(256 * 1024).size();
      if (more == 0 || !connection.pause(10ms)) return;
      got += more;
    }
    connection.send(reply("ok"));
    connection.wait_for_close();
  });
  Caller caller;
  CallTimeouts timeouts;
  timeouts.first_byte = 200ms;
  const std::string body = big(9 << 20);
  const Outcome outcome = caller.run(Caller::http(upstream.port()), Caller::post(body), timeouts);
  EXPECT_EQ(outcome.body, "ok") << (outcome.error ? outcome.error->message : "");
}

}  // namespace
}  // namespace triage::test
