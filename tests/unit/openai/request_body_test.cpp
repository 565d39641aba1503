#include "openai/request_body.hpp"

#include "../../support/padded.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace triage {
namespace {

using test::Padded;
using testing::HasSubstr;

/// Parses `text`; the result's body dangles.
Result<ApiRequest> parse(std::string_view text, std::uint32_t depth_max = 64) {
  const Padded body(text);
  auto request = parse_request_body(Api::chat, body.view(), depth_max);
  if (request) {
    EXPECT_EQ(request->body.data(), body.view().data());
    EXPECT_EQ(request->body.size(), body.view().size());
  }
  return request;
}

std::string_view at(std::string_view text, Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

/// Code and param of the error, "ok" if there is none.
std::string verdict(std::string_view text, std::uint32_t depth_max = 64) {
  const auto request = parse(text, depth_max);
  if (request) return "ok";
  const Error error = request.error();
  std::string out(traits(error.code).name);
  return error.param.empty() ? out : out + " " + error.param;
}

/// A member with `value` in an otherwise good body.
std::string with_value(const std::string& value) {
  return R"({"model":"m","x":)" + value + "}";
}

TEST(RequestBody, LocatesWhatChanges) {
  const std::string text =
      " {\n \"a\" : [1, {\"model\":\"no\"}], \"model\" :\t\"gpt\" , \"stream\": true,"
      "\"stream_options\": { \"x\":1, \"include_usage\" : false }}\r\n";
  const auto request = parse(text);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->api, Api::chat);
  EXPECT_EQ(request->model, "gpt");
  EXPECT_EQ(at(text, request->model_value), "\"gpt\"");
  EXPECT_TRUE(request->stream);
  EXPECT_FALSE(request->include_usage);
  EXPECT_EQ(at(text, request->stream_options), "{ \"x\":1, \"include_usage\" : false }");
  EXPECT_EQ(at(text, request->include_usage_value), "false");
  EXPECT_EQ(request->object_begin, 2U);
}

TEST(RequestBody, AbsentMembersHaveEmptySpans) {
  const auto request = parse(R"({"model":"m"})");
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->stream);
  EXPECT_TRUE(request->stream_options.empty());
  EXPECT_TRUE(request->include_usage_value.empty());
}

TEST(RequestBody, NullsCountAsAbsentButAreLocated) {
  const std::string text = R"({"model":"m","stream":null,"stream_options":null})";
  const auto request = parse(text);
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->stream);
  EXPECT_EQ(at(text, request->stream_options), "null");
  const std::string inner = R"({"model":"m","stream_options":{"include_usage":null}})";
  const auto second = parse(inner);
  ASSERT_TRUE(second);
  EXPECT_EQ(at(inner, second->include_usage_value), "null");
}

TEST(RequestBody, IncludeUsageTrue) {
  const auto request = parse(R"({"stream_options":{"include_usage":true},"model":"m"})");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->include_usage);
}

TEST(RequestBody, EscapedNamesAndModelsAreUnescaped) {
  const std::string text = "{\"mod\\u0065l\":\"a\\u002Fb\\/\\ud83d\\ude00\"}";
  const auto request = parse(text);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->model, "a/b/\xf0\x9f\x98\x80");
  EXPECT_EQ(at(text, request->model_value), "\"a\\u002Fb\\/\\ud83d\\ude00\"");
}

