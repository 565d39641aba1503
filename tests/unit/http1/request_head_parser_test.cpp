#include "http1/head_parser.hpp"

#include "request_head_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace triage::test {
namespace {

using Status = RequestHeadParser::Status;

struct Parsed {
  std::string bytes;  // before `head`, which views it
  RequestHead head;
  Status status;
  Error error;
  std::size_t consumed;
};

std::unique_ptr<Parsed> parse(std::string bytes, HeadLimits limits = {}) {
  auto parsed = std::make_unique<Parsed>();
  parsed->bytes = std::move(bytes);
  RequestHeadParser parser(limits);
  parsed->status = parser.feed(parsed->bytes, parsed->head);
  parsed->consumed = parser.consumed();
  parsed->error = parser.error();
  return parsed;
}

/// A request whose target or Host or further lines are given; complete.
std::string get(std::string_view target, std::string_view host = "a") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
}
std::string post(std::string_view lines) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

TEST(RequestHeadParser, FillsEveryPart) {
  const auto parsed = parse(
      "\r\nPOST /v1/chat/completions?x=1?y HTTP/1.1\r\nHost: api.example:8080\r\nContent-Length:\t 12 \t\r\n"
      "Expect: 100-Continue\r\nX-Empty:\r\nx-note:  caf\xc3\xa9\tau lait \r\n\r\n{\"model\":1}");
  ASSERT_EQ(parsed->status, Status::done) << parsed->error.message;
  const RequestHead& head = parsed->head;
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/chat/completions?x=1?y");
  EXPECT_EQ(head.path, "/v1/chat/completions");
  EXPECT_EQ(head.query, "x=1?y");
  EXPECT_EQ(head.host, "api.example:8080");
  EXPECT_EQ(head.minor, 1);
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_FALSE(head.chunked);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expect_continue);
  ASSERT_EQ(head.fields.size(), 5U);
  EXPECT_EQ(head.fields[1].value, "12");
  EXPECT_EQ(head.fields[3].name, "X-Empty");
  EXPECT_EQ(head.fields[3].value, "");
  EXPECT_EQ(head.fields[4].value, "caf\xc3\xa9\tau lait");
  EXPECT_EQ(parsed->consumed, parsed->bytes.find("\r\n\r\n{") + 4);
}

TEST(RequestHeadParser, ReadsEveryFormOfTarget) {
  struct Case {
    std::string request, path, query, host;
  };
  const std::vector<Case> cases = {
      {get("/"), "/", "", "a"},
      {get("/?"), "/", "", "a"},
      {get("//x//y?/?"), "//x//y", "/?", "a"},
      {get("/with_\"quotes\"?a=|"), "/with_\"quotes\"", "a=|", "a"},
      {get("http://b.example/foo?q=1"), "/foo", "q=1", "b.example"},
      {get("HTTPS://b.example:8443"), "/", "", "b.example:8443"},
      {get("http://b.example:80?q"), "/", "q", "b.example:80"},
      {get("http://[::1]:8080/p"), "/p", "", "[::1]:8080"},
      {get("http://user:p%40ss@b/p"), "/p", "", "b"},
      {get("urn:isbn:1?q"), "urn:isbn:1?q", "", "a"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "*", "", "a"},
      {"CONNECT b.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", "b.example:443", "", "b.example:443"},
      {"CONNECT [::1]:443 HTTP/1.0\r\n\r\n", "[::1]:443", "", "[::1]:443"},
      {"GET /old HTTP/1.0\r\n\r\n", "/old", "", ""},
      {"GET / HTTP/1.7\r\nHost: a\r\n\r\n", "/", "", "a"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.request);
    const auto parsed = parse(c.request);
    ASSERT_EQ(parsed->status, Status::done) << parsed->error.message;
    EXPECT_EQ(parsed->head.path, c.path);
    EXPECT_EQ(parsed->head.query, c.query);
    EXPECT_EQ(parsed->head.host, c.host);
    EXPECT_LE(parsed->head.minor, 1);
  }
}

