#include "bedrock/event_stream.hpp"

#include "support/event_frame.hpp"
#include "support/padded.hpp"
#include "unit/bedrock/vectors.hpp"

#include <gtest/gtest.h>

namespace triage::bedrock {
namespace {

using test::event_frame;
using test::Padded;

// The frames of `bytes`, cut into pieces of this size: "type payload\n", and the error's message.
std::string read(std::string_view bytes, std::size_t piece = std::string::npos, std::size_t most = 1 << 20) {
  EventStream stream(most);
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const Padded fed(bytes.substr(at, piece));
    at += fed.view().size();
    stream.feed(fed.view());
    for (;;) {
      const auto frame = stream.next();
      if (!frame) return out + frame.error().message;
      if (*frame == nullptr) break;
      out.append((*frame)->text(":event-type")).append(" ").append((*frame)->payload).append("\n");
    }
  }
  return out;
}

TEST(EventStream, IsReadAlikeHoweverItIsCut) {
  const std::string bytes = event_frame("a", "{}") + event_frame("b", std::string(1000, 'x')) + test::frame_of({}, "");
  const std::string wanted = "a {}\nb " + std::string(1000, 'x') + "\n \n";
  EXPECT_EQ(read(bytes), wanted);
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) ASSERT_EQ(read(bytes, piece), wanted) << piece;
}

TEST(EventStream, WaitsForTheRestOfAFrame) {
  const std::string bytes = event_frame("a", "{}");
  for (std::size_t size = 0; size < bytes.size(); ++size) ASSERT_EQ(read(bytes.substr(0, size)), "") << size;
}

TEST(EventStream, RefusesWhateverIsChanged) {
  const std::string good = event_frame("a", "{}");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x40);
    ASSERT_EQ(read(bytes), "the provider's event stream has a wrong checksum") << at;
  }
}

TEST(EventStream, BoundsAFrame) {
  const std::string bytes = event_frame("a", std::string(5000, 'x'));
  EXPECT_EQ(read(bytes, std::string::npos, 4000), "the provider sent an event of more than 4000 bytes (limits.event)");
  EXPECT_EQ(read(bytes.substr(0, 12), std::string::npos, 4000),
            "the provider sent an event of more than 4000 bytes (limits.event)");
}

TEST(EventStream, RefusesHeadersThatCannotBeRead) {
  EXPECT_EQ(read(test::frame_of({{"a", "1"}, {"a", "2"}}, "")),
            "the provider's event stream has the same header twice");
  const auto with_headers = [](const std::string& headers) {
    std::string out = test::big_endian(static_cast<std::uint32_t>(16 + headers.size()), 4) +
                      test::big_endian(static_cast<std::uint32_t>(headers.size()), 4);
    out += test::crc_of(out);
    out += headers;
    return out + test::crc_of(out);
  };
  using namespace std::string_literals;
  for (const std::string& headers : {"\x01"s, "\x01"s + "a", "\x01"s + "a\x0a", "\x01"s + "a\x07\x00"s,
                                     "\x01"s + "a\x07\x00\x05"s + "ab", "\x01"s + "a\x05\x01"s})
    EXPECT_EQ(read(with_headers(headers)), "the provider's event stream has a header that cannot be read");
}

// Bytes as botocore's tests have them.
TEST(EventStream, ReadsEveryVector) {
  const auto file = test::provider_vectors() / "eventstream/frames.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no vectors at " << file << " (set TRIAGE_SHARED)";
  const auto vectors = test::json_of(file);
  for (const auto& good : vectors.at("good")) {
    SCOPED_TRACE(good.at("name").get<std::string>());
    const Padded bytes(test::from_base64(good.at("base64").get<std::string>()));
    EventStream stream(1 << 20);
    stream.feed(bytes.view());
    const auto frame = stream.next();
    ASSERT_TRUE(frame && *frame != nullptr);
    EXPECT_EQ((*frame)->payload, test::from_base64(good.at("payload").at("base64").get<std::string>()));
    ASSERT_EQ((*frame)->headers.size(), good.at("headers").size());
    std::size_t at = 0;
    for (const auto& [name, value] : good.at("headers").items()) {
      const EventHeader& header = (*frame)->headers[at++];
      EXPECT_EQ(header.name, name);
      if (value.is_string()) {
        EXPECT_EQ(header.value, value.get<std::string>());
      }
      if (value.is_object()) {
        EXPECT_EQ(header.value, test::from_base64(value.at("base64").get<std::string>()));
      }
      if (value.is_boolean()) {
        EXPECT_EQ(header.type == EventHeader::Type::yes, value.get<bool>());
      }
      if (value.is_number()) {
        std::int64_t number = static_cast<signed char>(header.value.front());
        for (const char c : header.value.substr(1)) number = number * 256 + static_cast<unsigned char>(c);
        EXPECT_EQ(number, value.get<std::int64_t>());
      }
    }
  }
  for (const auto& bad : vectors.at("bad"))
    EXPECT_NE(read(test::from_base64(bad.at("base64").get<std::string>())).find("the provider's event stream has"),
              std::string::npos)
        << bad.at("name");
}

}  // namespace
}  // namespace triage::bedrock
