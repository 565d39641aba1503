#include "http1/host_name.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

TEST(HostName, Bare) {
  EXPECT_EQ(bare_host("a.example:8080"), "a.example");
  EXPECT_EQ(bare_host("a.example."), "a.example");
  EXPECT_EQ(bare_host("[::1]:80"), "::1");
  EXPECT_EQ(bare_host("[::1]"), "::1");
  EXPECT_EQ(bare_host(""), "");
}

TEST(HostName, LocalIsWhatNoPublicNameServerHas) {
  for (const std::string_view host : {"localhost", "127.0.0.1", "::1", "10.0.0.7", "127.1", "2130706433", "gateway",
                                      "app.localhost", "host.docker.internal", "HOST.DOCKER.INTERNAL"})
    EXPECT_TRUE(is_local_host(host)) << host;
  for (const std::string_view host : {"evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "internal.evil.com",
                                      "evilinternal.com", "a.local", ".internal.com"})
    EXPECT_FALSE(is_local_host(host)) << host;
}

TEST(HostName, OfAWebOrigin) {
  EXPECT_EQ(web_origin_host("https://a.example:8443"), "a.example");
  EXPECT_EQ(web_origin_host("http://[::1]:80"), "::1");
  for (const std::string_view origin : {"null", "app://x", "chrome-extension://abc", "", "https://"})
    EXPECT_EQ(web_origin_host(origin), "") << origin;
}

}  // namespace
}  // namespace triage
