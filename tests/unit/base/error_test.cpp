#include "triage/error.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace triage {
namespace {

TEST(Errors, EveryCodeHasItsOwnNameAndAnErrorStatus) {
  std::set<std::string_view> names;
  for (std::size_t code = 0; code < error_code_count; ++code) {
    const ErrorTraits& what = traits(static_cast<ErrorCode>(code));
    EXPECT_TRUE(names.insert(what.name).second) << what.name;
    EXPECT_GE(what.status, 400) << what.name;
    EXPECT_LE(what.status, 599) << what.name;
    EXPECT_FALSE(what.type.empty()) << what.name;
  }
}

TEST(Errors, TheDocumentedTableIsTheTable) {
  std::ifstream file(TRIAGE_SOURCE_DIR "/docs/errors.md");
  std::stringstream text;
  text << file.rdbuf();
  const char* const sources[] = {"client", "gateway", "upstream"};
  for (std::size_t code = 0; code < error_code_count; ++code) {
    const ErrorTraits& what = traits(static_cast<ErrorCode>(code));
    std::stringstream row;
    row << "| `" << what.name << "` | " << what.status << " | " << sources[static_cast<int>(what.source)] << " | "
        << (what.retryable ? "yes" : "no") << " | ";
    EXPECT_NE(text.str().find(row.str()), std::string::npos) << row.str();
  }
}

}  // namespace
}  // namespace triage
