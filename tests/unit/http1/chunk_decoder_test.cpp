#include "http1/chunk_decoder.hpp"

#include "request_head_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace triage::test {
namespace {

struct Decoded {
  std::string payload;
  std::size_t consumed = 0;
  bool done = false;
  std::string fault;
};

void feed(ChunkDecoder& decoder, std::string_view bytes, Decoded& into) {
  while (!into.done && into.fault.empty() && !bytes.empty()) {
    const ExactCopy copy(bytes);
    const auto piece = decoder.decode(copy.view());
    if (!piece) {
      into.fault = piece.error().message;
      return;
    }
    into.payload += piece->payload;
    into.consumed += piece->consumed;
    into.done = piece->done;
    bytes.remove_prefix(piece->consumed);
  }
}

Decoded decode(std::string_view bytes, std::size_t step = std::string::npos) {
  ChunkDecoder decoder(ErrorCode::malformed_http, 64);
  Decoded decoded;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size()))
    feed(decoder, bytes.substr(at, step), decoded);
  return decoded;
}

TEST(ChunkDecoder, DecodesWhatTheRfcAllows) {
  struct Case {
    std::string bytes, payload;
  };
  const std::vector<Case> cases = {
      {"0\r\n\r\n", ""},
      {"5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"0005\r\nhello\r\n6\r\n world\r\n000\r\n\r\n", "hello world"},
      {"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
      {"0000000000000001\r\nx\r\n0\r\n\r\n", "x"},
      {"5;a\r\nhello\r\n0;b=c\r\n\r\n", "hello"},
      {"5; some; parameters=stuff\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5 ;\ta \t=\t b ;c\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5;a=\"x;\\\"y\\\\ \t\xff\";b\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5;a=\"\"\r\nhello\r\n0\r\n\r\n", "hello"},
      {"0\r\nVary: *\r\nContent-Type: text/plain\r\nX:\r\n\r\n", ""},
      {"0\r\nProxy-Authorization2: x\r\nHos: x\r\n\r\n", ""},
      {"2\r\n\r\n\r\n0\r\n\r\n", "\r\n"},
  };
  for (const Case& c : cases) {
    for (std::size_t step = 1; step <= c.bytes.size(); ++step) {
      SCOPED_TRACE(testing::PrintToString(c.bytes) + " in steps of " + std::to_string(step));
      const Decoded decoded = decode(c.bytes, step);
      EXPECT_EQ(decoded.fault, "");
      EXPECT_TRUE(decoded.done);
      EXPECT_EQ(decoded.payload, c.payload);
      EXPECT_EQ(decoded.consumed, c.bytes.size());
    }
  }
}

// Each input ends with the byte that shows the fault.
TEST(ChunkDecoder, RefusesAtTheFirstWrongByte) {
  const std::vector<std::string> cases = {
      "\r",
      "\n",
      " ",
      ";",
      "g",
      "+",
      "-",
      "0x",
      "0_",
      "1\n",
      "1 \n",
      "1 \r",
      "1\t\r",
      "1 \t \r",
      "5\r\nhello\r\n0 \r",
      "1\rX",
      "1\r\r",
      "1 2",
      "1 x",
      "1:",
      "1\x0b",
      "00000000000000000",
      "1;\r",
      "1; \r",
      "1;;",
      "1;=",
      "1;a\n",
      "1;a b",
      "1;a \r",
      "1;a=\r",
      "1;a=;",
      "1;a=b=",
      "1;a=b c",
      "1;a=b \r",
      "1;a=b\"",
      "1;a=\"b\r",
      "1;a=\"b\n",
      "1;a=\"b\x7f",
      "1;a=\"b\\\r",
      "1;a=\"b\"c",
      "1;a=\"b\"=",
      "1;a=val\ru",
      "1;a\xff",
      "1\r\nxy",
      "1\r\nx\n",
      "1\r\nx\rX",
      "1\r\nx0",
      "0\r\n\n",
      "0\r\n\rX",
      "0\r\n ",
      "0\r\n\t",
      "0\r\n:",
      "0\r\nX\r",
      "0\r\nX ",
      "0\r\nX\n",
      "0\r\n\xff",
      "0\r\nX: a\n",
      "0\r\nX: a\rb",
      "0\r\nX: a\x01",
      "0\r\nX: a\r\n ",
      "0\r\nHost:",
      "0\r\ncontent-LENGTH:",
      "0\r\nTransfer-Encoding:",
      "0\r\nAuthorization:",
      "0\r\nProxy-Authorization:",
      "0\r\nTE:",
      "0\r\nX: a\r\nConnection:",
  };
  for (const std::string& bytes : cases) {
    SCOPED_TRACE(testing::PrintToString(bytes));
    const Decoded before = decode(std::string_view(bytes).substr(0, bytes.size() - 1));
    EXPECT_EQ(before.fault, "");
    EXPECT_FALSE(before.done);
    const Decoded whole = decode(bytes + "\r\n0\r\n\r\n");
    EXPECT_NE(whole.fault, "");
    EXPECT_EQ(decode(bytes, 1).fault, whole.fault);
  }
}

TEST(ChunkDecoder, HandsOutViewsOfTheInput) {
  ChunkDecoder decoder(ErrorCode::malformed_http);
  const std::string_view bytes = "5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\nGET";
  const auto first = decoder.decode(bytes);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->payload.data(), bytes.data() + 3);
  EXPECT_EQ(first->payload, "hello");
  EXPECT_EQ(first->consumed, 8U);
  EXPECT_FALSE(first->done);
  const auto second = decoder.decode(bytes.substr(8));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->payload, "abc");
  const auto end = decoder.decode(bytes.substr(8 + second->consumed));
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->done);
  EXPECT_TRUE(end->payload.empty());
  EXPECT_EQ(8 + second->consumed + end->consumed, bytes.size() - 3);
  const auto after = decoder.decode("GET");
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->done);
  EXPECT_EQ(after->consumed, 0U);
}

