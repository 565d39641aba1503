#include "http1/response_head_parser.hpp"

#include "http_vectors.hpp"
#include "response_head_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace triage::test {
namespace {

using Status = ResponseHeadParser::Status;

ResponseStream read(std::string_view bytes, bool to_head_request = false) {
  ResponseStream stream(HeadLimits{}, to_head_request);
  stream.feed(bytes);
  return stream;
}

TEST(ResponseHeadParser, FramesTheBody) {
  struct Case {
    std::string head;
    bool to_head;
    int content_length;  // -1: none
    bool chunked, until_close, keep_alive;
  };
  const std::vector<Case> cases = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, 5, false, false, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", false, 5, false, false, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", false, -1, true, false, true},
      {"HTTP/1.1 200 OK\r\n\r\n", false, -1, false, true, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", false, -1, false, true, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, 5, false, false, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\n", false, 5, false, false, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, 0, false, false, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, 0, false, false, true},
      {"HTTP/1.1 200 OK\r\n\r\n", true, 0, false, false, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", false, 0, false, false, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", false, 0, false, false, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", false, 0, false, false, false},
      {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", false, 0, false, false, false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, 0, false, false, true},
      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", false, 0, false, false, true},
      {"HTTP/1.9 599\r\nContent-Length: 1\r\n\r\n", false, 1, false, false, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.head);
    ResponseHeadParser parser(HeadLimits{});
    ResponseHead head;
    ResponseFraming framing;
    ASSERT_EQ(parser.feed(c.head, c.to_head, head, framing), Status::done) << parser.error().message;
    EXPECT_EQ(parser.consumed(), c.head.size());
    EXPECT_EQ(framing.content_length ? static_cast<int>(*framing.content_length) : -1, c.content_length);
    EXPECT_EQ(framing.chunked, c.chunked);
    EXPECT_EQ(framing.until_close, c.until_close);
    EXPECT_EQ(framing.keep_alive, c.keep_alive);
  }
}

// Each input ends with the byte that shows the fault.
TEST(ResponseHeadParser, RefusesAtTheFirstWrongByte) {
  const std::string line = "HTTP/1.1 200 OK\r\n";
  const std::vector<std::string> cases = {
      "h",
      "\r",
      "\n",
      "I",
      "HTTP/2",
      "HTTP/0",
      "HTTP/1,",
      "HTTP/1.x",
      "HTTP/1.11",
      "HTTP/1.1\t",
      "HTTP/1.1\r",
      "HTTP/1.1 \x20",
      "HTTP/1.1 O",
      "HTTP/1.1 0",
      "HTTP/1.1 6",
      "HTTP/1.1 2 ",
      "HTTP/1.1 20\r",
      "HTTP/1.1 2000",
      "HTTP/1.1 200\t",
      "HTTP/1.1 200\n",
      "HTTP/1.1 200 O\n",
      "HTTP/1.1 200 O\x01",
      "HTTP/1.1 200 OK\rC",
      line + " ",
      line + "\n",
      line + "A ",
      line + "A: b\n",
      line + "A: b\rc",
      line + "A: b\r\n ",
      line + "Content-Length: 5\r\nContent-Length: 5\r\n",
      line + "Content-Length: 5, 5\r\n",
      line + "Content-Length: -5\r\n",
      line + "Content-Length:\r\n",
      line + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      line + "Transfer-Encoding: xchunked\r\n\r\n",
      line + "Transfer-Encoding: gzip, chunked\r\n\r\n",
      line + "Transfer-Encoding: chunked, identity\r\n\r\n",
      line + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
      line + "Transfer-Encoding:\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n",
      "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n",
  };
  for (const std::string& bytes : cases) {
    SCOPED_TRACE(testing::PrintToString(bytes));
    ResponseHeadParser parser(HeadLimits{});
    ResponseHead head;
    ResponseFraming framing;
    const std::string before = bytes.substr(0, bytes.size() - 1);
    EXPECT_EQ(parser.feed(before, false, head, framing), Status::need_more) << parser.error().message;
    ASSERT_EQ(parser.feed(bytes, false, head, framing), Status::failed);
    EXPECT_EQ(parser.error().code, ErrorCode::upstream_bad_response);
    const ResponseStream whole = read(bytes + "\r\n\r\n");
    ASSERT_TRUE(whole.fault);
    EXPECT_EQ(whole.fault->message, parser.error().message);
  }
}

TEST(ResponseHeadParser, ReasonMayBeMissingOrEmptyOrForeign) {
  for (const char* reason : {"", " ", " OK", " \xe9t\xe9\tx"}) {
    const ResponseStream stream = read("HTTP/1.1 301" + std::string(reason) + "\r\nContent-Length: 0\r\n\r\n");
    EXPECT_FALSE(stream.fault) << reason;
    EXPECT_TRUE(stream.done);
    EXPECT_EQ(stream.statuses, std::vector<int>{301});
  }
}

TEST(ResponseHeadParser, ReadsInterimHeadsOneByOne) {
  const ResponseStream stream = read(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\r\n{}HTTP/1.1 200 EVIL");
  EXPECT_FALSE(stream.fault);
  EXPECT_EQ(stream.statuses, (std::vector<int>{100, 103, 200}));
  EXPECT_EQ(stream.fields.size(), 2U);
  EXPECT_EQ(stream.body, "{}");
  EXPECT_EQ(stream.unread(), "HTTP/1.1 200 EVIL");
}

TEST(ResponseHeadParser, BoundsAreExact) {
  const HeadLimits limits{20, 30, 2};
  const auto verdict = [&limits](const std::string& bytes) {
    ResponseHeadParser parser(limits);
    ResponseHead head;
    ResponseFraming framing;
    return parser.feed(bytes, false, head, framing);
  };
  EXPECT_EQ(verdict("HTTP/1.1 200 " + std::string(7, 'x') + "\r\n\r\n"), Status::done);
  EXPECT_EQ(verdict("HTTP/1.1 200 " + std::string(7, 'x')), Status::need_more);
  EXPECT_EQ(verdict("HTTP/1.1 200 " + std::string(8, 'x')), Status::failed);
  EXPECT_EQ(verdict("HTTP/1.1 200\r\nX: " + std::string(25, 'x') + "\r\n\r\n"), Status::done);
  EXPECT_EQ(verdict("HTTP/1.1 200\r\nX: " + std::string(26, 'x') + "\r\n"), Status::failed);
  EXPECT_EQ(verdict("HTTP/1.1 200\r\na:\r\nb:\r\n\r\n"), Status::done);
  EXPECT_EQ(verdict("HTTP/1.1 200\r\na:\r\nb:\r\nc"), Status::failed);
}

TEST(ResponseHeadParser, ForgetsEverythingOnReset) {
  ResponseHeadParser parser(HeadLimits{});
  ResponseHead head;
  ResponseFraming framing;
  ASSERT_EQ(parser.feed("HTTP/1.0 404 X\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", false, head, framing),
            Status::done);
  parser.reset();
  ASSERT_EQ(parser.feed("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n", false, head, framing), Status::done)
      << parser.error().message;
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.fields.size(), 1U);
  EXPECT_TRUE(framing.chunked);
  EXPECT_TRUE(framing.keep_alive);
  EXPECT_FALSE(framing.content_length);
}

class ResponseVectors : public testing::Test {
 protected:
  void SetUp() override {
    auto loaded = shared_http_vectors("upstream_response_vectors.json");
    if (!loaded) GTEST_SKIP() << "no shared vectors: set TRIAGE_SHARED to the folder that has data/http";
    vectors_ = std::move(*loaded);
    ASSERT_GT(vectors_.size(), 20U);
  }
  nlohmann::json vectors_;
};

// Vectors that other suites accept and we refuse, for they could be read in two ways.
const std::vector<std::string> refused_by_policy = {
    "sample#ICE response", "sample#HTTP version 0.9",
    "transfer-encoding#multiple transfer-encoding where chunked is not the last one",
    "connection#HTTP 100 first, then 400"};  // an empty line before a status line

// What other suites refuse and is no fault of a head or body: the connection's owner must notice.
const std::vector<std::string> left_to_the_caller = {"connection#HTTP/1.1 with keep-alive disabled and 204 status"};

TEST_F(ResponseVectors, AreRefusedWhereTheyCouldDesynchronise) {
  using testing::Contains;
  const std::map<std::string, std::string> derived = {{"cl-and-te", "fault"},       {"te-xchunked-close", "fault"},
                                                      {"bad-status-line", "fault"}, {"status-0", "fault"},
                                                      {"status-1000", "fault"},     {"http09", "fault"},
                                                      {"crlf-in-header", "fault"},  {"101-unrequested", "fault"},
                                                      {"huge-header", "fault"},     {"many-headers", "fault"}};
  for (const auto& vector : vectors_) {
    const std::string id = vector["id"];
    SCOPED_TRACE(id);
    const std::string type = vector.value("type", "");
    const std::string expected = vector.value("suite_expect", "");
    const ResponseStream stream = read(from_base64(vector["b64"].get<std::string>()));
    const bool listed = testing::Value(refused_by_policy, Contains(id));
    if (derived.contains(id) || listed ||
        (expected.starts_with("reject") && !testing::Value(left_to_the_caller, Contains(id)))) {
      ASSERT_TRUE(stream.fault);
      EXPECT_EQ(stream.fault->code, ErrorCode::upstream_bad_response);
    } else if (!type.starts_with("response-lenient")) {
      EXPECT_FALSE(stream.fault) << stream.fault->message;
      EXPECT_FALSE(stream.statuses.empty());
    }
  }
}

TEST_F(ResponseVectors, AreJudgedAlikeAtEverySplit) {
  for (const auto& vector : vectors_) {
    SCOPED_TRACE(vector["id"].get<std::string>());
    const std::string bytes = from_base64(vector["b64"].get<std::string>());
    const ResponseStream whole = read(bytes);
    ResponseStream slow(HeadLimits{});
    if (bytes.size() < 8192) {
      for (const char byte : bytes) slow.feed({&byte, 1});
      EXPECT_TRUE(slow.same_as(whole));
    }
    for (std::size_t cut = 1; cut < bytes.size() && bytes.size() < 2048; ++cut) {
      ResponseStream stream(HeadLimits{});
      stream.feed(std::string_view(bytes).substr(0, cut));
      stream.feed(std::string_view(bytes).substr(cut));
      ASSERT_TRUE(stream.same_as(whole)) << "split at " << cut;
    }
  }
}

}  // namespace
}  // namespace triage::test
