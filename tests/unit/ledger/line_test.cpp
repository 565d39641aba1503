#include "ledger/line.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace triage::ledger {
namespace {

std::string line(std::uint64_t seq, const std::string& id = "req_x") {
  std::string out;
  append_line(out, R"({"v":1,"id":")" + id + '"', seq);
  return out;
}

std::string without_newline(std::string text) {
  text.pop_back();
  return text;
}

struct Found {
  std::vector<std::uint64_t> seqs;
  std::uint64_t damaged = 0;
  bool torn = false;
  std::size_t offset = 0;
};

Found scan(std::string_view text, bool last = true) {
  LineScanner scanner(text, last);
  Found found;
  for (Line next; scanner.next(next);) found.seqs.push_back(next.seq);
  found.damaged = scanner.damaged();
  found.torn = scanner.torn();
  found.offset = scanner.offset();
  return found;
}

using Seqs = std::vector<std::uint64_t>;

TEST(Line, IsAnObjectThatEndsWithNumberAndChecksum) {
  EXPECT_EQ(line(7), R"({"v":1,"id":"req_x","seq":7,"crc32c":"081aa71e"})"
                     "\n");
  const std::string text = without_newline(line(18446744073709551615U));
  const auto read = read_line(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->seq, 18446744073709551615U);
  EXPECT_EQ(read->json, text);
}

TEST(Line, WithAnyByteChangedIsNone) {
  const std::string text = without_newline(line(1204));
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int flip : {1, 0x20, 0x80}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_FALSE(read_line(changed)) << changed;
    }
    EXPECT_FALSE(read_line(text.substr(0, i)));
    EXPECT_FALSE(read_line(text.substr(i + 1)));
  }
  EXPECT_FALSE(read_line(text + " "));
}

TEST(LineScanner, ReadsLinesInOrder) {
  const Found found = scan(line(1) + line(2) + line(3));
  EXPECT_EQ(found.seqs, (Seqs{1, 2, 3}));
  EXPECT_EQ(found.damaged, 0U);
  EXPECT_FALSE(found.torn);
}

TEST(LineScanner, LeavesAnUnfinishedLineForLater) {
  const std::string two = line(1) + line(2);
  for (std::size_t cut = line(1).size(); cut < two.size(); ++cut) {
    const Found found = scan(std::string_view(two).substr(0, cut), false);
    EXPECT_EQ(found.seqs, Seqs{1});
    EXPECT_EQ(found.offset, line(1).size());
    EXPECT_EQ(found.damaged, 0U);
  }
}

TEST(LineScanner, TornAtTheEndIsNotDamage) {
  const std::string two = line(1) + line(2);
  for (std::size_t cut = line(1).size() + 1; cut < two.size() - 1; ++cut) {
    const Found found = scan(std::string_view(two).substr(0, cut));
    EXPECT_EQ(found.seqs, Seqs{1});
    EXPECT_TRUE(found.torn);
    EXPECT_EQ(found.damaged, 0U);
  }
  // Only the newline is missing: the record is whole.
  EXPECT_EQ(scan(without_newline(two)).seqs, (Seqs{1, 2}));
}

TEST(LineScanner, SkipsExactlyTheDamagedLine) {
  const std::string three = line(1) + line(2) + line(3);
  for (std::size_t i = line(1).size(); i < line(1).size() + line(2).size() - 1; ++i) {
    std::string damaged = three;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    const Found found = scan(damaged);
    EXPECT_EQ(found.seqs, (Seqs{1, 3})) << i;
    EXPECT_EQ(found.damaged, 1U);
  }
}

TEST(LineScanner, ANewlineInsideALineDamagesOnlyThat) {
  std::string text = line(1) + line(2) + line(3);
  text[line(1).size() + 5] = '\n';
  const Found found = scan(text);
  EXPECT_EQ(found.seqs, (Seqs{1, 3}));
  EXPECT_EQ(found.damaged, 2U);
}

TEST(LineScanner, FindsTheNextRecordWhereANewlineIsLost) {
  std::string text = line(1) + line(2) + line(3);
  text[line(1).size() - 1] = '\0';
  EXPECT_EQ(scan(text).seqs, (Seqs{1, 2, 3}));
  EXPECT_EQ(scan(without_newline(line(1)) + line(2)).seqs, (Seqs{1, 2}));
  // The beginning of one, then whole ones: what a writer leaves that is cut off and appends again.
  const Found found = scan(line(1).substr(0, 20) + line(2) + line(3));
  EXPECT_EQ(found.seqs, (Seqs{2, 3}));
  EXPECT_EQ(found.damaged, 1U);
}

TEST(LineScanner, GoesOnAfterZerosAndOtherText) {
  const Found found = scan(std::string(4096, '\0') + "\n\n\nhello\n" + line(9) + std::string(512, '\0'));
  EXPECT_EQ(found.seqs, Seqs{9});
  EXPECT_EQ(found.damaged, 2U);
  EXPECT_TRUE(found.torn);
}

}  // namespace
}  // namespace triage::ledger
