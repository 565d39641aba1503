// http::Session over real sockets.
#include "session_fixture.hpp"

namespace triage::http {
namespace {

TEST_F(SessionTest, AnswersAndCloses) {
  const std::string response = ask("GET /hello" + std::string(close_get));
  EXPECT_EQ(status_of(response), 200);
  EXPECT_EQ(body_of(response), "/hello");
  EXPECT_NE(response.find("x-request-id: req_"), std::string::npos);
}

TEST_F(SessionTest, PipelinedRequestsAreAnsweredInOrder) {
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    requests += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i);
  }
  const std::string response = ask(requests + "GET /last" + std::string(close_get));
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = response.find("\r\n\r\n/" + std::to_string(i) + "HTTP", at);
    ASSERT_NE(at, std::string::npos) << i;
    at = response.find("\r\n\r\n" + std::to_string(100 + i) + "HTTP", at + 1);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_NE(response.find("/last", at), std::string::npos);
}

TEST_F(SessionTest, OneByteAtATime) {
  RawClient client(server_.port());
  for (const char byte :
       std::string("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"))
    ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(body_of(client.receive_all()), "hello");
}

TEST_F(SessionTest, BodiesOfAllSizesAndFramings) {
  for (const std::size_t size : {0UL, 1UL, 1000UL, 32'000UL, 33'000UL, 100'000UL, 1024UL * 1024}) {
    std::string body(size, 'a');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i % 23);
    for (const std::string_view path : {"/echo", "/pieces"}) {
      const std::string head = "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
      EXPECT_EQ(body_of(ask(head + "Content-Length: " + std::to_string(size) + "\r\n\r\n" + body)), body)
          << path << size;
      std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
      for (std::size_t at = 0; at < size; at += 777) {
        char line[20];
        chunked += chunk_size_line(std::min<std::size_t>(777, size - at), line);
        chunked += body.substr(at, 777) + "\r\n";
      }
      EXPECT_EQ(body_of(ask(chunked + "0\r\n\r\n")), body) << path << size;
    }
  }
}

TEST_F(SessionTest, OneConnectionServesBodiesOfAllSizesInTurn) {
  RawClient client(server_.port());
  std::size_t size = 1;
  for (int i = 0; i < 200; ++i) {
    size = (size * 7919 + 12'345) % (i % 10 == 0 ? 200'000 : 30'000);
    std::string body = std::to_string(i) + ":";
    while (body.size() < size) body += static_cast<char>('a' + (body.size() * 31 + static_cast<std::size_t>(i)) % 26);
    const std::string more = i % 7 == 0 ? "GET /between HTTP/1.1\r\nHost: a\r\n\r\n" : "";
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body +
                more);
    ASSERT_EQ(status_of(client.receive_until("\r\n\r\n")), 200) << i;
    ASSERT_EQ(client.receive_until(body), body) << i;
    if (!more.empty()) {
      ASSERT_NE(client.receive_until("\r\n\r\n/between"), "") << i;
    }
  }
}

