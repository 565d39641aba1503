// The shared request vectors: verdict, status and what was read, whole and in pieces.

#include "http_vectors.hpp"
#include "request_head_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace triage::test {
namespace {

using nlohmann::json;

constexpr std::size_t target_bytes_judged = 200;  // the vectors cut longer ones
constexpr HeadLimits wide{1 << 20, 4 << 20, 20'000};

class RequestVectors : public testing::Test {
 protected:
  void SetUp() override {
    auto loaded = shared_http_vectors("request_vectors.json");
    if (!loaded) GTEST_SKIP() << "no shared vectors: set TRIAGE_SHARED to the folder that has data/http";
    vectors_ = std::move(*loaded);
    ASSERT_GT(vectors_.size(), 100U);
  }

  static std::string label(const json& vector) {
    return vector["source"].get<std::string>() + " " + vector["id"].get<std::string>();
  }

  json vectors_;
};

RequestStream read_whole(const std::string& bytes, HeadLimits limits) {
  RequestStream stream(limits);
  stream.feed(bytes);
  return stream;
}

void expect_requests(const RequestStream& stream, const json& expected) {
  ASSERT_EQ(stream.requests.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const SeenRequest& seen = stream.requests[i];
    EXPECT_EQ(seen.method, expected[i]["method"].get<std::string>());
    const auto target = expected[i]["target"].get<std::string>();
    EXPECT_EQ(seen.target.substr(0, target_bytes_judged), target);
    EXPECT_EQ("1." + std::to_string(seen.minor), expected[i]["version"].get<std::string>());
    EXPECT_EQ(seen.fields.size(), expected[i]["n_headers"].get<std::size_t>());
    EXPECT_EQ(seen.body.size(), expected[i]["body_len"].get<std::size_t>());
  }
}

TEST_F(RequestVectors, AreJudgedAsTheRfcSays) {
  for (const json& vector : vectors_) {
    SCOPED_TRACE(label(vector));
    const json& judge = vector["judge"];
    const std::string outcome = judge["outcome"];
    const RequestStream stream = read_whole(from_base64(vector["b64"].get<std::string>()), wide);
    const auto statuses = judge["statuses"].get<std::vector<int>>();
    if (outcome == "accept") {
      EXPECT_FALSE(stream.fault) << stream.fault->message;
      EXPECT_TRUE(stream.at_boundary());
      expect_requests(stream, judge["requests"]);
    } else if (outcome == "reject") {
      ASSERT_TRUE(stream.fault);
      EXPECT_THAT(statuses, testing::Contains(traits(stream.fault->code).status)) << stream.fault->message;
      expect_requests(stream, judge["requests"]);
    } else if (stream.fault) {
      EXPECT_THAT(statuses, testing::Contains(traits(stream.fault->code).status)) << stream.fault->message;
    } else {
      EXPECT_FALSE(stream.at_boundary());
    }
  }
}

TEST_F(RequestVectors, OnlySizeChangesTheVerdictUnderDefaultLimits) {
  for (const json& vector : vectors_) {
    SCOPED_TRACE(label(vector));
    const std::string bytes = from_base64(vector["b64"].get<std::string>());
    const RequestStream bounded = read_whole(bytes, HeadLimits{});
    const int status = bounded.fault ? traits(bounded.fault->code).status : 0;
    if (status != 431 && status != 414) {
      EXPECT_TRUE(bounded.same_as(read_whole(bytes, wide)));
    }
  }
}

TEST_F(RequestVectors, AreJudgedAlikeByteByByte) {
  for (const json& vector : vectors_) {
    SCOPED_TRACE(label(vector));
    const std::string bytes = from_base64(vector["b64"].get<std::string>());
    RequestStream stream(HeadLimits{});
    for (const char byte : bytes) stream.feed({&byte, 1});
    EXPECT_TRUE(stream.same_as(read_whole(bytes, HeadLimits{})));
  }
}

TEST_F(RequestVectors, AreJudgedAlikeAtEverySplit) {
  for (const json& vector : vectors_) {
    SCOPED_TRACE(label(vector));
    const std::string bytes = from_base64(vector["b64"].get<std::string>());
    if (bytes.size() >= 2048) continue;
    const RequestStream whole = read_whole(bytes, HeadLimits{});
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      RequestStream stream(HeadLimits{});
      stream.feed(std::string_view(bytes).substr(0, cut));
      stream.feed(std::string_view(bytes).substr(cut));
      ASSERT_TRUE(stream.same_as(whole)) << "split at " << cut;
    }
  }
}

}  // namespace
}  // namespace triage::test
