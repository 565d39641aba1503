#include "triage/message.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

int lower(int c) {
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

TEST(Iequals, EveryPairOfBytesAtEveryPlaceOfAWord) {
  for (std::size_t size = 1; size <= 17; ++size) {
    for (std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      for (int x = 0; x < 256; ++x) {
        std::string a(size, 'q');
        std::string b(size, 'Q');
        a[at] = static_cast<char>(x);
        for (int y = 0; y < 256; ++y) {
          b[at] = static_cast<char>(y);
          ASSERT_EQ(iequals(a, b), lower(x) == lower(y)) << size << ' ' << at << ' ' << x << ' ' << y;
        }
      }
    }
  }
}

TEST(Iequals, SizesDiffer) {
  EXPECT_TRUE(iequals("", ""));
  EXPECT_FALSE(iequals("", "a"));
  EXPECT_FALSE(iequals("Content-Type", "content-typ"));
}

}  // namespace
}  // namespace triage
