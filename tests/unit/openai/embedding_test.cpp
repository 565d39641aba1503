#include "openai/embedding.hpp"
#include "openai/request_body.hpp"
#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage {
namespace {

std::vector<float> read(std::string json) {
  const test::Padded padded(std::move(json));
  return read_embedding(padded.view());
}

TEST(Embeddings, AreAskedForAsABodyThatParses) {
  const test::Padded body(embedding_body("a \"b\"\n"));
  const auto request = parse_request_body(Api::embeddings, body.view(), 64);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->at(request->texts), R"("a \"b\"\n")");
}

TEST(Embeddings, TheFirstVectorIsRead) {
  EXPECT_EQ(read(R"({"data":[{"index":0,"embedding":[0.5,-1e-1,2]},{"embedding":[9]}],"usage":{}})"),
            (std::vector<float>{0.5F, -0.1F, 2}));
}

TEST(Embeddings, WhatIsNoneIsEmpty) {
  for (const char* json :
       {"", "{}", R"({"data":[]})", R"({"data":[{"embedding":"AACAPw=="}]})", R"({"data":[{"embedding":[1,"2"]}]})",
        R"({"data":[{"embedding":[1e99]}]})", R"({"data":[{"embedding":[1,2]}]} x)", R"({"data":[{"embedding":[1,2)"})
    EXPECT_TRUE(read(json).empty()) << json;
}

}  // namespace
}  // namespace triage
