#include "http/response_writer.hpp"

#include <gtest/gtest.h>

namespace triage::http {
namespace {

std::string without_date(std::string text) {
  const auto begin = text.find("Date: ");
  text.erase(begin, text.find("\r\n", begin) + 2 - begin);
  return text;
}

HeadOptions options(Framing framing, std::uint64_t length = 0) {
  HeadOptions out;
  out.framing = framing;
  out.length = length;
  out.request_id = "req_1";
  return out;
}

TEST(ResponseWriter, FramingFieldsAreOursAlone) {
  ResponseHead head;
  head.fields = {{"Content-Type", "a/b"},    {"content-length", "99"}, {"Transfer-Encoding", "gzip"},
                 {"Connection", "x-secret"}, {"Date", "yesterday"},    {"X-Request-Id", "theirs"},
                 {"Keep-Alive", "timeout=5"}};
  std::string out;
  write_head(out, head, options(Framing::length, 7));
  EXPECT_EQ(without_date(out),
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nx-request-id: req_1\r\nContent-Length: 7\r\n\r\n");
}

TEST(ResponseWriter, ConnectionIsSaidWhereItDiffersFromTheDefault) {
  std::string out;
  HeadOptions close = options(Framing::chunked);
  close.keep_alive = false;
  write_head(out, {}, close);
  EXPECT_NE(out.find("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"), std::string::npos) << out;
  HeadOptions old = options(Framing::length);
  old.request_minor = 0;
  write_head(out, {}, old);
  EXPECT_NE(out.find("Connection: keep-alive\r\n"), std::string::npos) << out;
}

TEST(ResponseWriter, ChunkSizes) {
  char text[18];
  EXPECT_EQ(chunk_size_line(1, text), "1\r\n");
  EXPECT_EQ(chunk_size_line(0xabcdef, text), "abcdef\r\n");
  EXPECT_EQ(chunk_size_line(~std::size_t{0}, text), "ffffffffffffffff\r\n");
}

TEST(ResponseWriter, TheseStatusesHaveNoBody) {
  for (const int status : {100, 199, 204, 304}) EXPECT_TRUE(bodiless(status)) << status;
  for (const int status : {200, 205, 400, 500}) EXPECT_FALSE(bodiless(status)) << status;
}

}  // namespace
}  // namespace triage::http
