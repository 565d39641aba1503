// Proxies that the environment names, and whom no_proxy excepts.
#include "config/proxy_environment.hpp"

#include "config/load.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

namespace triage::config {
namespace {

Url url(const std::string& host, std::uint16_t port = 443, bool tls = true) {
  return {tls, host, port, ""};
}

Variables variables(std::map<std::string, std::string> all) {
  return [all = std::move(all)](const char* name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string() : found->second;
  };
}

TEST(ProxyEnvironment, NoProxyExceptsWhomItNames) {
  const struct {
    const char* list;
    const char* host;
    bool excepted;
  } cases[] = {
      {"", "api.example.com", false},
      {"*", "api.example.com", true},
      {"example.com", "api.example.com", true},
      {"example.com", "example.com", true},
      {"example.com", "badexample.com", false},
      {".example.com", "api.example.com", true},
      {"*.example.com", "api.example.com", true},
      {"EXAMPLE.com", "api.Example.COM", true},
      {"other.com, example.com", "example.com", true},
      {"other.com example.com", "example.com", true},
      {"example.com:8443", "example.com", false},
      {"example.com:443", "example.com", true},
      {"10.0.0.0/8", "10.1.2.3", true},
      {"10.0.0.0/8", "11.1.2.3", false},
      {"10.1.2.3", "10.1.2.3", true},
      {"10.1.2.3:80", "10.1.2.3", false},
      {"fd00::/8", "fd12::1", true},
      {"fd00::/8", "fe12::1", false},
      {"[fd12::1]:443", "fd12::1", true},
      {"fd12::1", "fd12:0::1", true},
      {"10.0.0.0/99", "10.1.2.3", false},
      {"/8", "10.1.2.3", false},
      {",,", "example.com", false},
      {"", "localhost", true},
      {"", "127.0.0.1", true},
      {"", "::1", true},
  };
  for (const auto& each : cases)
    EXPECT_EQ(is_excepted(each.list, url(each.host)), each.excepted) << each.list << " " << each.host;
}

TEST(ProxyEnvironment, EachSchemeHasItsVariable) {
  const auto all = variables(
      {{"https_proxy", "s"}, {"HTTPS_PROXY", "S"}, {"http_proxy", "h"}, {"HTTP_PROXY", "H"}, {"NO_PROXY", "in.test"}});
  EXPECT_EQ(proxy_for(url("api.test"), all).value, "s");
  EXPECT_EQ(proxy_for(url("api.test", 80, false), all).value, "h");
  EXPECT_EQ(proxy_for(url("in.test"), all).variable, "");
  EXPECT_EQ(proxy_for(url("api.test"), variables({{"HTTPS_PROXY", "S"}})).variable, "HTTPS_PROXY");
  EXPECT_EQ(proxy_for(url("api.test", 80, false), variables({{"HTTP_PROXY", "H"}})).variable, "");
  EXPECT_EQ(proxy_for(url("api.test", 80, false), variables({{"ALL_PROXY", "a"}})).value, "a");
}

TEST(ProxyEnvironment, ReadsUserAndPassword) {
  Provider provider;
  ASSERT_TRUE(use_proxy(provider, "http://us%40er:p%3Aass@proxy.test:3128/"));
  EXPECT_EQ(provider.proxy, (Url{false, "proxy.test", 3128, ""}));
  EXPECT_EQ(provider.proxy_user, "us@er");
  EXPECT_EQ(provider.proxy_password.reveal(), "p:ass");
  ASSERT_TRUE(use_proxy(provider, "proxy.test:8080"));
  EXPECT_EQ(provider.proxy, (Url{false, "proxy.test", 8080, ""}));
  EXPECT_EQ(provider.proxy_user, "");
  for (const char* bad : {"https://proxy.test", "socks5://proxy.test:1080", "http://", "http://proxy.test/path"})
    EXPECT_FALSE(use_proxy(provider, bad)) << bad;
}

TEST(ProxyEnvironment, CountsOnlyByChoiceAndForProvidersWithoutAProxy) {
  ConfigSpec spec;
  spec.providers.resize(2);
  spec.providers[0].base_url = url("api.test");
  spec.providers[1].base_url = url("api.test");
  spec.providers[1].proxy = url("own.test", 1, false);
  const auto all = variables({{"https_proxy", "http://u:p@proxy.test:3128"}});
  options::Report report;
  use_environment_proxies(spec, {}, report, all);
  EXPECT_FALSE(spec.providers[0].proxy);
  spec.proxy_from_environment = true;
  use_environment_proxies(spec, {}, report, all);
  EXPECT_EQ(spec.providers[0].proxy->host, "proxy.test");
  EXPECT_EQ(spec.providers[1].proxy->host, "own.test");
  EXPECT_FALSE(report.has_errors());
}

TEST(ProxyEnvironment, WhatIsNoProxyIsNamedWithoutItsPassword) {
  ::setenv("https_proxy", "socks5://u:secret@proxy.test", 1);
  const Loaded loaded = load_text(
      "proxy_from_environment: true\n"
      "providers: {p: {base_url: 'https://api.test/v1'}}\n"
      "deployments: {d: {provider: p}}\n"
      "routes: {chat: {tiers: {small: [d]}}}\n",
      "test");
  ::unsetenv("https_proxy");
  EXPECT_FALSE(loaded.ok());
  ASSERT_FALSE(loaded.diagnostics.empty());
  EXPECT_NE(to_string(loaded.diagnostics[0]).find("https_proxy"), std::string::npos);
  EXPECT_EQ(to_string(loaded.diagnostics[0]).find("secret"), std::string::npos);
}

}  // namespace
}  // namespace triage::config
