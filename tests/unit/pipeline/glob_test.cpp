#include "pipeline/live/snapshot.hpp"

#include <gtest/gtest.h>

#include <random>

namespace triage {
namespace {

// The definition, exponential and plain.
bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') return matches(pattern.substr(1), text) || (!text.empty() && matches(pattern, text.substr(1)));
  return !text.empty() && pattern[0] == text[0] && matches(pattern.substr(1), text.substr(1));
}

TEST(Glob, Examples) {
  EXPECT_TRUE(glob_matches("gpt-*", "gpt-4o"));
  EXPECT_TRUE(glob_matches("gpt-*", "gpt-"));
  EXPECT_FALSE(glob_matches("gpt-*", "gpt"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("/v1/*/content", "/v1/files/a/b/content"));
  EXPECT_FALSE(glob_matches("auto", "automatic"));
}

TEST(Glob, AgainstTheDefinition) {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string pattern;
    std::string text;
    for (auto n = random() % 7; n > 0; --n) pattern.push_back("ab*"[random() % 3]);
    for (auto n = random() % 9; n > 0; --n) text.push_back("ab"[random() % 2]);
    ASSERT_EQ(glob_matches(pattern, text), matches(pattern, text)) << pattern << ' ' << text;
  }
}

}  // namespace
}  // namespace triage
