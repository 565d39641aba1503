#include "app/config_edit.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

const std::string yaml =
    "routes:  # all of them\n"
    "  chat:\n"
    "    routers: [{classifier: {thresholds: {medium: 0.35, large: \"0.7\"}}}]  # 0.35 was chosen by hand\n"
    "x: 0.35\n";

TEST(ConfigEdit, ChangesTheValueAndNothingElse) {
  std::string text = yaml;
  ASSERT_TRUE(replace_scalar(text, {0, 3, 50}, "0.35", "0.412"));
  EXPECT_EQ(text,
            "routes:  # all of them\n"
            "  chat:\n"
            "    routers: [{classifier: {thresholds: {medium: 0.412, large: \"0.7\"}}}]  # 0.35 was chosen by hand\n"
            "x: 0.35\n");
}

TEST(ConfigEdit, QuotesGoWithTheValue) {
  std::string text = yaml;
  ASSERT_TRUE(replace_scalar(text, {0, 3, 63}, "0.7", "0.8"));
  EXPECT_NE(text.find("large: 0.8}"), std::string::npos);
}

TEST(ConfigEdit, AtTheEndOfTheFile) {
  std::string text = "x: 0.35";
  ASSERT_TRUE(replace_scalar(text, {0, 1, 4}, "0.35", "0.4"));
  EXPECT_EQ(text, "x: 0.4");
}

TEST(ConfigEdit, AnotherTextIsLeftAlone) {
  for (const options::Place place :
       {options::Place{0, 3, 49}, options::Place{0, 1, 1}, options::Place{0, 9, 1}, options::Place{0, 4, 90}}) {
    std::string text = yaml;
    EXPECT_FALSE(replace_scalar(text, place, "0.35", "0.4"));
    EXPECT_EQ(text, yaml);
  }
  std::string longer = "x: 0.351";
  EXPECT_FALSE(replace_scalar(longer, {0, 1, 4}, "0.35", "0.4"));
}

}  // namespace
}  // namespace triage
