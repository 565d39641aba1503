#include "http1/hop_by_hop.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(HopByHop, IsWhatRfc9110Lists) {
  for (const std::string_view name :
       {"Connection", "keep-alive", "Proxy-Connection", "TE", "Trailer", "transfer-encoding", "UPGRADE"}) {
    EXPECT_TRUE(is_hop_by_hop(name)) << name;
    EXPECT_TRUE(is_of_the_sender(name)) << name;
  }
  for (const std::string_view name : {"content-length", "Expect", "HOST"}) {
    EXPECT_FALSE(is_hop_by_hop(name)) << name;
    EXPECT_TRUE(is_of_the_sender(name)) << name;
  }
  for (const std::string_view name : {"", "t", "td", "trailers", "connections", "content-type", "close", "accept",
                                      "proxy-authorization", "transfer_encoding"}) {
    EXPECT_FALSE(is_hop_by_hop(name)) << name;
    EXPECT_FALSE(is_of_the_sender(name)) << name;
  }
}

TEST(HopByHop, ConnectionNamesMore) {
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(named_by_connection({{"accept", "x"}, {"Connection", "keep-alive"}, {"connection", "Close"}}), Names());
  EXPECT_EQ(named_by_connection({{"Connection", "X-One , close,,\tX-Two"}, {"x-one", "1"}, {"CONNECTION", "x-three"}}),
            (Names{"X-One", "X-Two", "x-three"}));
}

}  // namespace
}  // namespace triage
