#include "upstream/request_head.hpp"

#include <gtest/gtest.h>

namespace triage::upstream {
namespace {

std::string written(const HttpCall& call, std::string_view host = "api.test") {
  std::string out = "left over";
  const auto result = write_request_head(call, host, out);
  return result ? out : "error: " + result.error().message;
}

HttpCall get() {
  HttpCall call;
  call.method = "GET";
  call.target = "/v1/models?x=1";
  return call;
}

TEST(RequestHead, WithoutABody) {
  EXPECT_EQ(written(get()), "GET /v1/models?x=1 HTTP/1.1\r\nHost: api.test\r\n\r\n");
}

// Whatever the length of the text, and wherever in it the byte is.
TEST(RequestHead, NoByteThatEndsALineIsWritten) {
  for (std::size_t size = 1; size <= 50; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (const char bad : {'\r', '\n', '\0', '\x7f'}) {
        std::string text(size, 'x');
        HttpCall call = get();
        call.fields = {{"name", text}, {text, "value"}};
        EXPECT_FALSE(written(call).starts_with("error"));
        text[at] = bad;
        call.fields = {{"name", text}};
        EXPECT_TRUE(written(call).starts_with("error")) << size << " " << at;
        call.fields = {{text, "value"}};
        EXPECT_TRUE(written(call).starts_with("error")) << size << " " << at;
      }
}

TEST(RequestHead, CountsThePiecesOfTheBody) {
  HttpCall call = get();
  call.method = "POST";
  call.fields = {{"A", "b"}, {"C", ""}};
  call.body = {"12345", "", "678"};
  EXPECT_EQ(written(call),
            "POST /v1/models?x=1 HTTP/1.1\r\nHost: api.test\r\nA: b\r\nC: \r\nContent-Length: 8\r\n\r\n");
}

TEST(RequestHead, SaysThatABodyIsEmptyWhereOneIsMeant) {
  HttpCall call = get();
  for (const auto& [method, says] : {std::pair("POST", true), {"PUT", true}, {"PATCH", true}, {"DELETE", false}}) {
    call.method = method;
    EXPECT_EQ(written(call).find("Content-Length: 0\r\n") != std::string::npos, says) << method;
  }
}

TEST(RequestHead, FieldsOfTheHopAreNeverTaken) {
  HttpCall call = get();
  call.fields = {{"Host", "evil"},
                 {"content-length", "7"},
                 {"Transfer-Encoding", "chunked"},
                 {"Connection", "x"},
                 {"Keep-Alive", "1"},
                 {"Upgrade", "h2c"},
                 {"TE", "trailers"},
                 {"Trailer", "x"},
                 {"Expect", "100-continue"},
                 {"Proxy-Connection", "close"},
                 {"X", "stays"}};
  EXPECT_EQ(written(call), "GET /v1/models?x=1 HTTP/1.1\r\nHost: api.test\r\nX: stays\r\n\r\n");
}

TEST(RequestHead, NothingBreaksOutOfItsLine) {
  const std::string null("a\0b", 3);
  for (const std::string_view bad : {std::string_view("a\r\nb"), std::string_view("a\nb"), std::string_view("a\rb"),
                                     std::string_view(null), std::string_view("a\x7f")}) {
    HttpCall call = get();
    call.fields = {{"X-Key", bad}};
    EXPECT_EQ(written(call).substr(0, 27), "error: the value of 'X-Key'");
    call = get();
    call.fields = {{bad, "x"}};
    EXPECT_EQ(written(call).substr(0, 19), "error: a field name");
    call = get();
    call.target = bad;
    EXPECT_EQ(written(call).substr(0, 17), "error: the target");
    call = get();
    call.method = bad;
    EXPECT_EQ(written(call).substr(0, 17), "error: the method");
  }
  HttpCall call = get();
  call.target = "/a b";
  EXPECT_EQ(written(call).substr(0, 17), "error: the target");
  call.target = "";
  EXPECT_EQ(written(call).substr(0, 17), "error: the target");
}

TEST(RequestHead, TabsAndHighBytesMayStandInAValue) {
  HttpCall call = get();
  call.fields = {{"X", "a\tb \xc3\xa9"}};
  EXPECT_NE(written(call).find("X: a\tb \xc3\xa9\r\n"), std::string::npos);
}

TEST(RequestHead, HostAndAuthority) {
  EXPECT_EQ(host_field(Url{true, "api.test", 443, ""}), "api.test");
  EXPECT_EQ(host_field(Url{true, "api.test", 80, ""}), "api.test:80");
  EXPECT_EQ(host_field(Url{false, "api.test", 80, ""}), "api.test");
  EXPECT_EQ(host_field(Url{false, "::1", 8080, ""}), "[::1]:8080");
  EXPECT_EQ(host_field(Url{false, "::1", 80, ""}), "[::1]");
  EXPECT_EQ(authority(Url{true, "api.test", 443, ""}), "api.test:443");
  EXPECT_EQ(authority(Url{true, "2001:db8::1", 443, ""}), "[2001:db8::1]:443");
}

}  // namespace
}  // namespace triage::upstream