TEST_F(SessionTest, TooLargeABodyIsRefusedBeforeItIsRead) {
  EXPECT_EQ(status_of(ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n")), 413);
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 17; ++i) chunked += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  EXPECT_EQ(status_of(ask(chunked)), 413);
  EXPECT_EQ(server_.metric(R"(triage_limit_hits_total{listener="gateway",limit="body"})"), 2);
}

TEST_F(SessionTest, ExpectContinueIsAnsweredWhenTheBodyIsWanted) {
  RawClient client(server_.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.receive_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_EQ(body_of(client.receive_all()), "ok");
}

TEST_F(SessionTest, ABadHeadIsRefusedAndTheConnectionCloses) {
  const std::string response =
      ask("GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(response), 400);
  EXPECT_NE(response.find(R"({"error":{)"), std::string::npos);
  EXPECT_EQ(response.find("/next"), std::string::npos);
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(SessionTest, ADrippingHeadIsCutOff) {
  RawClient client(server_.port());
  const auto begin = std::chrono::steady_clock::now();
  std::string response;
  for (int i = 0; i < 40 && response.empty(); ++i) {
    client.send(i == 0 ? "G" : "x");
    response = client.receive(milliseconds(50));
  }
  EXPECT_EQ(status_of(response), 408);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1000));
  EXPECT_EQ(server_.metric(R"(triage_limit_hits_total{listener="gateway",limit="head_timeout"})"), 1);
}

TEST_F(SessionTest, ABodyThatStopsArrivingIsCutOff) {
  EXPECT_EQ(status_of(ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")), 408);
}

TEST_F(SessionTest, AnIdleConnectionIsClosed) {
  RawClient client(server_.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(client.receive_until("\r\n\r\n/")), 200);
  EXPECT_EQ(client.receive(milliseconds(2000)), "");
  EXPECT_TRUE(client.ended());
}

TEST_F(SessionTest, StreamsAreChunkedOrEndByClose) {
  const std::string modern = ask("GET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_of(modern), "4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n");
  const std::string old = ask("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(old), "one two three");
  EXPECT_EQ(old.find("Transfer-Encoding"), std::string::npos);
}

TEST_F(SessionTest, ACutStreamDoesNotLookWhole) {
  const std::string response = ask("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(response.find("0\r\n\r\n"), std::string::npos) << response;
}

TEST_F(SessionTest, HeadHasTheLengthAndNoBody) {
  const std::string response = ask("HEAD /hello" + std::string(close_get));
  EXPECT_NE(response.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_EQ(body_of(response), "");
}

TEST_F(SessionTest, SilenceIsFilledWithCommentsAndAGoneClientIsNoticed) {
  RawClient client(server_.port());
  client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(client.receive_until("\r\n\r\n")), 200);
  EXPECT_NE(client.receive_until(": keep-alive\n\r\n").find("d\r\n: keep-alive"), std::string::npos);
  EXPECT_NE(client.receive_until(": keep-alive\n\r\n").find("d\r\n: keep-alive"), std::string::npos);
  client.close();
  for (int i = 0; i < 100 && handler_.gone == 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(handler_.gone, 1);
}

TEST_F(SessionTest, BeyondTheRequestsInFlightTheAnswerIsAtOnce) {
  RawClient first(server_.port());
  RawClient second(server_.port());
  first.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  second.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  first.receive_until("\r\n\r\n");
  second.receive_until("\r\n\r\n");
  const std::string response = ask("GET /x" + std::string(close_get));
  EXPECT_EQ(status_of(response), 503);
  EXPECT_NE(response.find("retry-after: 1\r\n"), std::string::npos);
}

TEST_F(SessionTest, AClientThatDoesNotReadIsCutOff) {
  RawClient client(server_.port());
  const int small = 4096;
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string hits = R"(triage_limit_hits_total{listener="gateway",limit="write_stall"})";
  for (int i = 0; i < 300 && server_.metric(hits) < 1; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(server_.metric(hits), 1);
  for (int i = 0; i < 300 && server_.server().connections() > 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(server_.server().connections(), 0);
}

TEST_F(SessionTest, AHandlersFailureIsAnInternalError) {
  EXPECT_EQ(status_of(ask("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n")), 500);
  EXPECT_EQ(status_of(ask("GET /forget" + std::string(close_get))), 500);
}

TEST_F(SessionTest, CorsForTheConfiguredOriginOnly) {
  const std::string preflight =
      "OPTIONS /v1/x HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nAccess-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: authorization\r\nConnection: close\r\n\r\n";
  const std::string allowed = ask(preflight);
  EXPECT_EQ(status_of(allowed), 204);
  EXPECT_NE(allowed.find("Access-Control-Allow-Origin: https://app.example\r\n"), std::string::npos);
  EXPECT_NE(allowed.find("access-control-allow-headers: authorization\r\n"), std::string::npos);
  const std::string other =
      ask("GET / HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(other.find("Access-Control"), std::string::npos);
}

TEST_F(SessionTest, OtherLimitsAreForNewConnections) {
  RawClient old(server_.port());
  old.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_NE(old.receive_until("hello"), "");
  ServerOptions stricter = short_limits();
  stricter.limits.body.bytes = 4;
  stricter.cors.origins = {"https://other.example"};
  server_.server().use(stricter);
  old.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nworld");
  EXPECT_NE(old.receive_until("world").find("200"), std::string::npos);
  const std::string response =
      ask("POST /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://other.example\r\nContent-Length: 5\r\n"
          "Connection: close\r\n\r\nhello");
  EXPECT_EQ(status_of(response), 413);
  EXPECT_NE(response.find("Access-Control-Allow-Origin: https://other.example"), std::string::npos);
}

}  // namespace
}  // namespace triage::http
