#include "providers/providers.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(PlainDialect, IsInTheList) {
  ASSERT_NE(find_dialect("plain"), nullptr);
  EXPECT_EQ(find_dialect("plain")->name(), "plain");
}

}  // namespace
}  // namespace triage
