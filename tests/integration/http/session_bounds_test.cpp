// Clients that are slow or have much to say, and what they can take from others.
#include "session_fixture.hpp"

namespace triage::http {
namespace {

TEST_F(SessionTest, WhoOnlyHoldsConnectionsMakesWayForWhoAsks) {
  ServerOptions few = short_limits();
  few.limits.connections = 4;
  few.limits.head_timeout = few.limits.keep_alive_idle = std::chrono::seconds(20);
  TestServer crowded(handler_, few);
  RawClient kept(crowded.port());
  kept.send("GET /kept HTTP/1.1\r\nHost: a\r\n\r\n");
  kept.receive_until("\r\n\r\n/kept");
  RawClient silent(crowded.port());
  RawClient dripping(crowded.port());
  dripping.send("GET /x HTT");
  RawClient busy(crowded.port());
  busy.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 100 && handler_.requests < 2; ++i) std::this_thread::sleep_for(milliseconds(5));
  const auto ask_crowded = [&] {
    RawClient client(crowded.port());
    client.send("GET /x" + std::string(close_get));
    return status_of(client.receive_all());
  };
  EXPECT_EQ(ask_crowded(), 503) << "nobody has waited for long";
  std::this_thread::sleep_for(milliseconds(1100));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ask_crowded(), 200) << i;
    for (int j = 0; j < 100 && crowded.server().connections() > 3; ++j) std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(crowded.metric(R"(triage_limit_hits_total{listener="gateway",limit="connections"})"), 2);
  EXPECT_EQ(kept.receive(milliseconds(500)), "");
  EXPECT_TRUE(kept.ended()) << "it has waited longest";
  EXPECT_EQ(busy.receive(milliseconds(100)), "");
  EXPECT_FALSE(busy.ended()) << "it waits for nothing";
}

// Bounds that are short enough to be met.
class StrictSessionTest : public SessionTest {
 protected:
  static ServerOptions strict() {
    ServerOptions options = short_limits();
    options.limits.requests_in_flight = 2;
    options.limits.body_idle = milliseconds(400);
    options.limits.body_rate.bytes = 10'000;
    options.limits.body_timeout = milliseconds(1500);
    options.limits.body.bytes = 4 * 1024 * 1024;
    options.limits.bodies_total.bytes = 6 * 1024 * 1024;
    options.limits.linger.bytes = 256 * 1024;
    options.limits.linger_timeout = milliseconds(400);
    return options;
  }
  [[nodiscard]] double hits(const std::string& limit) const {
    return strict_.metric("triage_limit_hits_total{listener=\"gateway\",limit=\"" + limit + "\"}");
  }
  static std::string post(std::size_t length) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + std::to_string(length) +
           "\r\n\r\n";
  }
  // Sends a piece every 100 ms until there is an answer.
  std::string drip(std::string_view piece, std::size_t length) {
    RawClient client(strict_.port());
    client.send(post(length));
    std::string response;
    for (int i = 0; i < 50 && response.empty(); ++i) {
      client.send(piece);
      response = client.receive(milliseconds(100));
    }
    return response;
  }

  TestServer strict_{handler_, strict()};
};

TEST_F(StrictSessionTest, SlowBodiesTakeNoPlaces) {
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<RawClient>(strict_.port()));
    slow.back()->send(post(1000) + "x");
  }
  for (int i = 0; i < 200 && handler_.requests < 20; ++i) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(strict_.metric(R"(triage_requests_in_flight{listener="gateway"})"), 0);
  RawClient client(strict_.port());
  client.send(post(5) + "hello");
  EXPECT_EQ(status_of(client.receive_all()), 200);
}