TEST(RequestBody, WrongTypes) {
  EXPECT_EQ(verdict("{}"), "missing_required_parameter model");
  EXPECT_EQ(verdict(R"({"messages":[]})"), "missing_required_parameter model");
  EXPECT_EQ(verdict(R"({"model":null})"), "invalid_value model");
  EXPECT_EQ(verdict(R"({"model":1})"), "invalid_value model");
  EXPECT_EQ(verdict(R"({"model":["m"]})"), "invalid_value model");
  EXPECT_EQ(verdict(R"({"model":""})"), "invalid_value model");
  EXPECT_EQ(verdict(R"({"model":"a\nb"})"), "invalid_value model");
  EXPECT_EQ(verdict(R"({"model":"\ud800"})"), "invalid_value model");
  EXPECT_EQ(verdict(R"({"model":")" + std::string(513, 'm') + "\"}"), "invalid_value model");
  EXPECT_EQ(verdict(R"({"model":")" + std::string(512, 'm') + "\"}"), "ok");
  EXPECT_EQ(verdict(R"({"model":"m","stream":"true"})"), "invalid_value stream");
  EXPECT_EQ(verdict(R"({"model":"m","stream":1})"), "invalid_value stream");
  EXPECT_EQ(verdict(R"({"model":"m","stream_options":true})"), "invalid_value stream_options");
  EXPECT_EQ(verdict(R"({"model":"m","stream_options":[]})"), "invalid_value stream_options");
  EXPECT_EQ(verdict(R"({"model":"m","stream_options":{"include_usage":"yes"}})"),
            "invalid_value stream_options.include_usage");
}

TEST(RequestBody, BadSyntaxIsReportedBeforeWrongTypes) {
  EXPECT_EQ(verdict(R"({"model":1,)"), "invalid_json");
}

TEST(RequestBody, OnlyOneObject) {
  for (const std::string_view text : {"", " ", "[]", "null", "1", "\"model\"", "tru", "{\"model\":\"m\"} x",
                                      "{\"model\":\"m\"}{}", "{\"model\":\"m\"},", "\xef\xbb\xbf{\"model\":\"m\"}"})
    EXPECT_EQ(verdict(text), "invalid_json") << text;
  EXPECT_EQ(verdict(std::string("{\"model\":\"m\"}\0", 14)), "invalid_json");
  EXPECT_EQ(verdict("\t\r\n {\"model\":\"m\"} \t\r\n"), "ok");
}

TEST(RequestBody, Grammar) {
  for (const std::string value : {"0",
                                  "-0",
                                  "1",
                                  "-1",
                                  "10",
                                  "0.0",
                                  "1.5",
                                  "-1.25e+10",
                                  "1E5",
                                  "1e-5",
                                  "0e0",
                                  "1e999",
                                  "-1e99999",
                                  "123456789012345678901234567890123456789012345678901234567890",
                                  "0.00000000000000000000000000000000000001",
                                  "true",
                                  "false",
                                  "null",
                                  "\"\"",
                                  "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"",
                                  "\"\\ud800\"",
                                  "\"\\udc00\\ud800\"",
                                  "\"\\u0000\"",
                                  "\"\x7f\"",
                                  "[]",
                                  "{}",
                                  "[ ]",
                                  "{ }",
                                  "[1,2 , 3]",
                                  "[[],{},[{}]]",
                                  "{\"a\":{\"b\":[{\"c\":1}]}}",
                                  "{\"\":1}",
                                  " \t\r\n1\t\n\r "})
    EXPECT_EQ(verdict(with_value(value)), "ok") << value;
  for (const std::string value : {"",
                                  "-",
                                  "+1",
                                  "01",
                                  "-01",
                                  "1.",
                                  ".5",
                                  "1.e5",
                                  "1e",
                                  "1e+",
                                  "0x10",
                                  "1_000",
                                  "NaN",
                                  "Infinity",
                                  "-Infinity",
                                  "True",
                                  "TRUE",
                                  "nul",
                                  "nulll",
                                  "truee",
                                  "fals",
                                  "'a'",
                                  "a",
                                  "\"",
                                  "\"a",
                                  "\"\\\"",
                                  "\"\\a\"",
                                  "\"\\u12\"",
                                  "\"\\u12g4\"",
                                  "\"\\U0041\"",
                                  "\"\\x41\"",
                                  "\"\t\"",
                                  "\"\n\"",
                                  "[",
                                  "]",
                                  "[1",
                                  "[1,",
                                  "[1,]",
                                  "[,1]",
                                  "[1 2]",
                                  "[1,,2]",
                                  "[1}",
                                  "{",
                                  "{\"a\"",
                                  "{\"a\":",
                                  "{\"a\":1",
                                  "{\"a\":1,",
                                  "{\"a\":1,}",
                                  "{\"a\" 1}",
                                  "{\"a\":}",
                                  "{a:1}",
                                  "{1:1}",
                                  "{,}",
                                  "{\"a\":1]",
                                  "{\"a\":1 \"b\":2}",
                                  "{\"a\"::1}",
                                  "1 1",
                                  "[1]]",
                                  "//",
                                  "/**/1",
                                  "1/**/",
                                  "\x0b"
                                  "1",
                                  "\x0c"
                                  "1",
                                  "\xc2\xa0"
                                  "1"})
    EXPECT_EQ(verdict(with_value(value)), "invalid_json") << value;
  EXPECT_EQ(verdict(with_value(std::string("\"\0\"", 3))), "invalid_json");
}

