#include "upstream/reply_body.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace triage::upstream {
namespace {

ResponseFraming sized(std::uint64_t length) {
  ResponseFraming framing;
  framing.content_length = length;
  return framing;
}

ResponseFraming chunked() {
  ResponseFraming framing;
  framing.chunked = true;
  return framing;
}

ResponseFraming to_the_end() {
  ResponseFraming framing;
  framing.until_close = true;
  return framing;
}

struct Read {
  std::string payload;
  std::size_t left_over = 0;
  std::size_t pieces = 0;
  bool complete = false;
  bool failed = false;
};

/// Gives the bytes `step` at a time, as a connection would.
Read read(const ResponseFraming& framing, std::string_view bytes, std::size_t step) {
  ReplyBody body(framing);
  Read result;
  while (!bytes.empty() && !body.complete()) {
    const std::string_view now = bytes.substr(0, step);
    std::vector<char> given(now.begin(), now.end());
    const auto taken = body.take(given.data(), given.size());
    if (!taken) {
      result.failed = true;
      return result;
    }
    result.payload += taken->payload;
    result.pieces += !taken->payload.empty();
    EXPECT_TRUE(taken->consumed == now.size() || body.complete());
    bytes.remove_prefix(taken->consumed);
  }
  result.left_over = bytes.size();
  result.complete = body.complete();
  return result;
}

TEST(ReplyBody, OfKnownLength) {
  for (std::size_t step = 1; step <= 12; ++step) {
    const Read result = read(sized(5), "helloHTTP/1.1", step);
    EXPECT_EQ(result.payload, "hello");
    EXPECT_EQ(result.left_over, 8u);
    EXPECT_TRUE(result.complete);
  }
  EXPECT_TRUE(ReplyBody(sized(0)).complete());
  EXPECT_FALSE(read(sized(6), "hello", 2).complete);
}

TEST(ReplyBody, InChunks) {
  const std::string bytes = "5\r\nhello\r\n2;x=y\r\n, \r\n5\r\nworld\r\n0\r\nX-Sum: x\r\n\r\nHTTP/1.1";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const Read result = read(chunked(), bytes, step);
    EXPECT_EQ(result.payload, "hello, world") << step;
    EXPECT_EQ(result.left_over, 8u);
    EXPECT_TRUE(result.complete);
  }
}

TEST(ReplyBody, ChunksThatCameTogetherAreOnePiece) {
  EXPECT_EQ(read(chunked(), "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n", 100).pieces, 1u);
  EXPECT_TRUE(read(chunked(), "0\r\n\r\n", 100).complete);
  EXPECT_EQ(read(chunked(), "0\r\n\r\n", 100).pieces, 0u);
}

TEST(ReplyBody, BrokenChunksFail) {
  for (const std::string_view bytes : {"x\r\n", "1\r\nab\r\n", "1\nab", "-1\r\n", "ffffffffffffffff0\r\n"}) {
    EXPECT_TRUE(read(chunked(), bytes, 1).failed) << bytes;
    EXPECT_TRUE(read(chunked(), bytes, 100).failed) << bytes;
  }
}

TEST(ReplyBody, ToTheEndOfTheConnection) {
  const Read result = read(to_the_end(), "everything", 3);
  EXPECT_EQ(result.payload, "everything");
  EXPECT_FALSE(result.complete);
  EXPECT_TRUE(ReplyBody(to_the_end()).ends_with_connection());
  EXPECT_FALSE(ReplyBody(sized(1)).ends_with_connection());
  EXPECT_FALSE(ReplyBody(chunked()).ends_with_connection());
}

}  // namespace
}  // namespace triage::upstream
