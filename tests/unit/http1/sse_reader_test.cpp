#include "http1/sse_reader.hpp"

#include "../../support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace triage {
namespace {

using test::Padded;
using testing::ElementsAre;
using testing::IsEmpty;

struct Seen {
  std::string data;
  std::string raw;
  bool operator==(const Seen&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << "{data=" << testing::PrintToString(seen.data) << " raw=" << testing::PrintToString(seen.raw) << "}";
}

/// Feeds `pieces`, takes every event at once, ends the stream.
std::vector<Seen> read(const std::vector<std::string_view>& pieces, std::size_t bytes_max = 1 << 20) {
  std::vector<Seen> all;
  SseReader reader(bytes_max);
  const auto take = [&](Result<std::optional<SseReader::Event>> event) {
    if (!event) {
      all.push_back({"error", event.error().message});
      return false;
    }
    if (!*event) return false;
    all.push_back({std::string((*event)->data), std::string((*event)->raw)});
    return true;
  };
  for (const std::string_view piece : pieces) {
    const Padded fed(piece, '\n');
    reader.feed(fed.view());
    while (take(reader.next())) {
    }
    if (!all.empty() && all.back().data == "error") return all;
  }
  take(reader.finish());
  return all;
}

std::vector<Seen> read_whole(std::string_view stream) {
  return read({stream});
}

std::vector<Seen> read_in_pieces(std::string_view stream, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < stream.size(); at += size) pieces.push_back(stream.substr(at, size));
  return read(pieces);
}

std::string with_line_ends(std::string_view text, std::string_view line_end) {
  std::string out;
  for (const char c : text) c == '\n' ? out.append(line_end) : out.append(1, c);
  return out;
}

TEST(SseReader, ReadsEventsOfOneFeed) {
  EXPECT_THAT(read_whole("data: a\n\ndata: b\n\n"), ElementsAre(Seen{"a", "data: a\n\n"}, Seen{"b", "data: b\n\n"}));
}

TEST(SseReader, WholeLfEventsAreViewsOfWhatWasFed) {
  const Padded fed("event: x\ndata: one\nid: 7\n\n");
  SseReader reader(1000);
  reader.feed(fed.view());
  const auto event = reader.next();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->raw.data(), fed.view().data());
  EXPECT_EQ((*event)->raw.size(), fed.view().size());
  EXPECT_EQ((*event)->data.data(), fed.view().data() + 15);
  EXPECT_EQ((*event)->data, "one");
}

struct Framed {
  const char* what;
  std::string stream;
  std::vector<Seen> events;
};

