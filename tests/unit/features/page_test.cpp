// docs/features.md has the tables of the code.
#include "features/reference.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace triage::features {
namespace {

constexpr const char* page = TRIAGE_SOURCE_DIR "/docs/features.md";
const std::string begin_mark = "<!-- features: written by the test page_test -->\n\n";
const std::string end_mark = "<!-- end of features -->\n";

// TRIAGE_REGENERATE=1 writes the tables instead.
TEST(FeaturesPage, HasTheTablesOfTheCode) {
  std::ostringstream read;
  read << std::ifstream(page, std::ios::binary).rdbuf();
  std::string text = read.str();
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t tables = begin + begin_mark.size();
  if (std::getenv("TRIAGE_REGENERATE") != nullptr) {
    text.replace(tables, end - tables, feature_reference());
    std::ofstream(page, std::ios::binary) << text;
  } else {
    EXPECT_EQ(text.substr(tables, end - tables), feature_reference());
  }
}

}  // namespace
}  // namespace triage::features
