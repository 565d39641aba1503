// Several keys of one provider: whose turn it is, and who rests.
#include "pipeline/live/key_ring.hpp"

#include <gtest/gtest.h>

#include <map>

namespace triage {
namespace {

using namespace std::chrono_literals;
using Time = KeyRing::Clock::time_point;

class KeyRingTest : public testing::Test {
 protected:
  KeyRingTest() {
    provider_.name = "p";
    provider_.keys = {{"a", Secret("sk-a")}, {"b", Secret("sk-b")}, {"c", Secret("sk-c")}};
    make();
  }
  void make() {
    ring_.emplace(
        provider_, [this](const ProviderKey& key) -> KeyRing::Rest& { return rests_[key.name]; }, metrics_);
  }
  std::string turns(int count, Time now) {
    std::string out;
    for (int i = 0; i < count; ++i) out += ring_->name(ring_->next(now));
    return out;
  }

  Provider provider_;
  Metrics metrics_;
  std::map<std::string, KeyRing::Rest> rests_;
  std::optional<KeyRing> ring_;
  const Time now_{1h};
};

TEST_F(KeyRingTest, GivesEachItsTurn) {
  EXPECT_EQ(turns(7, now_), "abcabca");
  EXPECT_EQ(ring_->provider(1).api_key.reveal(), "sk-b");
}

TEST_F(KeyRingTest, OneThatIsRefusedRestsForAsLongAsIsAskedOrConfigured) {
  provider_.key_rest = 5s;
  make();
  EXPECT_EQ(ring_->refused(1, 429, 30s, now_), 0ms);
  EXPECT_EQ(turns(6, now_ + 29s).find('b'), std::string::npos);
  EXPECT_NE(turns(3, now_ + 30s).find('b'), std::string::npos);
  EXPECT_EQ(ring_->refused(0, 401, 30s, now_), 0ms);  // Retry-After is for limits
  EXPECT_EQ(turns(6, now_ + 4s).find('a'), std::string::npos);
  EXPECT_NE(turns(3, now_ + 5s).find('a'), std::string::npos);
}

TEST_F(KeyRingTest, IfAllRestTheOneThatHasRestedFirstIsUsed) {
  EXPECT_EQ(ring_->refused(0, 429, 30s, now_), 0ms);
  EXPECT_EQ(ring_->refused(1, 429, 10s, now_), 0ms);
  EXPECT_EQ(ring_->refused(2, 429, 20s, now_), 10s);
  EXPECT_EQ(turns(3, now_), "bbb");
}

TEST_F(KeyRingTest, RestsOutliveTheRing) {
  ring_->refused(0, 403, 0ms, now_);
  make();
  EXPECT_EQ(turns(4, now_).find('a'), std::string::npos);
}

TEST_F(KeyRingTest, NoRestIsSoShortThatARequestCouldGoRound) {
  provider_.key_rest = 0ms;
  make();
  EXPECT_EQ(ring_->refused(0, 401, 0ms, now_), 0ms);
  EXPECT_EQ(turns(3, now_ + 999ms).find('a'), std::string::npos);
}

}  // namespace
}  // namespace triage
