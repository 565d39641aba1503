#include "app/passed_sockets.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace triage {
namespace {

using Sockets = std::vector<int>;

TEST(PassedSockets, AreToldApartByName) {
  const PassedSockets found = told_apart({3, 4, 5, 6}, "api:admin:api:api");
  EXPECT_EQ(found.api, (Sockets{3, 5, 6}));
  EXPECT_EQ(found.admin, (Sockets{4}));
}

TEST(PassedSockets, OrByOrder) {
  for (const char* names : {"", "triage.socket:triage.socket", "unknown"}) {
    const PassedSockets found = told_apart({3, 4}, names);
    EXPECT_EQ(found.api, (Sockets{3}));
    EXPECT_EQ(found.admin, (Sockets{4}));
  }
  const PassedSockets mixed = told_apart({3, 4, 5, 6}, "x:api:y:admin");
  EXPECT_EQ(mixed.api, (Sockets{3, 4}));
  EXPECT_EQ(mixed.admin, (Sockets{5, 6}));
}

TEST(PassedSockets, ThreeWithoutANameAreTooMany) {
  EXPECT_THROW(told_apart({3, 4, 5}, ""), std::runtime_error);
  EXPECT_THROW(told_apart({3, 4, 5}, "triage.socket:triage.socket:triage.socket"), std::runtime_error);
}

TEST(PassedSockets, NoneLeaveTheAddressAsConfigured) {
  EXPECT_TRUE(told_apart({}, "").api.empty());
  EXPECT_EQ(prevailing_address({}, {"127.0.0.1", 8080}), (Address{"127.0.0.1", 8080}));
}

}  // namespace
}  // namespace triage