TEST(ChunkDecoder, TakesTheLargestSize) {
  ChunkDecoder decoder(ErrorCode::malformed_http);
  const auto piece = decoder.decode("ffffffffffffffff\r\nabc");
  ASSERT_TRUE(piece);
  EXPECT_EQ(piece->payload, "abc");
}

TEST(ChunkDecoder, BoundsExtensions) {
  const auto chunk = [](std::size_t extension) { return "1;" + std::string(extension - 1, 'a') + "\r\nx\r\n"; };
  const std::size_t most = ChunkDecoder::extension_bytes_max;
  EXPECT_EQ(decode(chunk(most)).fault, "");
  EXPECT_NE(decode(chunk(most + 1)).fault, "");
  EXPECT_NE(decode("1" + std::string(most + 1, ' ')).fault, "");
  std::string many;
  for (std::size_t i = 0; i < ChunkDecoder::extension_bytes_total_max / most; ++i) many += chunk(most);
  EXPECT_EQ(decode(many + "1\r\nx\r\n0\r\n\r\n").fault, "");
  EXPECT_TRUE(decode(many + "1\r\nx\r\n0\r\n\r\n").done);
  EXPECT_NE(decode(many + "1;").fault, "");
}

TEST(ChunkDecoder, BoundsTrailers) {
  const std::string line = "X:" + std::string(28, 'y') + "\r\n";  // 32 bytes, 64 are allowed
  EXPECT_TRUE(decode("0\r\n" + line + line + "\r\n").done);
  EXPECT_NE(decode("0\r\n" + line + line + "Z").fault, "");
  EXPECT_NE(decode("0\r\n" + std::string(65, 'n')).fault, "");
}

TEST(ChunkDecoder, CarriesTheCallersCodeAndStaysFailed) {
  ChunkDecoder decoder(ErrorCode::upstream_bad_response);
  const auto fault = decoder.decode("z");
  ASSERT_FALSE(fault);
  EXPECT_EQ(fault.error().code, ErrorCode::upstream_bad_response);
  const auto again = decoder.decode("0\r\n\r\n");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, fault.error().message);
  decoder.reset();
  const auto fresh = decoder.decode("0\r\n\r\n");
  ASSERT_TRUE(fresh);
  EXPECT_TRUE(fresh->done);
}

TEST(ChunkDecoder, ResetForgetsBounds) {
  ChunkDecoder decoder(ErrorCode::malformed_http, 8);
  for (int i = 0; i < 20; ++i) {
    const auto end = decoder.decode("0;" + std::string(4000, 'e') + "\r\nX: abc\r\n\r\n");
    ASSERT_TRUE(end) << end.error().message;
    EXPECT_TRUE(end->done);
    decoder.reset();
  }
}

}  // namespace
}  // namespace triage::test