const std::vector<Framed>& framings() {
  static const std::vector<Framed> list{
      {"LF", "data: a\n\n", {{"a", "data: a\n\n"}}},
      {"CRLF", "data: a\r\n\r\n", {{"a", "data: a\n\n"}}},
      {"CR", "data: a\r\r", {{"a", "data: a\n\n"}}},
      {"LF then CRLF", "data: a\n\r\n", {{"a", "data: a\n\n"}}},
      {"CR then CRLF", "data: a\r\r\ndata: b\n\n", {{"a", "data: a\n\n"}, {"b", "data: b\n\n"}}},
      {"CRLF then LF", "data: a\r\n\ndata: b\r\r", {{"a", "data: a\n\n"}, {"b", "data: b\n\n"}}},
      {"many blank lines", "\n\n\r\n\rdata: a\n\n\n\n\n", {{"a", "data: a\n\n"}}},
      {"byte order mark",
       "\xef\xbb\xbf"
       "data: a\n\n",
       {{"a", "data: a\n\n"}}},
      {"mark in front of CRLF", "\xef\xbb\xbf\r\ndata: a\r\n\r\n", {{"a", "data: a\n\n"}}},
      {"only the start of a mark",
       "\xef\xbb"
       "data: a\ndata: b\n\n",
       {{"b",
         "\xef\xbb"
         "data: a\ndata: b\n\n"}}},
      {"mark in the middle is a field's name",
       "data: a\n\n\xef\xbb\xbf"
       "data: b\n\n",
       {{"a", "data: a\n\n"}}},
      {"comment first", ": ping\n\ndata: a\n\n", {{"a", "data: a\n\n"}}},
      {"comment inside", "data: a\n: ping\nid: 1\n\n", {{"a", "data: a\nid: 1\n\n"}}},
      {"empty comment", ":\ndata: a\n:\n\n", {{"a", "data: a\n\n"}}},
      {"no space", "data:a\n\n", {{"a", "data:a\n\n"}}},
      {"two spaces", "data:  a\n\n", {{" a", "data:  a\n\n"}}},
      {"no value", "data:\n\n", {{"", "data:\n\n"}}},
      {"no colon", "data\n\n", {{"", "data\n\n"}}},
      {"two data lines", "data: a\ndata: b\n\n", {{"a\nb", "data: a\ndata: b\n\n"}}},
      {"three, one empty", "data: a\r\ndata\r\ndata: c\r\n\r\n", {{"a\n\nc", "data: a\ndata\ndata: c\n\n"}}},
      {"other fields kept",
       "event: x\nretry: 10\ndata: a\nid\nfoo: bar\n\n",
       {{"a", "event: x\nretry: 10\ndata: a\nid\nfoo: bar\n\n"}}},
      {"database is no data", "database: a\n\ndata: b\n\n", {{"b", "data: b\n\n"}}},
      {"Data is no data", "Data: a\n\n data: c\n\ndata: b\n\n", {{"b", "data: b\n\n"}}},
      {"no data line", "event: ping\n\ndata: a\n\n", {{"a", "data: a\n\n"}}},
      {"no blank line at the end", "data: a\n\ndata: b\n", {{"a", "data: a\n\n"}, {"b", "data: b\n\n"}}},
      {"no line end at the end", "data: a\n\ndata: b", {{"a", "data: a\n\n"}, {"b", "data: b\n\n"}}},
      {"CR at the end", "data: b\r", {{"b", "data: b\n\n"}}},
      {"comment at the end", "data: b\n: bye", {{"b", "data: b\n\n"}}},
      {"nothing", "", {}},
      {"half a field's name", "dat", {}},
      {"zero byte", std::string("data: a\0b\n\n", 11), {{std::string("a\0b", 3), std::string("data: a\0b\n\n", 11)}}},
      {"UTF-8",
       "data: \xe4\xbd\xa0\xf0\x9f\x98\x80\r\n\r\n",
       {{"\xe4\xbd\xa0\xf0\x9f\x98\x80", "data: \xe4\xbd\xa0\xf0\x9f\x98\x80\n\n"}}},
      {"U+2028 and U+0085 end no line",
       "data: a\xe2\x80\xa8\xc2\x85"
       "b\n\n",
       {{"a\xe2\x80\xa8\xc2\x85"
         "b",
         "data: a\xe2\x80\xa8\xc2\x85"
         "b\n\n"}}},
  };
  return list;
}

TEST(SseReader, AnyFramingAtEverySplitPoint) {
  for (const Framed& framed : framings()) {
    SCOPED_TRACE(framed.what);
    EXPECT_EQ(read_whole(framed.stream), framed.events);
    const std::string_view stream = framed.stream;
    for (std::size_t first = 0; first <= stream.size(); ++first) {
      for (std::size_t second = first; second <= stream.size(); ++second) {
        ASSERT_EQ(read({stream.substr(0, first), stream.substr(first, second - first), stream.substr(second)}),
                  framed.events)
            << "split at " << first << " and " << second;
      }
    }
    EXPECT_EQ(read_in_pieces(stream, 1), framed.events);
  }
}

TEST(SseReader, AnEventIsGivenWithTheLastByteOfItsBlankLine) {
  for (const std::string_view line_end : {"\n", "\r", "\r\n"}) {
    const std::string stream = with_line_ends("data: a\n\ndata: b\n\n", line_end);
    SseReader reader(1000);
    std::vector<std::size_t> at;
    for (std::size_t i = 0; i < stream.size(); ++i) {
      const Padded fed(std::string_view(stream).substr(i, 1), '\n');
      reader.feed(fed.view());
      for (auto event = reader.next(); event && *event; event = reader.next()) at.push_back(i + 1);
    }
    // The CR of a CRLF blank line is enough.
    const std::size_t event_size = 7 + 2 * line_end.size();
    const std::size_t early = line_end.size() - 1;
    EXPECT_THAT(at, ElementsAre(event_size - early, 2 * event_size - early));
  }
}

