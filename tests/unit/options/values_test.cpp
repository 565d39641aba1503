#include "options/values.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

using std::chrono::hours;

TEST(Duration, TakesEveryUnit) {
  EXPECT_EQ(*parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(*parse_duration("30s"), milliseconds(30'000));
  EXPECT_EQ(*parse_duration("5m"), milliseconds(300'000));
  EXPECT_EQ(*parse_duration("1h"), hours(1));
  EXPECT_EQ(*parse_duration("7d"), hours(7 * 24));
  EXPECT_EQ(*parse_duration("0s"), milliseconds(0));
  EXPECT_EQ(*parse_duration("1.5s"), milliseconds(1'500));
  EXPECT_EQ(*parse_duration("0.001s"), milliseconds(1));
  EXPECT_EQ(*parse_duration("3650d"), hours(3650 * 24));
}

TEST(Duration, RefusesTheRest) {
  for (const char* text :
       {"",     "s",     "30",    "30 s",   " 30s",    "30s ",  "30S",   "-1s",     "+1s",
        "1.s",  ".5s",   "1..5s", "1.2.3s", "0.0001s", "1m30s", "3651d", "3650.1d", "99999999999999999999s",
        "1e3s", "0x10s", "inf"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Size, TakesEveryUnit) {
  EXPECT_EQ(parse_size("512B")->bytes, 512u);
  EXPECT_EQ(parse_size("16KiB")->bytes, 16'384u);
  EXPECT_EQ(parse_size("20MiB")->bytes, 20u * 1024 * 1024);
  EXPECT_EQ(parse_size("1GiB")->bytes, 1u << 30);
  EXPECT_EQ(parse_size("2KB")->bytes, 2'000u);
  EXPECT_EQ(parse_size("2MB")->bytes, 2'000'000u);
  EXPECT_EQ(parse_size("2GB")->bytes, 2'000'000'000u);
  EXPECT_EQ(parse_size("0.5KiB")->bytes, 512u);
  EXPECT_EQ(parse_size("1024GiB")->bytes, 1ULL << 40);
}

TEST(Size, RefusesTheRest) {
  for (const char* text : {"", "B", "512", "1kb", "1KIB", "1 KiB", "0.3B", "1025GiB", "999999999999999GiB", "-1B"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Format, IsReadBackAsTheSameValue) {
  for (const int count : {0, 1, 999, 1'000, 1'500, 60'000, 90'000, 3'600'000, 86'400'000, 604'800'000})
    EXPECT_EQ(*parse_duration(format_duration(milliseconds(count))), milliseconds(count)) << count;
  for (const std::uint64_t bytes : {0ULL, 1ULL, 1000ULL, 1024ULL, 1500ULL, 1ULL << 20, 1'000'000ULL, 1ULL << 40})
    EXPECT_EQ(parse_size(format_size(ByteSize{bytes}))->bytes, bytes) << bytes;
  EXPECT_EQ(format_duration(milliseconds(90'000)), "90s");
  EXPECT_EQ(format_size(ByteSize{20 * 1024 * 1024}), "20MiB");
  for (const char* text :
       {"https://api.openai.com/v1", "http://[::1]:11434", "http://127.0.0.1:8000/a/b", "https://h:80"})
    EXPECT_EQ(format_url(*parse_url(text)), text);
  for (const char* text : {"127.0.0.1:8080", "[::1]:0", "my-host_1.example:65535"})
    EXPECT_EQ(format_address(*parse_address(text)), text);
}

TEST(AddressText, IsHostAndPort) {
  EXPECT_EQ(*parse_address("127.0.0.1:8080"), (Address{"127.0.0.1", 8080}));
  EXPECT_EQ(*parse_address("[::1]:0"), (Address{"::1", 0}));
  EXPECT_EQ(*parse_address("localhost:1"), (Address{"localhost", 1}));
  for (const char* text : {"",        ":",       ":80",   "80",           "a",        "a:",          "a:-1",
                           "a:+1",    "a:65536", "a:8x",  "a b:80",       "a:b:80",   "[::1]",       "[::1:80",
                           "[::1]80", "[x]:80",  "[]:80", "256.1.1.1:80", "1.2.3:80", "http://a:80", "ä:80"})
    EXPECT_FALSE(parse_address(text)) << text;
  EXPECT_FALSE(parse_address(std::string(254, 'a') + ":80"));
}

TEST(UrlText, IsSplitIntoItsParts) {
  EXPECT_EQ(*parse_url("https://api.openai.com/v1"), (Url{true, "api.openai.com", 443, "/v1"}));
  EXPECT_EQ(*parse_url("http://h"), (Url{false, "h", 80, ""}));
  EXPECT_EQ(*parse_url("http://h/"), (Url{false, "h", 80, ""}));
  EXPECT_EQ(*parse_url("http://[::1]:11434/a/b//"), (Url{false, "::1", 11434, "/a/b"}));
  for (const char* text :
       {"", "h", "ftp://h", "HTTPS://h", "http://", "http:///v1", "http://u@h", "http://u:p@h/", "http://h?q",
        "http://h/#f", "http://h:0", "http://h:99999", "http://h:", "http://h /", "http://h/\n", "http://h/é"})
    EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Numbers, AreDecimalAndExact) {
  EXPECT_EQ(*parse_integer("0"), 0u);
  EXPECT_EQ(*parse_integer("18446744073709551615"), 18'446'744'073'709'551'615ULL);
  for (const char* text : {"", "-1", "+1", "1.0", "01", "0x1", "1_000", "1 ", "18446744073709551616", "1e3"})
    EXPECT_FALSE(parse_integer(text)) << text;
  EXPECT_EQ(*parse_number("0.02"), 0.02);
  EXPECT_EQ(*parse_number("-3"), -3);
  for (const char* text : {"", "-", ".5", "nan", "inf", "-inf", "1e3", "0x1", "1,5", "1.5x"})
    EXPECT_FALSE(parse_number(text)) << text;
  EXPECT_TRUE(*parse_bool("true"));
  EXPECT_FALSE(*parse_bool("false"));
  for (const char* text : {"yes", "True", "TRUE", "on", "1", ""}) EXPECT_FALSE(parse_bool(text)) << text;
}

TEST(Sha256Text, Is64HexDigits) {
  const std::string hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
  EXPECT_EQ(format_hex(*parse_sha256(hex)), hex);
  EXPECT_FALSE(parse_sha256(hex.substr(1)));
  EXPECT_FALSE(parse_sha256(hex + "0"));
  EXPECT_FALSE(parse_sha256("x" + hex.substr(1)));
  EXPECT_FALSE(parse_sha256("+" + hex.substr(1)));
  EXPECT_FALSE(parse_sha256(hex.substr(1) + " "));
}

TEST(Refusals, NeverHoldTheValue) {
  const std::string marker = "s3cr3t";
  const auto safe = [&](const auto& result) {
    return result || result.error().message.find(marker) == std::string::npos;
  };
  for (const std::string& text : {marker, "30" + marker, "http://" + marker + "@h", "h:" + marker, "tk_" + marker,
                                  "http://h/?" + marker, "[" + marker + "]:1", "http://h:" + marker}) {
    EXPECT_TRUE(safe(parse_duration(text)));
    EXPECT_TRUE(safe(parse_size(text)));
    EXPECT_TRUE(safe(parse_address(text)));
    EXPECT_TRUE(safe(parse_url(text)));
    EXPECT_TRUE(safe(parse_integer(text)));
    EXPECT_TRUE(safe(parse_number(text)));
    EXPECT_TRUE(safe(parse_bool(text)));
    EXPECT_TRUE(safe(parse_sha256(text)));
  }
}

TEST(Loopback, IsThisMachineOnly) {
  for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host :
       {"0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.com", "127.example", "localhost.example", ""})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Checks, LetOnlySafeTextsThrough) {
  for (const char* name : {"a", "llama3.1:8b", "meta/llama-3", "A_b.c@d+e", "1"})
    EXPECT_FALSE(check_name(name)) << name;
  for (const char* name : {"", "-a", "a b", "a\n", "é", "a,b", "a\"", "{a}", ".a"})
    EXPECT_TRUE(check_name(name)) << name;
  EXPECT_FALSE(check_name(std::string(100, 'a')));
  EXPECT_TRUE(check_name(std::string(101, 'a')));
  EXPECT_FALSE(check_credential("sk-abc"));
  for (const char* text : {"", "a b", "a\r\nX: y", "é", "a\x7f"}) EXPECT_TRUE(check_credential(text)) << text;
  EXPECT_FALSE(check_field_value("Bearer x"));
  for (const char* text : {"", " a", "a ", "a\nb", "a\tb"}) EXPECT_TRUE(check_field_value(text)) << text;
  EXPECT_FALSE(check_field_name("X-Team"));
  for (const char* name : {"", "a b", "a:", "Host", "content-length", "Transfer-Encoding", "CONNECTION", "é"})
    EXPECT_TRUE(check_field_name(name)) << name;
  for (const char* origin : {"*", "https://a.example", "http://localhost:3000"})
    EXPECT_FALSE(check_origin(origin)) << origin;
  for (const char* origin : {"", "a.example", "https://a.example/", "https://a/x", "null"})
    EXPECT_TRUE(check_origin(origin)) << origin;
}

}  // namespace
}  // namespace triage
