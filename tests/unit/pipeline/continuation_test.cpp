#include "pipeline/answer/continuation.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace triage {
namespace {

using Asked = Continuation::Asked;

// What the client gets of `pieces` besides `sent`; nullopt: they do not fit.
std::optional<std::string> rest_of(std::string_view sent, Asked asked, const std::vector<std::string>& pieces) {
  Continuation continuation(sent, asked);
  std::string out;
  for (const std::string& piece : pieces) {
    const auto next = continuation.next(piece);
    if (!next) return std::nullopt;
    out.append(next->kept).append(next->rest);
  }
  const auto kept = continuation.end();
  if (!kept) return std::nullopt;
  EXPECT_TRUE(continuation.settled());
  return out.append(*kept);
}

using Pieces = std::vector<std::string>;

TEST(Continuation, TheSameAgainIsLeftOut) {
  EXPECT_EQ(rest_of("Paris is", Asked::again, Pieces{"Pa", "ris is the", " capital"}), " the capital");
  EXPECT_EQ(rest_of("Paris is", Asked::again, Pieces{"", "Paris is"}), "");
  EXPECT_EQ(rest_of("", Asked::again, Pieces{"Paris"}), "Paris");
}

TEST(Continuation, AnotherAnswerOrAShorterOneDoesNotFit) {
  EXPECT_EQ(rest_of("Paris is", Asked::again, Pieces{"Par", "ma"}), std::nullopt);
  EXPECT_EQ(rest_of("Paris is", Asked::again, Pieces{"Rome"}), std::nullopt);
  EXPECT_EQ(rest_of("Paris is", Asked::again, Pieces{"Paris i"}), std::nullopt);
  EXPECT_EQ(rest_of("Paris is", Asked::again, Pieces{}), std::nullopt);
}

TEST(Continuation, AnEchoIsDroppedAndWhatOnlyBeginsLikeOneIsNot) {
  EXPECT_EQ(rest_of("Paris is", Asked::to_go_on, Pieces{" the"}), " the");
  EXPECT_EQ(rest_of("Paris is", Asked::to_go_on, Pieces{"Paris", " is the"}), " the");
  EXPECT_EQ(rest_of("Paris is", Asked::to_go_on, Pieces{"Pa", "nama"}), "Panama");
  EXPECT_EQ(rest_of("Paris is", Asked::to_go_on, Pieces{"Paris"}), "Paris") << "it ends before it was one";
  EXPECT_EQ(rest_of("Paris is", Asked::to_go_on, Pieces{}), "");
}

std::vector<std::string> cut_up(const std::string& text, std::mt19937& random) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::uniform_int_distribution<std::size_t>(0, 4)(random);
    out.push_back(text.substr(at, size));
    at += size;
  }
  return out;
}

// Over two letters only, so that beginnings are shared as often as not.
TEST(Continuation, WhateverIsCutWhereTheClientHasOneTextOnce) {
  std::mt19937 random(6);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const auto letters = [&](std::size_t size) {
    std::string out;
    while (out.size() < size) out += below(4) == 0 ? 'b' : 'a';
    return out;
  };
  int fitting = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string first = letters(below(12));
    const std::string sent = first.substr(0, below(first.size() + 1));
    const std::string second = below(2) == 0 ? first : letters(below(12));
    const auto again = rest_of(sent, Asked::again, cut_up(second, random));
    ASSERT_EQ(again.has_value(), second.starts_with(sent)) << sent << ' ' << second;
    if (again) {
      ASSERT_EQ(sent + *again, second);
    }
    fitting += again.has_value() ? 1 : 0;
    const auto on = rest_of(sent, Asked::to_go_on, cut_up(second, random));
    ASSERT_EQ(sent + on.value(), second.starts_with(sent) ? second : sent + second);
  }
  EXPECT_GT(fitting, 10'000);
  EXPECT_LT(fitting, 19'000);
}

}  // namespace
}  // namespace triage