TEST(RequestBody, EveryTruncationIsInvalid) {
  const std::string text =
      R"({"model":"m\u00e9","messages":[{"role":"user","content":"h\"i"},null,true,false,-1.5e+3],"stream":true})";
  ASSERT_EQ(verdict(text), "ok");
  for (const char padding : {'"', '}', ']', '0', 'e', '\\', ' '}) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      const Padded body(std::string_view(text).substr(0, size), padding);
      const auto request = parse_request_body(Api::chat, body.view(), 64);
      ASSERT_FALSE(request) << size;
      ASSERT_EQ(request.error().code, ErrorCode::invalid_json) << size;
    }
  }
}

TEST(RequestBody, Utf8) {
  for (const std::string value : {"\xc3\xa9", "\xe4\xbd\xa0", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                  "\xf4\x8f\xbf\xbf", "\xef\xbf\xbe"})
    EXPECT_EQ(verdict(with_value("\"" + value + "\"")), "ok") << value;
  for (const std::string value :
       {"\x80", "\xff", "\xc3", "\xc3(", "\xc0\xaf", "\xc1\xbf", "\xe4\xbd", "\xe0\x80\xaf", "\xed\xa0\x80",
        "\xf0\x80\x80\xaf", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xe9"})
    EXPECT_EQ(verdict(with_value("\"" + value + "\"")), "invalid_json") << testing::PrintToString(value);
  const auto request = parse("{\"model\":\"\xe4\xbd\xa0\xff\"}");
  ASSERT_FALSE(request);
  EXPECT_THAT(request.error().message, HasSubstr("not UTF-8 at byte 13"));
}

TEST(RequestBody, RepeatedNamesAtAnyDepth) {
  EXPECT_EQ(verdict(R"({"model":"a","model":"a"})"), "invalid_json");
  EXPECT_EQ(verdict(R"({"model":"a","mod\u0065l":"b"})"), "invalid_json");
  EXPECT_EQ(verdict(with_value(R"([[{"a":1,"b":{},"a":2}]])")), "invalid_json");
  EXPECT_EQ(verdict(with_value(R"({"":1,"":2})")), "invalid_json");
  EXPECT_EQ(verdict(with_value("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}")), "invalid_json");
  EXPECT_EQ(verdict(with_value(R"({"\ud800":1,"\ud800":2})")), "invalid_json");
  EXPECT_EQ(verdict(with_value(R"({"\n":1,"\u000A":2})")), "invalid_json");
  EXPECT_EQ(verdict(with_value(R"({"a":{"a":{"a":1}},"A":[{"a":1},{"a":1}],"a ":1,"\ud800":1,"\ud801":2})")), "ok");
  const auto request = parse(R"({"model":"m","x":{"yy":1,"yy":2}})");
  ASSERT_FALSE(request);
  EXPECT_THAT(request.error().message, HasSubstr("the name \"yy\" comes twice in one object, again at byte 26"));
}

TEST(RequestBody, RepeatedNamesInLargeObjects) {
  for (const int count : {15, 16, 17, 18, 1000}) {
    std::string object = "{";
    for (int i = 0; i < count; ++i)  // the same first and last eight bytes: the hash alone tells nothing
      object += (i ? ",\"samehead" : "\"samehead") + std::to_string(100000 + i) + "sametail\":" + std::to_string(i);
    EXPECT_EQ(verdict(with_value(object + "}")), "ok") << count;
    EXPECT_EQ(verdict(with_value(object + ",\"samehead100003sametail\":1}")), "invalid_json") << count;
    EXPECT_EQ(verdict(with_value(object + ",\"samehead10000\\u0034sametail\":1}")), "invalid_json") << count;
  }
}

TEST(RequestBody, Depth) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_EQ(verdict(with_value(nested(63)), 64), "ok");
  EXPECT_EQ(verdict(with_value(nested(64)), 64), "json_too_deep");
  EXPECT_EQ(verdict(with_value(nested(1023)), 5000), "ok");
  EXPECT_EQ(verdict(with_value(nested(1024)), 5000), "json_too_deep");
  EXPECT_EQ(verdict(R"({"model":"m"})", 1), "ok");
  EXPECT_EQ(verdict(with_value(std::string(1'000'000, '[')), 64), "json_too_deep");
  std::string objects;
  for (int i = 0; i < 200; ++i) objects += i % 3 ? "{\"a\":" : "[";
  objects += "1";
  for (int i = 199; i >= 0; --i) objects += i % 3 ? "}" : "]";
  EXPECT_EQ(verdict(with_value(objects), 201), "ok");
  EXPECT_EQ(verdict(with_value(objects), 200), "json_too_deep");
  const auto request = parse(with_value(nested(3)), 3);
  ASSERT_FALSE(request);
  EXPECT_THAT(request.error().message, HasSubstr("nested more than 3 levels deep at byte 19"));
}

TEST(RequestBody, MessagesNameTheByte) {
  const auto message = [](std::string_view text) { return parse(text).error().message; };
  EXPECT_THAT(message(R"({"model" "m"})"), HasSubstr("expected ':' at byte 9"));
  EXPECT_THAT(message(R"({"model":"m")"), HasSubstr("ends too early at byte 12"));
  EXPECT_THAT(message(R"({"model":"m)"), HasSubstr("ends inside a string at byte 11"));
  EXPECT_THAT(message("{\"model\":\"m\n\"}"), HasSubstr("control character in a string must be escaped at byte 11"));
  EXPECT_THAT(message(with_value("[0,012]")), HasSubstr("a number starts with 0 at byte 20"));
  EXPECT_THAT(message("[1]"), HasSubstr("expected an object at byte 0"));
}

TEST(RequestBody, LargeStringsOfEveryLengthAroundABlock) {
  for (std::size_t size = 0; size < 70; ++size) {
    const std::string text(size, 'a');
    EXPECT_EQ(verdict(with_value("\"" + text + "\"")), "ok") << size;
    EXPECT_EQ(verdict(with_value("\"" + text + "\\n" + text + "\"")), "ok") << size;
    EXPECT_EQ(verdict(with_value("\"" + text + "\x1f" + text + "\"")), "invalid_json") << size;
    EXPECT_EQ(verdict(with_value("\"" + text + "\\q" + text + "\"")), "invalid_json") << size;
  }
}

TEST(RequestBody, EachPromptIsAnsweredNTimes) {
  const auto choices = [](std::string_view json, Api api = Api::completions) {
    const Padded body(json);
    return parse_request_body(api, body.view(), 64).value().outline.choices;
  };
  EXPECT_EQ(choices(R"({"model":"m","prompt":"x"})"), 1);
  EXPECT_EQ(choices(R"({"model":"m","n":2,"prompt":["x","y","z"]})"), 6);
  EXPECT_EQ(choices(R"({"model":"m","prompt":["x","y"],"n":2})"), 4);
  EXPECT_EQ(choices(R"({"model":"m","prompt":[1,2,3]})"), 1) << "tokens of one prompt";
  EXPECT_EQ(choices(R"({"model":"m","prompt":[[1,2],[3]]})"), 2);
  EXPECT_EQ(choices(R"({"model":"m","input":["x","y"]})", Api::embeddings), 1);
}

}  // namespace
}  // namespace triage
