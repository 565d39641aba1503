#include "openai/named_model.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

Result<NamedModel> read(std::string_view text) {
  const test::Padded body(text);
  return read_named_model(body.view(), 64);
}

TEST(NamedModel, WhereItStands) {
  const std::string_view text = R"({"input":[1,{"model":"not this"}], "model" : "m\u0061x" ,"stream":true})";
  const auto found = read(text);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->model, "max");
  EXPECT_EQ(text.substr(found->value.begin, found->value.end - found->value.begin), R"("m\u0061x")");
  EXPECT_TRUE(found->stream);
  EXPECT_FALSE(found->more);
  EXPECT_EQ(read(R"({"session":{"type":"realtime","model":"gpt-realtime"}})")->model, "gpt-realtime");
}

TEST(NamedModel, NoneAndNoNames) {
  EXPECT_FALSE(read(R"({"input":"x"})")->named);
  EXPECT_FALSE(read(R"({"model":null})")->named);
  for (const std::string_view text : {R"({"model":""})", R"({"model":7})", R"({"model":{"id":"a"}})",
                                      R"({"model":"a\n"})", R"({"model":"\ud800"})"}) {
    const auto found = read(text);
    ASSERT_TRUE(found) << text;
    EXPECT_TRUE(found->named && found->model.empty()) << text;
  }
}

TEST(NamedModel, MoreThanOne) {
  for (const std::string_view text :
       {R"({"model":"a","models":["b"]})", R"({"models":["b"]})", R"({"model":"a","Model":"b"})", R"({"MODEL":"b"})",
        R"({"model":"a","session":{"model":"b"}})", R"({"session":{"model":"b"},"model":"a"})"})
    EXPECT_TRUE(read(text)->more) << text;
  EXPECT_FALSE(read(R"({"model":"a","models":null,"session":{"voice":"x"},"metadata":{"model":"b"}})")->more);
}

TEST(NamedModel, WhatTwoReadersCouldReadTwoWays) {
  for (const std::string_view text :
       {R"({"model":"a","model":"b"})", R"({"model":"a","mod\u0065l":"b"})", R"(["model"])",
        R"({"model":"a"} {"model":"b"})", "\xef\xbb\xbf{\"model\":\"a\"}", "{\"a\":\"\xff\"}"}) {
    const auto found = read(text);
    ASSERT_FALSE(found) << text;
    EXPECT_EQ(found.error().code, ErrorCode::invalid_json) << text;
  }
}

TEST(NamedModel, OfAForm) {
  const auto field = [](std::string name, std::string value) {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  };
  const auto of = [](std::string fields) {
    return read_form_model("multipart/form-data; boundary=B", fields + "--B--");
  };
  const std::string body = field("file", "x") + field("model", "whisper-1");
  const auto found = of(body);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->model, "whisper-1");
  EXPECT_EQ(body.substr(found->value.begin, found->value.end - found->value.begin), "whisper-1");
  EXPECT_TRUE(of(field("model", "a") + field("model", "b"))->more);
  EXPECT_TRUE(of(field("model", "") + field("model", "b"))->more);
  EXPECT_TRUE(of(field("model[]", "a"))->more);
  EXPECT_FALSE(of(field("purpose", "batch"))->named);
  EXPECT_TRUE(of(field("model", "a\r\nb"))->model.empty());
  EXPECT_FALSE(read_form_model("application/json", body));
}

}  // namespace
}  // namespace triage
