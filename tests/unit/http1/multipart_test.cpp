#include "http1/multipart.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

constexpr std::string_view type = "multipart/form-data; boundary=B";

std::string part(const std::string& disposition, const std::string& value) {
  return "--B\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
}

TEST(Form, FieldsInOrder) {
  const std::string body = part(R"(name="file"; filename="a.mp3")", std::string("\0\r\n\xff", 4)) +
                           part(R"(name="model")", "whisper-1") + part(R"(name="prompt")", "") + "--B--\r\n";
  const auto fields = read_form(type, body);
  ASSERT_TRUE(fields);
  ASSERT_EQ(fields->size(), 3U);
  EXPECT_TRUE((*fields)[0].file);
  EXPECT_EQ((*fields)[0].value, std::string_view("\0\r\n\xff", 4));
  EXPECT_EQ((*fields)[1].name, "model");
  EXPECT_EQ((*fields)[1].value, "whisper-1");
  EXPECT_FALSE((*fields)[1].file);
  EXPECT_EQ((*fields)[2].value, "");
  EXPECT_TRUE(read_form(R"(Multipart/Form-Data; charset=utf-8; Boundary="B")", body));
  EXPECT_TRUE(read_form(type, "--B--"));
}

TEST(Form, WhatTwoReadersCouldTakeForTwoForms) {
  const std::string good = part(R"(name="model")", "a") + "--B--\r\n";
  ASSERT_TRUE(read_form(type, good));
  for (const std::string_view other :
       {"application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=B",
        "multipart/form-data; boundary=B; boundary=C", "multipart/form-data boundary=B", "multipart/form-data; x"})
    EXPECT_FALSE(read_form(other, good)) << other;
  for (const std::string& body :
       {"x" + good, good + "x", good.substr(0, good.size() - 6), part(R"(name="model")", "a"), std::string(),
        "--B\n" + good, part(R"(name="x")", "\n--B\nContent-Disposition: form-data; name=\"model\"\n\nb") + "--B--",
        part(R"(name="x")", "--Bmore") + "--B--", part("name=model", "a") + "--B--",
        part(R"(name="mo\del")", "a") + "--B--", part(R"(name="mod%65l")", "a") + "--B--",
        part(R"(name="a"; name="model")", "a") + "--B--", part(R"(name*=utf-8''model)", "a") + "--B--",
        part("name=\"a\"\r\n name=\"model\"", "a") + "--B--", part("filename=\"a\"", "a") + "--B--",
        part("name=\"a\"\r\nContent-Transfer-Encoding: base64", "a") + "--B--",
        part("name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"", "a") + "--B--",
        std::string("--B\r\nContent-Type: text/plain\r\n\r\na\r\n--B--")})
    EXPECT_FALSE(read_form(type, body)) << body;
}

}  // namespace
}  // namespace triage
