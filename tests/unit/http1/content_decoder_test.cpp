#include "http1/content_decoder.hpp"

#include <gtest/gtest.h>

#include <zlib.h>
#include <string>

namespace triage {
namespace {

constexpr int gzip = 15 + 16;
constexpr int zlib = 15;
constexpr int bare = -15;

std::string compressed(const std::string& text, int window) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// What `body` stands for, fed in pieces of that size; "!" and what it says if it is broken, "..." if it is cut.
std::string decoded(ContentCoding coding, const std::string& body, std::size_t piece = 1'000'000) {
  ContentDecoder decoder(coding);
  std::string out;
  for (std::size_t at = 0; at < body.size(); at += piece) {
    const std::string fed = body.substr(at, piece);
    decoder.feed(fed);
    for (;;) {
      const auto next = decoder.next();
      if (!next) return "!" + next.error().message;
      if (next->empty()) break;
      EXPECT_LE(next->size(), ContentDecoder::piece_bytes);
      out += *next;
    }
  }
  return decoder.complete() ? out : out + "...";
}

TEST(ContentDecoder, UndoesGzipAndBothFormsOfDeflateInAnyPieces) {
  std::string text = R"({"choices":[{"message":{"content":"Paris"}}]})";
  for (int i = 0; i < 5'000; ++i) text += std::to_string(i * i);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1'000'000}}) {
    EXPECT_EQ(decoded(ContentCoding::gzip, compressed(text, gzip), piece), text);
    EXPECT_EQ(decoded(ContentCoding::deflate, compressed(text, zlib), piece), text);
    EXPECT_EQ(decoded(ContentCoding::deflate, compressed(text, bare), piece), text);
  }
  EXPECT_EQ(decoded(ContentCoding::gzip, ""), "");
  EXPECT_EQ(decoded(ContentCoding::gzip, compressed("", gzip)), "");
}

TEST(ContentDecoder, TakesSeveralMembersAndPassesOverWhatIsNone) {
  const std::string two = compressed("one ", gzip) + compressed("two", gzip);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}}) {
    EXPECT_EQ(decoded(ContentCoding::gzip, two, piece), "one two");
    EXPECT_EQ(decoded(ContentCoding::gzip, two + std::string(9, '\0'), piece), "one two");
  }
}

TEST(ContentDecoder, ABodyThatOnlySaysGzipIsTakenAsItIs) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}})
    EXPECT_EQ(decoded(ContentCoding::gzip, R"({"choices":[]})", piece), R"({"choices":[]})");
}

TEST(ContentDecoder, KnowsACutAndABrokenBody) {
  const std::string whole = compressed(std::string(500, 'x') + "yz", gzip);
  for (std::size_t size = 1; size + 1 < whole.size(); ++size)
    EXPECT_TRUE(decoded(ContentCoding::gzip, whole.substr(0, size)).ends_with("...")) << size;
  std::string broken = whole;
  broken[whole.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(decoded(ContentCoding::gzip, broken).front(), '!');
}

TEST(ContentDecoder, WhatGrowsAThousandfoldComesInBoundedPieces) {
  const std::string bomb = compressed(std::string(20'000'000, 'x'), gzip);
  EXPECT_LT(bomb.size(), 30'000U);
  EXPECT_EQ(decoded(ContentCoding::gzip, bomb).size(), 20'000'000U);
}

TEST(ContentCoding, IsWhatTheFieldsSay) {
  const auto coding = [](std::vector<Field> fields) { return content_coding(fields); };
  EXPECT_EQ(coding({}), ContentCoding::identity);
  EXPECT_EQ(coding({{"Content-Type", "gzip"}}), ContentCoding::identity);
  EXPECT_EQ(coding({{"content-encoding", ""}}), ContentCoding::identity);
  EXPECT_EQ(coding({{"content-encoding", "identity"}}), ContentCoding::identity);
  EXPECT_EQ(coding({{"Content-Encoding", "GZip"}}), ContentCoding::gzip);
  EXPECT_EQ(coding({{"content-encoding", "x-gzip"}}), ContentCoding::gzip);
  EXPECT_EQ(coding({{"content-encoding", " identity , deflate "}}), ContentCoding::deflate);
  EXPECT_EQ(coding({{"content-encoding", "gzip, deflate"}}), ContentCoding::unknown);
  EXPECT_EQ(coding({{"content-encoding", "gzip"}, {"content-encoding", "gzip"}}), ContentCoding::unknown);
  EXPECT_EQ(coding({{"content-encoding", "br"}}), ContentCoding::unknown);
  EXPECT_EQ(decodable("gzip"), "gzip");
  EXPECT_EQ(decodable("gzip, deflate, br, zstd"), "gzip, deflate");
  EXPECT_EQ(decodable("br;q=1.0, gzip ;q=0.5, *;q=0.1"), "gzip ;q=0.5");
  for (const char* none : {"", "br", "*", " , "}) EXPECT_EQ(decodable(none), "identity") << none;
}

}  // namespace
}  // namespace triage