// Each input ends with the byte that shows the fault: everything before it could still become a request.
TEST(RequestHeadParser, RefusesAtTheFirstWrongByte) {
  struct Case {
    ErrorCode code;
    std::string bytes;
  };
  constexpr auto bad = ErrorCode::malformed_http;
  const std::string line = "GET / HTTP/1.1\r\n";
  const std::string host = line + "Host: a\r\n";
  const std::vector<Case> cases = {
      {bad, "\n"},
      {bad, "\rG"},
      {bad, " "},
      {bad, std::string(1, '\0')},
      {bad, "\x16"},
      {bad, "GET\t"},
      {bad, "GET\r"},
      {bad, "G\xc3"},
      {bad, "GET  "},
      {bad, "GET \r"},
      {bad, "GET !"},
      {bad, "GET *"},
      {bad, "GET ?"},
      {bad, "OPTIONS *x "},
      {bad, "CONNECT /"},
      {bad, "CONNECT * "},
      {bad, "CONNECT a "},
      {bad, "CONNECT a: "},
      {bad, "CONNECT a:0 "},
      {bad, "CONNECT a:65536 "},
      {bad, "CONNECT a:0000443 "},
      {bad, "CONNECT u@a:443 "},
      {bad, "CONNECT http://a:443 "},
      {bad, "GET foo "},
      {bad, "GET foo/bar "},
      {bad, "GET http:/a "},
      {bad, "GET http:a "},
      {bad, "GET http:// "},
      {bad, "GET http:///x "},
      {bad, "GET http://:80/ "},
      {bad, "GET http://a:b/ "},
      {bad, "GET http://a@b@c/ "},
      {bad, "GET http://[::1/ "},
      {bad, "GET http://a\\b/ "},
      {bad, "GET /a#"},
      {bad, "GET /\x7f"},
      {bad, "GET /\x80"},
      {bad, "GET /\t"},
      {bad, "GET /\r"},
      {bad, "GET /\n"},
      {bad, "GET /  "},
      {bad, "GET / h"},
      {bad, "GET / HTTP/a"},
      {bad, "GET / HTTP/1,"},
      {bad, "GET / HTTP/1.x"},
      {bad, "GET / HTTP/1.11"},
      {bad, "GET / HTTP/01"},
      {bad, "GET / HTTP/1.1 "},
      {bad, "GET / HTTP/1.1\n"},
      {bad, "GET / HTTP/1.1\rX"},
      {ErrorCode::http_version_not_supported, "GET / HTTP/2.0\r\n"},
      {ErrorCode::http_version_not_supported, "GET / HTTP/0.9\r\n"},
      {bad, line + " "},
      {bad, line + "\t"},
      {bad, line + "\n"},
      {bad, line + ":"},
      {bad, line + "\rX"},
      {bad, line + "Host "},
      {bad, line + "Host\t"},
      {bad, line + "Host\r"},
      {bad, line + "Host\n"},
      {bad, line + "Ho\xff"},
      {bad, line + "Transfer "},
      {bad, host + "X: a\n"},
      {bad, host + "X: a\rb"},
      {bad, host + "X: a\r\r"},
      {bad, host + "X: abcdefgh" + std::string(1, '\0')},
      {bad, host + "X: abcdefghijk\x1f"},
      {bad, host + "X: \x7f"},
      {bad, host + "X: 12345678\t12345678\x0b"},
      {bad, host + "X: a\r\n "},
      {bad, host + "\rX"},
      {bad, line + "\r\n"},
      {bad, line + "Host:\r\n"},
      {bad, line + "Host: a\r\nhost: a\r\n"},
      {bad, line + "Host: a b\r\n"},
      {bad, line + "Host: u@a\r\n"},
      {bad, line + "Host: a/b\r\n"},
      {bad, line + "Host: a,b c\r\n"},
      {bad, line + "Host: a:8o\r\n"},
      {bad, line + "Host: :80\r\n"},
      {bad, line + "Host: a%2\r\n"},
      {bad, line + "Host: [::1\r\n"},
      {bad, line + "Host: [1.2.3.4]\r\n"},
      {bad, line + "Host: [::1]x\r\n"},
      {bad, line + "Host: [fe80::1%25eth0]\r\n"},
      {bad, line + "Host: \xff\r\n"},
      {bad, host + "Content-Length:\r\n"},
      {bad, host + "Content-Length: +5\r\n"},
      {bad, host + "Content-Length: -1\r\n"},
      {bad, host + "Content-Length: 0x5\r\n"},
      {bad, host + "Content-Length: 5 5\r\n"},
      {bad, host + "Content-Length: 5, 5\r\n"},
      {bad, host + "Content-Length: 1_0\r\n"},
      {bad, host + "Content-Length: 1234567890123456789\r\n"},
      {bad, host + "Content-Length: 5\r\nCONTENT-LENGTH: 5\r\n"},
      {bad, host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {bad, host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"},
      {bad, host + "Transfer-Encoding:\r\n\r\n"},
      {bad, host + "Transfer-Encoding: ,chunked\r\n\r\n"},
      {bad, host + "Transfer-Encoding: chunked,\r\n\r\n"},
      {bad, host + "Transfer-Encoding: chunked, chunked\r\n\r\n"},
      {bad, host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {bad, host + "Transfer-Encoding: chunked, gzip\r\n\r\n"},
      {bad, host + "Transfer-Encoding: chunked;q=1\r\n\r\n"},
      {bad, host + "Transfer-Encoding: \"chunked\"\r\n\r\n"},
      {bad, host + "Transfer-Encoding: xchunked\r\n\r\n"},
      {bad, host + "Transfer-Encoding: identity\r\n\r\n"},
      {bad, host + "Transfer-Encoding: \x0b"},
      {ErrorCode::unsupported_transfer_coding, host + "Transfer-Encoding: gzip, chunked\r\n\r\n"},
      {ErrorCode::unsupported_transfer_coding, host + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {bad, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {bad, "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n"},
      {ErrorCode::expectation_failed, host + "Expect: 200-ok\r\n\r\n"},
      {ErrorCode::expectation_failed, host + "Expect: 100-continue, x\r\n\r\n"},
      {ErrorCode::expectation_failed, host + "Expect: 100-continue\r\nExpect: x\r\n\r\n"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.bytes));
    RequestHeadParser parser(HeadLimits{});
    RequestHead head;
    const std::string before = c.bytes.substr(0, c.bytes.size() - 1);
    EXPECT_EQ(parser.feed(before, head), Status::need_more) << parser.error().message;
    ASSERT_EQ(parser.feed(c.bytes, head), Status::failed);
    EXPECT_EQ(parser.error().code, c.code) << parser.error().message;
    EXPECT_FALSE(parser.error().message.empty());
    const auto whole = parse(c.bytes + "X: trailing\r\n\r\n");
    EXPECT_EQ(whole->status, Status::failed);
    EXPECT_EQ(whole->error.message, parser.error().message);
  }
}

TEST(RequestHeadParser, AcceptsWhatTheRfcAllows) {
  const std::vector<std::string> requests = {
      get("/", "0.0.0.0=5000"),
      get("/", "a%20b:"),
      get("/", "[2001:db8::1]:443"),
      get("/", "[v1.fe80::a+en1]"),
      get("/", "A-b.example"),
      post("Transfer-Encoding: CHUNKED\r\n"),
      post("Transfer-Encoding:\t chunked \r\n"),
      post("Transfer_Encoding: tricked\r\nContent_Length: -1E23\r\n"),
      post("Content-Length: 000000000000000018\r\n"),
      post("!#$%&'*+-.^_`|~09AZaz: x\r\n"),
      post("X: \x80\xff \"\\\r\n"),
      "-bl / HTTP/1.1\r\nHost: a\r\n\r\n",
      "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.0\r\nExpect: anything\r\n\r\n",
  };
  for (const std::string& request : requests) {
    SCOPED_TRACE(request);
    const auto parsed = parse(request);
    EXPECT_EQ(parsed->status, Status::done) << parsed->error.message;
  }
}

TEST(RequestHeadParser, KeepsAliveAsTheVersionSays) {
  struct Case {
    std::string request;
    bool keep_alive;
  };
  const std::vector<Case> cases = {
      {post(""), true},
      {post("Connection: close\r\n"), false},
      {post("Connection: CLOSE\r\n"), false},
      {post("Connection: keep-alive, , close\r\n"), false},
      {post("Connection: keep-alive\r\nConnection: x, close\r\n"), false},
      {post("Connection: closed\r\n"), true},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
      {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.request);
    const auto parsed = parse(c.request);
    ASSERT_EQ(parsed->status, Status::done) << parsed->error.message;
    EXPECT_EQ(parsed->head.keep_alive, c.keep_alive);
  }
}

TEST(RequestHeadParser, ExpectsContinueOnlyBeforeABody) {
  EXPECT_TRUE(parse(post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n"))->head.expect_continue);
  EXPECT_TRUE(parse(post("Content-Length: 1\r\nExpect: 100-continue\r\n"))->head.expect_continue);
  EXPECT_FALSE(parse(post("Content-Length: 0\r\nExpect: 100-continue\r\n"))->head.expect_continue);
  EXPECT_FALSE(parse(post("Expect: 100-continue\r\n"))->head.expect_continue);
  EXPECT_FALSE(parse("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")->head.expect_continue);
}

// A bound of n admits n and refuses n + 1, and says so at the byte that is too many.
TEST(RequestHeadParser, BoundsAreExact) {
  const HeadLimits limits{10, 30, 3};
  const std::string line = "GET / HTTP/1.0\r\n";
  EXPECT_EQ(parse("GET /123456789 HTTP/1.0\r\n\r\n", limits)->status, Status::done);
  EXPECT_EQ(parse("GET /12345678", limits)->status, Status::need_more);
  const auto target = parse("GET /1234567890", limits);
  EXPECT_EQ(target->status, Status::failed);
  EXPECT_EQ(target->error.code, ErrorCode::uri_too_long);

  EXPECT_EQ(parse(line + "X: " + std::string(25, 'x') + "\r\n\r\n", limits)->status, Status::done);
  const auto fields = parse(line + "X: " + std::string(26, 'x') + "\r\n", limits);
  EXPECT_EQ(fields->status, Status::failed);
  EXPECT_EQ(fields->error.code, ErrorCode::head_too_large);
  const auto name = parse(line + std::string(31, 'x'), limits);
  EXPECT_EQ(name->error.code, ErrorCode::head_too_large);
  EXPECT_EQ(parse(line + std::string(30, 'x'), limits)->status, Status::need_more);
  const auto next = parse(line + "X: " + std::string(25, 'x') + "\r\nY", limits);
  EXPECT_EQ(next->error.code, ErrorCode::head_too_large);
  const auto stray = parse(line + "X: " + std::string(25, 'x') + "\r\n\n", limits);
  EXPECT_EQ(stray->error.code, ErrorCode::head_too_large);

  EXPECT_EQ(parse(line + "a:\r\nb:\r\nc:\r\n\r\n", limits)->status, Status::done);
  const auto count = parse(line + "a:\r\nb:\r\nc:\r\nd", limits);
  EXPECT_EQ(count->status, Status::failed);
  EXPECT_EQ(count->error.code, ErrorCode::head_too_large);

  const auto method = parse(std::string(65, 'G'));
  EXPECT_EQ(method->error.code, ErrorCode::malformed_http);
  EXPECT_EQ(parse(std::string(64, 'G') + " / HTTP/1.0\r\n\r\n")->status, Status::done);
  std::string empty_lines;
  for (int i = 0; i < 32; ++i) empty_lines += "\r\n";
  EXPECT_EQ(parse(empty_lines + get("/"))->status, Status::done);
  EXPECT_EQ(parse(empty_lines + "\r")->status, Status::failed);
}

TEST(RequestHeadParser, WrongByteBeforeABoundWins) {
  const HeadLimits limits{10, 30, 3};
  EXPECT_EQ(parse("GET /1234\x01" + std::string(99, 'x'), limits)->error.code, ErrorCode::malformed_http);
  EXPECT_EQ(parse("GET / HTTP/1.0\r\nX: 1\x01" + std::string(99, 'x'), limits)->error.code, ErrorCode::malformed_http);
}

TEST(RequestHeadParser, StartsWithTheFirstByteOfARequestLine) {
  RequestHeadParser parser(HeadLimits{});
  RequestHead head;
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.feed("\r\n\r", head), Status::need_more);
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.feed("\r\n\r\nG", head), Status::need_more);
  EXPECT_TRUE(parser.started());
  parser.reset();
  EXPECT_FALSE(parser.started());
}

TEST(RequestHeadParser, ForgetsEverythingOnReset) {
  RequestHeadParser parser(HeadLimits{});
  RequestHead head;
  const std::string first =
      "GET http://b/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_EQ(parser.feed(first, head), Status::done);
  parser.reset();
  const std::string second = "GET /y HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n";
  ASSERT_EQ(parser.feed(second, head), Status::done) << parser.error().message;
  EXPECT_EQ(head.host, "c");
  EXPECT_EQ(head.path, "/y");
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.chunked);
  EXPECT_FALSE(head.content_length);
  EXPECT_FALSE(head.expect_continue);
  EXPECT_EQ(head.fields.size(), 2U);
}

TEST(RequestHeadParser, ReadsPipelinedRequestsInAnyPieces) {
  const std::string bytes = post("Content-Length: 5\r\n") + "hello\r\n" + post("Transfer-Encoding: chunked\r\n") +
                            "3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n" + get("/last");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    RequestStream stream(HeadLimits{});
    for (std::size_t at = 0; at < bytes.size(); at += step) stream.feed(std::string_view(bytes).substr(at, step));
    ASSERT_FALSE(stream.fault) << stream.fault->message;
    ASSERT_EQ(stream.requests.size(), 3U) << "in steps of " << step;
    EXPECT_EQ(stream.requests[0].body, "hello");
    EXPECT_EQ(stream.requests[1].body, "abc");
    EXPECT_EQ(stream.requests[2].target, "/last");
    EXPECT_TRUE(stream.at_boundary());
  }
}

TEST(RequestHeadParser, MessagesHoldOnlyPrintableAscii) {
  const auto parsed = parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \"\xff\\\r\n");
  ASSERT_EQ(parsed->status, Status::failed);
  for (const char byte : parsed->error.message) EXPECT_TRUE(byte >= 0x20 && byte < 0x7f) << parsed->error.message;
}

}  // namespace
}  // namespace triage::test
