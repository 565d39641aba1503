// Requests and the framing of replies.
#include "caller.hpp"
#include "support/fake_upstream.hpp"

#include <gmock/gmock.h>

namespace triage::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Answers every request of every connection with these bytes.
FakeUpstream::Script always(std::string bytes) {
  return [bytes](FakeConnection& connection) {
    while (connection.expect_request()) connection.send(bytes);
  };
}

/// Answers one request with these bytes, then closes.
FakeUpstream::Script once(std::string bytes) {
  return [bytes](FakeConnection& connection) {
    if (connection.expect_request()) connection.send(bytes);
  };
}

TEST(UpstreamClient, SendsTheRequestAndReadsTheAnswer) {
  FakeUpstream upstream(always(reply("hello", "X-Kind:  test \r\n")));
  Caller caller;
  HttpCall call = Caller::post();
  call.body = {"{\"a\":", "1", "", "}"};
  call.fields.push_back({"X-Key", "v"});
  const Outcome outcome = caller.run(Caller::http(upstream.port()), call);
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "hello");
  EXPECT_THAT(outcome.fields, ElementsAre(testing::Pair("X-Kind", "test"), testing::Pair("Content-Length", "5")));
  const SeenRequest seen = upstream.requests().at(0);
  EXPECT_EQ(seen.raw, "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(upstream.port()) +
                          "\r\nContent-Type: application/json\r\nX-Key: v\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

TEST(UpstreamClient, HeadAndTheBodylessStatusesHaveNoBody) {
  FakeUpstream upstream([](FakeConnection& connection) {
    while (const auto request = connection.expect_request()) {
      if (request->method == "HEAD") connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
      if (request->method == "GET") connection.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n");
      if (request->method == "DELETE") connection.send("HTTP/1.1 204 No Content\r\n\r\n");
    }
  });
  Caller caller;
  for (const std::string_view method : {"HEAD", "GET", "DELETE", "HEAD"}) {
    HttpCall call = Caller::post("");
    call.method = method;
    const Outcome outcome = caller.run(Caller::http(upstream.port()), call);
    EXPECT_FALSE(outcome.error) << method << ": " << outcome.error->message;
    EXPECT_EQ(outcome.body, "");
    EXPECT_EQ(upstream.requests().back().field("content-length"), "");
  }
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST(UpstreamClient, APostWithoutBodySaysSo) {
  FakeUpstream upstream(always(reply("")));
  Caller caller;
  EXPECT_FALSE(caller.run(Caller::http(upstream.port()), Caller::post("")).error);
  EXPECT_EQ(upstream.requests().at(0).field("content-length"), "0");
}

TEST(UpstreamClient, ReadsChunks) {
  FakeUpstream upstream(always(chunked_reply({"one ", "two ", std::string(100'000, 'x')})));
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).body, "one two " + std::string(100'000, 'x'));
  EXPECT_EQ(caller.run(upstream.port()).body.size(), 100'008u);
  EXPECT_EQ(upstream.connections(), 1u);
}

TEST(UpstreamClient, HandsOnWhatArrivesWhenItArrives) {
  std::mutex mutex;
  std::condition_variable taken;
  std::size_t pieces = 0;
  FakeUpstream upstream([&](FakeConnection& connection) {
    connection.expect_request();
    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t i = 1; i <= 5; ++i) {
      connection.send(chunk("event " + std::to_string(i)));
      std::unique_lock lock(mutex);  // the next goes out only after this one was read
      if (!taken.wait_for(lock, 5s, [&] { return pieces >= i; })) return;
    }
    connection.send("0\r\n\r\n");
  });
  Caller caller;
  caller.on_piece = [&](const std::string&) {
    const std::lock_guard lock(mutex);
    ++pieces;
    taken.notify_all();
  };
  const Outcome outcome = caller.run(upstream.port());
  EXPECT_FALSE(outcome.error);
  EXPECT_THAT(outcome.pieces, ElementsAre("event 1", "event 2", "event 3", "event 4", "event 5"));
}

TEST(UpstreamClient, ReadsWhateverTheCuts) {
  const std::string whole = "HTTP/1.1 100 Continue\r\n\r\n" + chunked_reply({"hello", ", ", "world"}, "A: b\r\n");
  for (const std::size_t piece : {std::size_t(1), std::size_t(3), std::size_t(17)}) {
    FakeUpstream upstream([&](FakeConnection& connection) {
      connection.expect_request();
      connection.send_slowly(whole, piece, 1ms);
    });
    Caller caller;
    EXPECT_EQ(caller.run(upstream.port()).body, "hello, world") << piece << " bytes at a time";
  }
}

TEST(UpstreamClient, TheEndOfTheConnectionMayBeTheEndOfTheBody) {
  for (const std::string version : {"1.0", "1.1"}) {
    FakeUpstream upstream(once("HTTP/" + version + " 200 OK\r\n\r\nall of it"));
    Caller caller;
    const Outcome outcome = caller.run(upstream.port());
    EXPECT_FALSE(outcome.error);
    EXPECT_EQ(outcome.body, "all of it");
    EXPECT_EQ(caller.gauge("triage_upstream_idle"), 0);
  }
}

TEST(UpstreamClient, ACutBodyIsNeverTakenForAWholeOne) {
  for (const std::string bytes : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhalf",
                                  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n"}) {
    FakeUpstream upstream(once(bytes));
    Caller caller;
    const Outcome outcome = caller.run(upstream.port());
    EXPECT_EQ(outcome.code(), ErrorCode::upstream_truncated) << bytes;
    EXPECT_EQ(outcome.body, "half");
    EXPECT_THAT(outcome.error->message, HasSubstr("provider 'fake'"));
  }
}

TEST(UpstreamClient, AResetIsACut) {
  FakeUpstream upstream([](FakeConnection& connection) {
    connection.expect_request();
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    connection.pause(50ms);
    connection.reset();
  });
  Caller caller;
  const Outcome outcome = caller.run(upstream.port());
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_truncated);
  EXPECT_THAT(outcome.error->message, HasSubstr("reset"));
}

TEST(UpstreamClient, AnEndRightBehindBytesIsNoticedAtOnce) {
  for (const bool reset : {true, false}) {
    FakeUpstream upstream([reset](FakeConnection& connection) {
      connection.expect_request();
      connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
      if (reset) connection.reset();
    });
    Caller caller;
    for (int i = 0; i < 100; ++i) {
      const Outcome outcome = caller.run(upstream.port());
      EXPECT_EQ(outcome.code(), ErrorCode::upstream_truncated);
      EXPECT_LT(outcome.took, 1s);
    }
  }
}

TEST(UpstreamClient, SaysWhenNoAnswerCame) {
  FakeUpstream upstream(once(""));
  Caller caller;
  EXPECT_EQ(caller.run(upstream.port()).code(), ErrorCode::upstream_truncated);
  FakeUpstream half(once("HTTP/1.1 200 OK\r\nContent-"));
  EXPECT_EQ(caller.run(half.port()).code(), ErrorCode::upstream_truncated);
}

TEST(UpstreamClient, RefusesWhatIsNotHttp) {
  for (const std::string bytes :
       {"SSH-2.0-OpenSSH\r\n", "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxx", "HTTP/1.1 101 Switching Protocols\r\n\r\n"}) {
    FakeUpstream upstream(once(bytes));
    Caller caller;
    EXPECT_EQ(caller.run(upstream.port()).code(), ErrorCode::upstream_bad_response) << bytes;
  }
  FakeUpstream upstream(once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));
  Caller caller;
  const Outcome outcome = caller.run(upstream.port());
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.code(), ErrorCode::upstream_bad_response);
}

TEST(UpstreamClient, PassesOverAFewInterimAnswers) {
  std::string interim;
  for (int i = 0; i < 8; ++i) interim += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  FakeUpstream few(always(interim + reply("final")));
  Caller caller;
  EXPECT_EQ(caller.run(few.port()).body, "final");
  FakeUpstream many(always(interim + "HTTP/1.1 100 Continue\r\n\r\n" + reply("final")));
  EXPECT_EQ(caller.run(many.port()).code(), ErrorCode::upstream_bad_response);
}

TEST(UpstreamClient, ALongHeadLeavesRoomForTheBody) {
  std::string fields;
  for (int i = 0; i < 60; ++i) fields += "X-" + std::to_string(i) + ": " + std::string(1000, 'f') + "\r\n";
  FakeUpstream upstream(always(reply(std::string(200'000, 'b'), fields)));
  Caller caller;
  const Outcome outcome = caller.run(upstream.port());
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.body, std::string(200'000, 'b'));
  ASSERT_EQ(outcome.fields.size(), 61u);
  EXPECT_EQ(outcome.fields[59].second, std::string(1000, 'f'));
}

TEST(UpstreamClient, TheHeadIsBounded) {
  std::string fields;
  for (int i = 0; i < 70; ++i) fields += "X-" + std::to_string(i) + ": " + std::string(1000, 'f') + "\r\n";
  FakeUpstream heavy(always(reply("b", fields)));
  Caller caller;
  EXPECT_EQ(caller.run(heavy.port()).code(), ErrorCode::upstream_bad_response);
  fields.clear();
  for (int i = 0; i < 201; ++i) fields += "X: y\r\n";
  FakeUpstream many(always(reply("b", fields)));
  EXPECT_EQ(caller.run(many.port()).code(), ErrorCode::upstream_bad_response);
}

TEST(UpstreamClient, NoFieldCanBecomeTwo) {
  FakeUpstream upstream(always(reply("")));
  Caller caller;
  HttpCall call = Caller::post();
  call.fields.push_back({"X-Evil", "a\r\nX-Injected: b"});
  EXPECT_EQ(caller.run(Caller::http(upstream.port()), call).code(), ErrorCode::internal_error);
  EXPECT_EQ(upstream.connections(), 0u);
}

}  // namespace
}  // namespace triage::test
