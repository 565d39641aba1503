// What a broken upstream sends, from outside of the project: each vector is played to a client, which must give a right
// answer or a clean error, and whose next request must get its own answer.
#include "caller.hpp"
#include "support/fake_upstream.hpp"

#include <openssl/evp.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdlib>
#include <fstream>

namespace triage::test {
namespace {

struct Vector {
  std::string id;
  std::string expect;  ///< in words; empty: any right answer or clean error
  std::string bytes;
  bool closes = true;  ///< the upstream closes after it
};

std::string decoded(const std::string& base64) {
  std::string bytes(base64.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(base64.data()), static_cast<int>(base64.size()));
  const auto padding = static_cast<std::size_t>(
      std::count(base64.end() - std::min<std::ptrdiff_t>(2, std::ssize(base64)), base64.end(), '='));
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

std::vector<Vector> vectors() {
  const char* shared = std::getenv("TRIAGE_SHARED");
  std::ifstream file((shared ? std::string(shared) : TRIAGE_SOURCE_DIR "/../shared") +
                     "/data/http/upstream_response_vectors.json");
  std::vector<Vector> all;
  if (!file) return all;
  for (const auto& entry : nlohmann::json::parse(file)) {
    Vector vector;
    vector.id = entry.at("id");
    vector.expect = entry.value("expect", "");
    vector.bytes = decoded(entry.at("b64"));
    vector.closes = entry.value("after", "close") == "close";
    all.push_back(std::move(vector));
  }
  return all;
}

struct Played {
  Outcome first;
  Outcome second;
  bool reused = false;
};

Played play(const Vector& vector, std::size_t piece) {
  std::atomic<bool> sent = false;
  FakeUpstream upstream([&](FakeConnection& connection) {
    while (connection.expect_request()) {
      if (sent) {
        connection.send(reply("the right answer"));
        continue;
      }
      if (piece == 0) {
        connection.send(vector.bytes);
      } else {
        for (std::size_t at = 0; at < vector.bytes.size(); at += piece)
          if (!connection.send(std::string_view(vector.bytes).substr(at, piece))) break;
      }
      sent = true;
      if (vector.closes) return;
    }
  });
  Caller caller;
  CallTimeouts timeouts;
  timeouts.first_byte = timeouts.idle = timeouts.total = 250ms;
  Played played;
  played.first = caller.run(Caller::http(upstream.port()), Caller::post(), timeouts);
  caller.run_until([&] { return sent.load(); });
  caller.run_for(5ms);
  played.second = caller.run(upstream.port());
  played.reused = upstream.connections() == 1;
  return played;
}

void judge(const Vector& vector, const Played& played) {
  const Outcome& outcome = played.first;
  if (outcome.error) {
    const ErrorCode code = outcome.error->code;
    EXPECT_TRUE(code == ErrorCode::upstream_bad_response || code == ErrorCode::upstream_truncated ||
                code == ErrorCode::upstream_idle_timeout || code == ErrorCode::upstream_total_timeout)
        << outcome.error->message;
  }
  EXPECT_EQ(played.second.body, "the right answer")
      << (played.second.error ? played.second.error->message : std::to_string(played.second.status));
  if (vector.expect.empty()) return;
  if (vector.expect.find("not reused") != std::string::npos ||
      vector.expect.find("MUST NOT be reused") != std::string::npos ||
      vector.expect.find("close upstream") != std::string::npos) {
    EXPECT_FALSE(played.reused);
  }
  if (vector.expect.starts_with("502 or") || vector.expect.starts_with("read-until-close or")) {
    if (!outcome.error) {
      EXPECT_EQ(outcome.body, "{\"a\":1}");
    }
  } else if (vector.expect.starts_with("502")) {
    EXPECT_EQ(outcome.code(), ErrorCode::upstream_bad_response);
  } else if (vector.expect.starts_with("deliver 7 bytes only")) {
    EXPECT_EQ(outcome.body, "{\"a\":1}");
  } else if (vector.expect.starts_with("no body")) {
    EXPECT_FALSE(outcome.error);
    EXPECT_EQ(outcome.body, "");
  } else if (vector.expect.starts_with("honour")) {
    EXPECT_EQ(outcome.status, 429);
    EXPECT_EQ(outcome.body, "{}");
  } else {
    ADD_FAILURE() << "this test does not know what to expect of: " << vector.expect;
  }
}

TEST(UpstreamVectors, NeverDesynchroniseTheClient) {
  const auto all = vectors();
  if (all.empty()) GTEST_SKIP() << "no ../shared/data/http/upstream_response_vectors.json (see TRIAGE_SHARED)";
  for (const Vector& vector : all) {
    SCOPED_TRACE(vector.id);
    const Played whole = play(vector, 0);
    judge(vector, whole);
    const Played bytewise = play(vector, vector.bytes.size() < 4096 ? 1 : 997);
    judge(vector, bytewise);
    EXPECT_EQ(bytewise.first.status, whole.first.status);
    EXPECT_EQ(bytewise.first.body, whole.first.body);
    EXPECT_EQ(bytewise.first.error.has_value(), whole.first.error.has_value());
  }
}

}  // namespace
}  // namespace triage::test
