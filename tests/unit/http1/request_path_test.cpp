#include "http1/request_path.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace triage {
namespace {

TEST(PathFault, PlainPaths) {
  const std::vector<std::string> paths{"/",
                                       "/v1/files",
                                       "/v1/files/",
                                       "/v1/files/file-abc.d..e/content",
                                       "/v1/models/ft%3Agpt-4o%3Aorg",
                                       "/v1/a%20b/%C3%A9/%7E%2D%5f",
                                       "/v1beta/models/gemini-1.5-pro:generateContent",
                                       "/v1/...",
                                       "/v1/.well-known",
                                       "/v1/a;b=c"};
  for (const std::string& path : paths) EXPECT_EQ(path_fault(path), "") << path;
}

TEST(PathFault, WhatCouldLeadElsewhere) {
  const std::vector<std::string> paths{"/v1/../admin",
                                       "/v1/./x",
                                       "/..",
                                       "/v1/..",
                                       "/v1/%2e%2e/x",
                                       "/v1/.%2E/x",
                                       "/v1/%2e",
                                       "/v1/..;/x",
                                       "/v1/.;a=b/x",
                                       "/v1//x",
                                       "//v1/x",
                                       "/v1\\..\\x",
                                       "/v1/a\\b",
                                       "/v1/..%5cx",
                                       "/v1/a%5Cb",
                                       "/v1/a%2fb",
                                       "/v1/a%2Fb",
                                       "/v1/a%00",
                                       "/v1/a%0d%0aX:y",
                                       "/v1/a%7f",
                                       "/v1/a%09b",
                                       "/v1/%252e%252e",
                                       "/v1/a%252fb",
                                       "/v1/%63hat",
                                       "/v1/%4dodels",
                                       "/v1/%31",
                                       "/v1/a.txt%2egz",
                                       "/v1/%c0%ae%c0%ae/x",
                                       "/v1/%c0%afx",
                                       "/v1/a%",
                                       "/v1/a%4",
                                       "/v1/a%zz"};
  for (const std::string& path : paths) EXPECT_NE(path_fault(path), "") << path;
}

}  // namespace
}  // namespace triage
