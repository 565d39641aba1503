#include "options/nearest.hpp"

#include <gtest/gtest.h>

namespace triage::options {
namespace {

TEST(EditDistance, CountsWhatChanges) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("latncy", "latency"), 1U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U) << "what was swapped is not changed again";
  EXPECT_EQ(edit_distance("Head-Fields", "head_fields"), 0U);
  EXPECT_EQ(edit_distance(std::string(100, 'a'), std::string(300, 'a')), 200U);
}

TEST(Nearest, FindsTyposOnly) {
  const std::vector<std::string> known{"address", "tls", "cors", "loops", "sha256", "head_fields"};
  EXPECT_EQ(nearest("adress", known), "address");
  EXPECT_EQ(nearest("addrses", known), "address") << "swapped neighbours are one edit";
  EXPECT_EQ(nearest("Address", known), "address");
  EXPECT_EQ(nearest("head-fields", known), "head_fields");
  EXPECT_EQ(nearest("loop", known), "loops");
  EXPECT_EQ(nearest("sha", known), "sha256") << "cut short";
  EXPECT_EQ(nearest("port", known), "");
  EXPECT_EQ(nearest("x", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(1000, 'a'), known), "");
  EXPECT_EQ(nearest("a", {"b"}), "") << "nothing of it would be left";
}

TEST(Suggest, ListsWhatIsKnownOtherwise) {
  EXPECT_EQ(suggest("adress", {"address"}, "known keys", "-"), "did you mean 'address'?");
  EXPECT_EQ(suggest("zzz", {"a", "b"}, "known keys", "-"), "known keys: a, b");
  EXPECT_EQ(suggest("zzz", {}, "known keys", "-"), "-");
  EXPECT_TRUE(suggest("zzz", std::vector<std::string>(100, "a"), "k", "-").ends_with("a, ..."));
}

}  // namespace
}  // namespace triage::options
