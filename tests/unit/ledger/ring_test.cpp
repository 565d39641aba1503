#include "ledger/ring.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace triage::ledger {
namespace {

constexpr std::size_t capacity = 2 * 4096;

struct Block {
  alignas(64) char bytes[Ring::header_bytes + capacity] = {};
  explicit Block(std::uint64_t epoch = 1, std::uint64_t consumed = 0) {
    Ring::format(bytes, sizeof bytes, epoch, consumed);
  }
  [[nodiscard]] Ring ring() { return {bytes, sizeof bytes}; }
};

std::string text_of(const Ring::Frame& frame) {
  return std::string(frame.first) + std::string(frame.second);
}

std::vector<std::string> texts(const Ring& ring) {
  std::vector<std::string> all;
  for (auto frame = ring.frame(ring.tail()); frame; frame = ring.frame(frame->end)) all.push_back(text_of(*frame));
  return all;
}

using Texts = std::vector<std::string>;

TEST(Ring, KeepsWhatWasPushedForTheNextToFind) {
  Block block;
  EXPECT_TRUE(Ring::valid(block.bytes, sizeof block.bytes));
  {
    Ring ring = block.ring();
    EXPECT_TRUE(ring.push("one", 1));
    EXPECT_TRUE(ring.push("", 2));
    EXPECT_TRUE(ring.push(std::string(1000, 'x'), 5));
    EXPECT_EQ(texts(ring), (Texts{"one", "", std::string(1000, 'x')}));
  }
  Ring found = block.ring();
  EXPECT_EQ(texts(found), (Texts{"one", "", std::string(1000, 'x')}));
  EXPECT_EQ(found.last_seq(), 5U);
  const auto first = found.frame(found.tail());
  found.release(first->end, first->seq);
  EXPECT_EQ(texts(block.ring()), (Texts{"", std::string(1000, 'x')}));
  EXPECT_EQ(block.ring().consumed(), 1U);
}

TEST(Ring, RefusesWhatDoesNotFitAndGoesOnAfterwards) {
  Block block;
  Ring ring = block.ring();
  EXPECT_FALSE(ring.push(std::string(ring.longest() + 1, 'x'), 1));
  std::uint64_t seq = 0;
  while (ring.push(std::string(ring.longest(), 'x'), ++seq)) {
  }
  EXPECT_EQ(texts(ring).size(), 7U);  // an eighth of the capacity each, and a header
  const auto first = ring.frame(ring.tail());
  ring.release(first->end, first->seq);
  EXPECT_TRUE(ring.push("fits", ++seq));
  EXPECT_EQ(texts(block.ring()).back(), "fits");
}

TEST(Ring, GoesRoundManyTimesAndIsFoundAtEveryPlace) {
  Block block;
  std::mt19937 random(3);
  std::vector<std::string> expected;
  std::uint64_t seq = 0;
  for (int round = 0; round < 3000; ++round) {
    Ring ring = block.ring();  // as after a restart
    ASSERT_EQ(texts(ring), expected) << round;
    std::string text = std::to_string(round);
    text.append(random() % 900, static_cast<char>('a' + round % 26));
    if (ring.push(text, ++seq)) expected.push_back(text);
    if (random() % 3 == 0 && !expected.empty()) {
      const auto first = ring.frame(ring.tail());
      ring.release(first->end, first->seq);
      expected.erase(expected.begin());
    }
    while (ring.waiting_bytes() > capacity / 2) {
      const auto first = ring.frame(ring.tail());
      ring.release(first->end, first->seq);
      expected.erase(expected.begin());
    }
  }
  EXPECT_GT(block.ring().head(), 10 * capacity);
}

// A push that a kill cuts off at any byte: what was there before is found, nothing else.
TEST(Ring, AnInterruptedPushIsNotFound) {
  Block before;
  Ring ring = before.ring();
  for (std::uint64_t seq = 1; seq <= 20; ++seq) {  // leaves an old lap's frames behind the head
    ASSERT_TRUE(ring.push(std::string(500, static_cast<char>('a' + seq)), seq));
    const auto first = ring.frame(ring.tail());
    ring.release(first->end, first->seq);
  }
  ASSERT_TRUE(ring.push("kept", 21));
  Block after = before;
  Ring pushed = after.ring();
  ASSERT_TRUE(pushed.push(std::string(500, 'z'), 22));
  int differing = 0;
  for (std::size_t i = 0; i < sizeof before.bytes; ++i) differing += before.bytes[i] != after.bytes[i];
  ASSERT_GT(differing, 400);
  for (int written = 0; written < differing; written += 7) {
    Block cut = before;
    int left = written;
    for (std::size_t i = 0; i < sizeof cut.bytes && left > 0; ++i) {
      if (before.bytes[i] == after.bytes[i]) continue;
      cut.bytes[i] = after.bytes[i];
      --left;
    }
    EXPECT_EQ(texts(cut.ring()), Texts{"kept"}) << written;
  }
  EXPECT_EQ(texts(after.ring()), (Texts{"kept", std::string(500, 'z')}));
}

TEST(Ring, FramesOfAnEarlierEpochOrLapAreNotFound) {
  Block block;
  Ring ring = block.ring();
  for (std::uint64_t seq = 1; seq <= 4; ++seq) ASSERT_TRUE(ring.push("old", seq));
  Ring::format(block.bytes, sizeof block.bytes, 2, 4);
  EXPECT_TRUE(texts(block.ring()).empty());
  EXPECT_EQ(block.ring().last_seq(), 4U);
}

TEST(Ring, ABlockOfOtherBytesIsNotValid) {
  Block block;
  EXPECT_FALSE(Ring::valid(block.bytes, sizeof block.bytes - 16));
  EXPECT_FALSE(Ring::valid(block.bytes, 100));
  for (const std::size_t at : {0U, 7U, 8U, 16U}) {
    Block damaged;
    damaged.bytes[at] ^= 1;
    EXPECT_FALSE(Ring::valid(damaged.bytes, sizeof damaged.bytes)) << at;
  }
}

// Whatever stands in the file: no crash, no endless loop, no frame that was not pushed.
TEST(Ring, AnyBytesAreTakenUpSafely) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    Block block;
    Ring ring = block.ring();
    std::uint64_t seq = 0;
    while (ring.push(std::string(random() % 1000, 'r'), ++seq)) {
    }
    for (int i = 0; i < 20; ++i) block.bytes[Ring::header_bytes + random() % capacity] = static_cast<char>(random());
    for (const std::string& text : texts(block.ring())) EXPECT_EQ(text.find_first_not_of('r'), std::string::npos);
  }
}

TEST(Ring, ThatWasFilledToTheLastByteAndEmptiedIsFoundEmpty) {
  constexpr std::size_t size = Ring::header_bytes + 8192;
  std::vector<std::uint64_t> block(size / 8);
  char* const bytes = reinterpret_cast<char*>(block.data());
  Ring::format(bytes, size, 7, 0);
  Ring ring(bytes, size);
  const std::string body(1024 - 16, 'x');
  for (std::uint64_t seq = 1; seq <= 8; ++seq) ASSERT_TRUE(ring.push(body, seq));
  EXPECT_FALSE(ring.push("", 9));
  EXPECT_EQ(Ring(bytes, size).waiting_bytes(), 8192U);
  ring.release(ring.head(), 8);
  EXPECT_EQ(Ring(bytes, size).waiting_bytes(), 0U) << "the lap before is no second one";
  EXPECT_EQ(Ring(bytes, size).last_seq(), 8U);
}

}  // namespace
}  // namespace triage::ledger
