#include "upstream/outgoing.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage::upstream {
namespace {

std::string content(const Outgoing& outgoing) {
  std::string text;
  for (std::size_t i = 0; i < outgoing.count(); ++i)
    text.append(static_cast<const char*>(outgoing.begin()[i].iov_base), outgoing.begin()[i].iov_len);
  return text;
}

TEST(Outgoing, DropsWhatWasSentHoweverItWasCut) {
  const std::string whole = "headfirstsecond";
  for (std::size_t step = 1; step <= whole.size(); ++step) {
    Outgoing outgoing;
    for (const char* piece : {"head", "", "first", "second"}) outgoing.add(piece);
    EXPECT_EQ(outgoing.count(), 3u);
    for (std::size_t at = 0; at < whole.size(); at += step) {
      EXPECT_EQ(content(outgoing), whole.substr(at));
      outgoing.sent(std::min(step, whole.size() - at));
    }
    EXPECT_TRUE(outgoing.empty());
    outgoing.clear();
    outgoing.add("again");
    EXPECT_EQ(content(outgoing), "again");
  }
}

}  // namespace
}  // namespace triage::upstream
