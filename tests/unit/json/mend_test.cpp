#include "json/mend.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(MendedJson, WhatIsNoNumberBecomesNull) {
  EXPECT_EQ(mended_json(R"({"a":NaN})"), R"({"a":null})");
  EXPECT_EQ(mended_json(R"([NaN,Infinity, -Infinity ,1])"), R"([null,null, null ,1])");
  EXPECT_EQ(mended_json(R"([nan,-nan,inf,-inf,+Infinity])"), R"([null,null,null,null,null])");
  EXPECT_EQ(mended_json(R"({"NaN":"Infinity","x":"a\"NaN","y":-Infinity})"),
            R"({"NaN":"Infinity","x":"a\"NaN","y":null})");
  EXPECT_EQ(mended_json("-Infinity"), "null");
}

TEST(MendedJson, WhatIsNoUtf8BecomesTheReplacementCharacter) {
  EXPECT_EQ(mended_json("{\"a\":\"x\xff\"}"), "{\"a\":\"x\xef\xbf\xbd\"}");
  EXPECT_EQ(mended_json("{\"a\":\"\xe2\x82\",\"b\":NaN}"), "{\"a\":\"\xef\xbf\xbd\xef\xbf\xbd\",\"b\":null}");
  EXPECT_EQ(mended_json("{\"a\":\"\xed\xa0\x80\"}"), "{\"a\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}");
}

TEST(MendedJson, AnythingElseIsLeftAlone) {
  for (const char* text : {"", "{}", R"({"a":null,"b":true,"c":-1.5e3})", R"({"a":"NaN"})", R"({"a":NaNo})",
                           R"({"a":xNaN})", R"({"a":infinite})", "{\"a\":\"NaN", "{", "{\"\xe2\x82\xac\":1}"})
    EXPECT_EQ(mended_json(text), std::nullopt) << text;
}

}  // namespace
}  // namespace triage
