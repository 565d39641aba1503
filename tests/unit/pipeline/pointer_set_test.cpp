#include "pipeline/pointer_set.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>

namespace triage {
namespace {

TEST(PointerSet, HoldsWhatAStdSetHolds) {
  std::array<char, 64> things{};
  std::mt19937 random(4);
  for (int round = 0; round < 500; ++round) {
    const std::size_t most = random() % 65;
    PointerSet set(most);
    std::set<std::pair<const void*, const void*>> model;
    for (std::size_t i = 0; i < most; ++i) {
      const void* const first = &things[random() % 8];
      const void* const second = random() % 3 == 0 ? nullptr : &things[random() % 8];
      EXPECT_EQ(set.insert({first, second}), model.emplace(first, second).second);
    }
    for (const char& first : things) EXPECT_EQ(set.contains({&first}), model.contains({&first, nullptr}));
  }
}

}  // namespace
}  // namespace triage