TEST(SseReader, BoundsOneEvent) {
  const std::string at_bound = "data: " + std::string(100 - 8, 'x') + "\n\n";
  ASSERT_EQ(at_bound.size(), 100U);
  EXPECT_EQ(read({at_bound}, 100).front().data.size(), 92U);
  EXPECT_EQ(read({at_bound, at_bound}, 100).size(), 2U);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{99}, std::size_t{100}}) {
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < at_bound.size(); at += piece)
      pieces.push_back(std::string_view(at_bound).substr(at, piece));
    EXPECT_EQ(read(pieces, 100).front().data.size(), 92U) << piece;
    EXPECT_EQ(read(pieces, 99).front().data, "error") << piece;
  }
  SseReader reader(99);
  const Padded fed(at_bound);
  reader.feed(fed.view());
  const auto event = reader.next();
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, ErrorCode::upstream_too_large);
  EXPECT_THAT(event.error().message, testing::HasSubstr("99 bytes"));
}

TEST(SseReader, AnEndlessLineFailsAtTheBoundAndCommentsNever) {
  const std::string endless(64, 'x');
  SseReader reader(1000);
  const Padded fed(endless);
  int fed_count = 0;
  for (;; ++fed_count) {
    ASSERT_LT(fed_count, 100);
    reader.feed(fed.view());
    if (!reader.next()) break;
  }
  EXPECT_EQ(fed_count, 15);  // 16 * 64 > 1000

  SseReader patient(1000);
  const Padded comment(": still there\n");
  for (int i = 0; i < 1000; ++i) {
    patient.feed(comment.view());
    ASSERT_TRUE(patient.next());
  }
}

TEST(SseReader, AnUnfinishedDataLineAtTheEndIsGivenOnce) {
  SseReader reader(1000);
  const Padded fed("id: 3\ndata: {\"a\"");
  reader.feed(fed.view());
  ASSERT_FALSE(*reader.next());
  const auto event = reader.finish();
  ASSERT_TRUE(event && *event);
  EXPECT_EQ((*event)->data, "{\"a\"");
  EXPECT_EQ((*event)->raw, "id: 3\ndata: {\"a\"\n\n");
  EXPECT_FALSE(*reader.finish());
}

TEST(SseReader, FiveMegabyteEventsInAnyPieces) {
  const std::string payload(5'000'000, 'x');
  for (const std::string_view line_end : {"\n", "\r\n", "\r"}) {
    const std::string stream = with_line_ends("data: " + payload + "\n\ndata: after\n\n", line_end);
    for (const std::size_t piece : {std::size_t{1024}, std::size_t{65536}, stream.size()}) {
      std::size_t count = 0;
      SseReader reader(8 << 20);
      for (std::size_t at = 0; at < stream.size(); at += piece) {
        const Padded fed(std::string_view(stream).substr(at, piece));
        reader.feed(fed.view());
        for (auto event = reader.next(); event && *event; event = reader.next()) {
          EXPECT_EQ((*event)->data, count == 0 ? payload : "after");
          ++count;
        }
      }
      EXPECT_EQ(count, 2U);
    }
  }
}

TEST(SseReader, RandomStreamsReadTheSameInRandomPieces) {
  std::mt19937 random(20260101);
  const std::vector<std::string> parts{"data: ", "data:",        "data",     "a",         "\n",
                                       "\r",     "\r\n",         "\n\n",     ":",         " ",
                                       "id: 1",  "\xef\xbb\xbf", "event: x", "{\"k\":1}", "\r\r"};
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (int round = 0; round < 3000; ++round) {
    std::string stream;
    for (std::size_t n = 1 + below(25); n > 0; --n) stream += parts[below(parts.size())];
    std::vector<std::string_view> pieces;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = 1 + below(6);
      pieces.push_back(std::string_view(stream).substr(at, size));
      at += size;
    }
    const auto whole = read_whole(stream);
    ASSERT_EQ(read(pieces), whole) << testing::PrintToString(stream);
    ASSERT_EQ(read_in_pieces(stream, 1), whole) << testing::PrintToString(stream);
    // What is sent on reads the same again (behind the first byte, where no byte order mark is looked for).
    std::string again = "\n";
    std::vector<std::string> data;
    for (const Seen& seen : whole) again += seen.raw, data.push_back(seen.data);
    std::vector<std::string> data_again;
    for (const Seen& seen : read_whole(again)) data_again.push_back(seen.data);
    ASSERT_EQ(data_again, data) << testing::PrintToString(stream);
  }
}

}  // namespace
}  // namespace triage