TEST_F(StrictSessionTest, APlaceIsTakenWhenTheBodyIsWholeAndThereMayBeNone) {
  std::vector<std::unique_ptr<RawClient>> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(std::make_unique<RawClient>(strict_.port()));
    waiting.back()->send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (int i = 0; i < 200 && handler_.requests < 2; ++i) std::this_thread::sleep_for(milliseconds(5));
  RawClient late(strict_.port());
  late.send(post(5) + "hello");
  EXPECT_EQ(status_of(late.receive_all()), 503) << "no place at its head";
  waiting.pop_back();
  const std::string in_flight = R"(triage_requests_in_flight{listener="gateway"})";
  for (int i = 0; i < 300 && strict_.metric(in_flight) > 1; ++i) std::this_thread::sleep_for(milliseconds(10));
  RawClient slow(strict_.port());
  slow.send(post(5) + "hell");
  for (int i = 0; i < 200 && handler_.requests < 3; ++i) std::this_thread::sleep_for(milliseconds(5));
  RawClient other(strict_.port());
  other.send("GET /patient HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 200 && handler_.requests < 4; ++i) std::this_thread::sleep_for(milliseconds(5));
  slow.send("o");
  EXPECT_EQ(status_of(slow.receive_all()), 503) << "the last one went to a request that was whole before";
  EXPECT_EQ(hits("requests_in_flight"), 2);
}

TEST_F(StrictSessionTest, ABodyHasALeastRate) {
  const std::string response = drip("x", 1000);
  EXPECT_EQ(status_of(response), 408);
  EXPECT_NE(response.find("limits.body_rate"), std::string::npos);
  EXPECT_EQ(hits("body_rate"), 1);
}

TEST_F(StrictSessionTest, AWholeBodyHasADeadline) {
  const std::string response = drip(std::string(2000, 'x'), 1'000'000);
  EXPECT_EQ(status_of(response), 408);
  EXPECT_NE(response.find("limits.body_timeout"), std::string::npos);
  EXPECT_EQ(hits("body_timeout"), 1);
}

TEST_F(StrictSessionTest, AllBodiesTogetherHaveABound) {
  const std::string gauge = R"(triage_bodies_held_bytes{listener="gateway"})";
  const std::string most(3 * 1024 * 1024 + 512 * 1024, 'x');
  RawClient first(strict_.port());
  first.send(post(most.size() + 1) + most);
  for (int i = 0; i < 100 && strict_.metric(gauge) < 3e6; ++i) std::this_thread::sleep_for(milliseconds(2));
  RawClient second(strict_.port());
  second.send(post(most.size() + 1) + most);
  const std::string response = second.receive_all();
  EXPECT_EQ(status_of(response), 503) << response;
  EXPECT_NE(response.find("limits.bodies_total"), std::string::npos);
  EXPECT_EQ(hits("bodies_total"), 1);
  RawClient small(strict_.port());
  small.send(post(20'000) + std::string(20'000, 'y'));
  EXPECT_EQ(status_of(small.receive_all()), 200) << "beside its head: no room of others";
  first.send("x");
  EXPECT_EQ(body_of(first.receive_all()).size(), most.size() + 1);
  for (int i = 0; i < 100 && strict_.metric(gauge) > 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(strict_.metric(gauge), 0);
}

TEST_F(StrictSessionTest, ChunkedBodiesCountAlike) {
  RawClient first(strict_.port());
  RawClient second(strict_.port());
  std::string most = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 50; ++i) most += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  first.send(most);
  second.send(most);
  std::string both;
  for (int i = 0; i < 30 && both.empty(); ++i)
    both = first.receive(milliseconds(20)) + second.receive(milliseconds(20));
  EXPECT_EQ(status_of(both), 503) << both;
}

TEST_F(StrictSessionTest, OneKeyHasAShareOfTheBodiesThatCome) {
  ServerOptions few = strict();
  few.limits.connections = 6;
  few.limits.key_share = 0.34;
  few.limits.body_idle = few.limits.body_timeout = std::chrono::seconds(20);
  TestServer server(handler_, few);
  const std::string head = "POST /shared HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\n";
  RawClient first(server.port());
  RawClient second(server.port());
  first.send(head + "a");
  second.send("POST /shared HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
  for (int i = 0; i < 100 && handler_.share.bodies_coming < 2; ++i) std::this_thread::sleep_for(milliseconds(5));
  RawClient third(server.port());
  third.send(head + "a");
  const std::string refused = third.receive_until("key_share");
  EXPECT_EQ(status_of(refused), 503) << refused;
  EXPECT_EQ(server.metric(R"(triage_limit_hits_total{listener="gateway",limit="key_share"})"), 1);
  RawClient whole(server.port());
  whole.send(head + "abc");
  EXPECT_EQ(status_of(whole.receive_all()), 200) << "it is all there";
  first.send("bc");
  EXPECT_EQ(body_of(first.receive_all()), "abc");
  EXPECT_EQ(handler_.share.bodies_coming, 1);
  second.close();
  for (int i = 0; i < 100 && handler_.share.bodies_coming > 0; ++i) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(handler_.share.bodies_coming, 0);
}

TEST_F(StrictSessionTest, AndOfTheRoomForThem) {
  RawClient first(strict_.port());
  RawClient second(strict_.port());
  RawClient other(strict_.port());
  const auto head = [](const char* path, std::size_t length) {
    return std::string("POST ") + path +
           " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
  };
  const std::string most(2'500'000, 'x');
  first.send(head("/shared", most.size() + 1) + most);
  for (int i = 0; i < 100 && handler_.share.body_bytes < 2'400'000; ++i) std::this_thread::sleep_for(milliseconds(2));
  second.send(head("/shared", most.size() + 1) + most);
  EXPECT_EQ(status_of(second.receive_until("key_share")), 503);
  other.send(head("/echo", most.size()) + most);
  EXPECT_EQ(status_of(other.receive_all()), 200) << "of another key";
  first.send("x");
  EXPECT_EQ(status_of(first.receive_all()), 200);
  for (int i = 0; i < 100 && handler_.share.body_bytes > 0; ++i) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(handler_.share.body_bytes, 0);
}

TEST_F(StrictSessionTest, TakingWhatNobodyWantsIsBounded) {
  RawClient client(strict_.port());
  client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  EXPECT_NE(client.receive_until("early"), "");
  const std::string piece(64 * 1024, 'x');
  std::size_t sent = 0;
  while (sent < 100'000'000 && client.send(piece)) sent += piece.size();
  EXPECT_LT(sent, 20'000'000U);
  for (int i = 0; i < 100 && hits("linger") < 1; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(hits("linger"), 1);
}

TEST_F(StrictSessionTest, SoIsTheTimeThatItTakes) {
  RawClient client(strict_.port());
  client.send("POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n");
  EXPECT_NE(client.receive_until("early"), "");
  for (int i = 0; i < 30 && client.send("x"); ++i) std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(hits("linger_timeout"), 1);
}

}  // namespace
}  // namespace triage::http
