// How connections end: the server stops, the client has ended its side or left, an answer comes early.
#include "session_fixture.hpp"

namespace triage::http {
namespace {

TEST_F(SessionTest, StoppingClosesIdleConnectionsAndNoOthers) {
  RawClient idle(server_.port());
  RawClient busy(server_.port());
  idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  idle.receive_until("\r\n\r\n/");
  busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
  busy.receive_until("\r\n\r\n");
  server_.server().stop();
  EXPECT_EQ(idle.receive(milliseconds(2000)), "");
  EXPECT_TRUE(idle.ended());
  EXPECT_NE(busy.receive_until(": keep-alive"), "");
  EXPECT_FALSE(RawClient(server_.port()).connected());
}

TEST_F(SessionTest, WhatAnIdleConnectionAsksWhileTheServerStopsIsAnsweredWithClose) {
  RawClient idle(server_.port());
  idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(idle.receive_until("\r\n\r\n/").find("Connection: close"), std::string::npos);
  server_.server().stop();
  std::this_thread::sleep_for(milliseconds(100));
  idle.send("GET /last HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string last = idle.receive_all();
  EXPECT_EQ(status_of(last), 200);
  EXPECT_NE(last.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(SessionTest, AStreamThatPromisedToGoOnGoesOnForOneRequest) {
  RawClient client(server_.port());
  client.send("GET /soon HTTP/1.1\r\nHost: a\r\n\r\nGET /after HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(milliseconds(100));
  server_.server().stop();
  EXPECT_NE(client.receive_until("soon").find("Connection: close\r\n"), std::string::npos);
}

TEST_F(SessionTest, GivingUpTellsTheHandlerThatTheGatewayStops) {
  RawClient busy(server_.port());
  RawClient sending(server_.port());
  busy.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  sending.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf");
  for (int i = 0; i < 100 && handler_.requests < 2; ++i) std::this_thread::sleep_for(milliseconds(5));
  server_.server().stop();
  server_.server().give_up();
  EXPECT_EQ(status_of(busy.receive_all()), traits(ErrorCode::shutting_down).status);
  EXPECT_EQ(status_of(sending.receive_all()), traits(ErrorCode::shutting_down).status);
  EXPECT_EQ(handler_.gone, 0);
}

TEST_F(SessionTest, AHalfClosingClientGetsItsAnswers) {
  RawClient client(server_.port());
  client.send("GET /soon HTTP/1.1\r\nHost: a\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
  ::shutdown(client.descriptor(), SHUT_WR);
  const std::string response = client.receive_all();
  EXPECT_EQ(status_of(response), 200);
  EXPECT_NE(response.find("\r\n\r\nsoonHTTP/1.1 200 OK"), std::string::npos) << response;
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(response.ends_with("three\r\n0\r\n\r\n")) << response;
  EXPECT_TRUE(client.ended());
}

TEST_F(SessionTest, AClientThatLeftInSilenceIsNoticed) {
  RawClient client(server_.port());
  client.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 100 && handler_.requests < 1; ++i) std::this_thread::sleep_for(milliseconds(5));
  client.close();
  for (int i = 0; i < 300 && handler_.gone == 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(handler_.gone, 1);
}

TEST_F(SessionTest, AHalfClosedClientThatStillWaitsIsAskedOnceAndKept) {
  RawClient client(server_.port());
  client.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  ::shutdown(client.descriptor(), SHUT_WR);
  EXPECT_EQ(client.receive_until("\r\n\r\n", milliseconds(3000)), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.receive(milliseconds(1500)), "");
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(handler_.gone, 0);
}

TEST_F(SessionTest, MethodsOfProxiesAreRefusedWithAllow) {
  for (const std::string request : {"CONNECT a:443", "TRACE /x"}) {
    const std::string response = ask(request + " HTTP/1.1\r\nHost: a:443\r\n\r\n");
    EXPECT_EQ(status_of(response), 405) << response;
    EXPECT_NE(response.find("\r\nallow: GET, HEAD, POST"), std::string::npos) << response;
  }
  EXPECT_EQ(handler_.requests, 0);
}

TEST_F(SessionTest, AnEarlyAnswerReachesAClientThatIsStillSending) {
  for (const std::string path : {"/early", "/echo"}) {  // the latter is too large
    RawClient client(server_.port());
    const std::size_t size = 25 * 1024 * 1024;
    ASSERT_TRUE(
        client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n"));
    const std::string piece(64 * 1024, 'x');
    for (std::size_t sent = 0; sent < size; sent += piece.size()) ASSERT_TRUE(client.send(piece)) << path << sent;
    EXPECT_EQ(status_of(client.receive_all()), path == "/early" ? 404 : 413);
  }
}

}  // namespace
}  // namespace triage::http
