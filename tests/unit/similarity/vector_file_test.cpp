#include "similarity/vector_file.hpp"
#include "base/crc32c.hpp"

#include <gtest/gtest.h>

namespace triage::similarity {
namespace {

VectorFile sample() {
  VectorFile out("text-embedding-3-small");
  EXPECT_TRUE(out.put(key_of("one"), {3, 4}));
  EXPECT_TRUE(out.put(key_of("two"), {0, -1}));
  return out;
}

std::vector<float> found(const VectorFile& file, std::string_view text) {
  const auto vector = file.find(key_of(text));
  return {vector.begin(), vector.end()};
}

// With the checksum that belongs to it.
std::string sealed(std::string bytes) {
  const std::uint32_t sum = crc32c(bytes);
  return bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum);
}

TEST(VectorFile, IsReadAsItWasWritten) {
  const auto again = VectorFile::read(sample().bytes());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->encoder(), "text-embedding-3-small");
  EXPECT_EQ(again->size(), 2U);
  EXPECT_EQ(again->dimensions(), 2U);
  EXPECT_EQ(found(*again, "one"), (std::vector<float>{0.6F, 0.8F}));
  EXPECT_EQ(found(*again, "two"), (std::vector<float>{0, -1}));
  EXPECT_TRUE(found(*again, "three").empty());
  EXPECT_EQ(again->bytes(), sample().bytes());
}

TEST(VectorFile, WithoutVectorsItIsAFileToo) {
  const auto again = VectorFile::read(VectorFile("e").bytes());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->size(), 0U);
}

TEST(VectorFile, TakesVectorsOfOneSizeWithADirection) {
  VectorFile file = sample();
  EXPECT_FALSE(file.put(key_of("three"), {1, 2, 3}));
  EXPECT_FALSE(file.put(key_of("three"), {0, 0}));
  EXPECT_EQ(file.size(), 2U);
  EXPECT_TRUE(file.put(key_of("one"), {0, 5}));
  EXPECT_EQ(found(file, "one"), (std::vector<float>{0, 1})) << "the newer one";
  EXPECT_EQ(found(file, "two"), (std::vector<float>{0, -1}));
}

TEST(VectorFile, AnyFlippedBitAndAnyLengthIsNoticed) {
  const std::string good = sample().bytes();
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << i % 8));
    EXPECT_FALSE(VectorFile::read(bad)) << i;
  }
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(VectorFile::read(good.substr(0, size))) << size;
  EXPECT_FALSE(VectorFile::read(good + "x"));
}

TEST(VectorFile, AFileThatLiesAboutItsSizeIsRefused) {
  const std::string good = sample().bytes();
  const std::size_t head = std::string_view("triage vectors 1\n").size();
  for (const std::size_t at : {head, head + 4, head + 8})
    for (const std::uint32_t value : {0U, 1U, 3U, 9'000U, 0x7fffffffU, 0xffffffffU}) {
      std::string bad = good.substr(0, good.size() - 4);
      std::memcpy(&bad[at], &value, sizeof value);
      EXPECT_FALSE(VectorFile::read(sealed(bad))) << at << " " << value;
    }
  EXPECT_EQ(VectorFile::read("{}").error().message, "it is no file of vectors, or one of another version");
  EXPECT_EQ(VectorFile::read(good.substr(0, 40)).error().message, "it is damaged: its checksum is another");
}

}  // namespace
}  // namespace triage::similarity
