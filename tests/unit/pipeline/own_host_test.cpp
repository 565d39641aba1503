#include "pipeline/own_host.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

std::optional<ErrorCode> refused(const ConfigSpec& config, std::string_view host, std::string_view origin = "") {
  RequestHead head;
  head.host = host;
  if (!origin.empty()) head.fields.push_back({"Origin", origin});
  const auto error = foreign_page(config, head);
  return error ? std::optional(error->code) : std::nullopt;
}

TEST(OwnHost, ANameThatAPageCanHaveIsForeign) {
  const ConfigSpec config;
  for (const std::string_view host :
       {"localhost:8080", "127.0.0.1:8080", "[::1]:8080", "", "host.docker.internal:8080", "gateway:8080", "10.1.2.3"})
    EXPECT_EQ(refused(config, host), std::nullopt) << host;
  for (const std::string_view host : {"evil.example:8080", "127.0.0.1.nip.io", "localhost.evil.example", "a.local"})
    EXPECT_EQ(refused(config, host, "http://localhost"), ErrorCode::host_not_allowed) << host;
  EXPECT_EQ(refused(config, "evil.example"), std::nullopt) << "no page asks without saying so";
  RequestHead page;
  page.host = "evil.example";
  page.fields.push_back({"Referer", "http://evil.example/"});
  EXPECT_TRUE(foreign_page(config, page));
}

TEST(OwnHost, PagesOfOtherHosts) {
  ConfigSpec config;
  for (const std::string_view origin : {"http://localhost:3000", "https://127.0.0.1", "http://app.localhost",
                                        "http://gateway:8080", "app://obsidian.md", "chrome-extension://abc"})
    EXPECT_EQ(refused(config, "gateway:8080", origin), std::nullopt) << origin;
  for (const std::string_view origin :
       {"https://evil.example", "null", "http://10.0.0.1", "http://localhost.evil.example"})
    EXPECT_EQ(refused(config, "localhost:8080", origin), ErrorCode::origin_not_allowed) << origin;
  config.listen.cors.origins = {"https://ui.example"};
  EXPECT_EQ(refused(config, "localhost:8080", "https://ui.example"), std::nullopt);
  config.listen.cors.origins = {"*"};
  EXPECT_EQ(refused(config, "localhost:8080", "null"), std::nullopt);
}

TEST(OwnHost, NamesOfTheConfigurationAndKeys) {
  ConfigSpec config;
  config.listen.hosts = {"llm.example"};
  EXPECT_EQ(refused(config, "LLM.example:8080", "https://llm.example"), std::nullopt);
  EXPECT_EQ(refused(config, "other.example"), ErrorCode::host_not_allowed);
  config.listen.address.host = "0.0.0.0";
  EXPECT_EQ(refused(config, "other.example"), ErrorCode::host_not_allowed);
  config.listen.hosts.clear();
  EXPECT_EQ(refused(config, "other.example"), std::nullopt) << "nobody knows its names";
  config.listen.address.host = "127.0.0.1";
  config.keys.emplace_back();
  EXPECT_EQ(refused(config, "other.example", "https://evil.example"), std::nullopt) << "a page has no key";
}

}  // namespace
}  // namespace triage
