// append_json_string against a reading of RFC 8259 and RFC 3629 byte by byte.
#include "json/json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>

namespace triage {
namespace {

std::string written(std::string_view text) {
  std::string out = ">";
  append_json_string(out, text);
  Buffer block;
  block.append(">");
  append_json_string(block, text);
  EXPECT_EQ(block.view(), out);
  return out.substr(1);
}

TEST(AppendJsonString, EscapesWhatHasToBe) {
  EXPECT_EQ(written(""), R"("")");
  EXPECT_EQ(written("plain text, longer than sixteen bytes"), R"("plain text, longer than sixteen bytes")");
  EXPECT_EQ(written("a\"b\\c/d\n\r\t\x01\x1f\x7f"), "\"a\\\"b\\\\c/d\\n\\r\\t\\u0001\\u001f\x7f\"");
  EXPECT_EQ(written("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"), "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
  EXPECT_EQ(written("\xff|\xc3|\xed\xa0\x80"), "\"\xef\xbf\xbd|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(AppendJsonString, IsMadeOfPiecesAsWell) {
  std::string out = "\"";
  append_json_escaped(out, "a\"b");
  append_json_escaped(out, "");
  append_json_escaped(out, "\n\xc3\xa9\xff");
  EXPECT_EQ(out + '"', written("a\"b\n\xc3\xa9\xff"));
}

TEST(AppendJsonString, IsReadBackAtEveryPlaceAndLength) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char* special : {"\"", "\\", "\n", "\x1f", " ", "!", "#", "[", "]", "~", "\x7f", "\xc3\xa9"}) {
        std::string text(length, 'x');
        text.replace(at, 1, special);
        ASSERT_EQ(nlohmann::json::parse(written(text)).get<std::string>(), text) << at << " of " << length;
      }
    }
  }
}

TEST(AppendJsonString, OfAnyBytesIsJson) {
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 60, '\0');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : 'a' + random() % 26);
    ASSERT_TRUE(nlohmann::json::accept(written(text)));
  }
}

}  // namespace
}  // namespace triage
