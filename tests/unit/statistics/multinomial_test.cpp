#include "statistics/multinomial.hpp"

#include "statistics/betting.hpp"
#include "unit/statistics/simulation.hpp"

#include <gtest/gtest.h>

namespace triage::statistics {
namespace {

constexpr double alpha = 0.001;

TEST(Multinomial, IsSilentWhereTheSharesAreRight) {
  Draws draws(20);
  constexpr int runs = 500;
  int rang = 0;
  for (int run = 0; run < runs; ++run) {
    MultinomialTest test;
    bool reached = false;
    for (int i = 0; i < 2'000; ++i) {
      const double share = i < 500 ? 0.01 : i < 1'000 ? 0.1 : 0.5;
      test.add(draws.chance(share), share);
      reached = reached || test.log_evidence() >= log_threshold(0.05);  // at a level that 500 runs can test
    }
    rang += reached ? 1 : 0;
  }
  EXPECT_LE(static_cast<double>(rang) / runs, at_most(0.05, runs));
  EXPECT_GT(rang, 0);
}

TEST(Multinomial, FindsArmsThatAreUneven) {
  Draws draws(21);
  for (const auto& [stated, real] : {std::pair{0.5, 0.45}, {0.5, 0.55}, {0.1, 0.13}, {0.01, 0.03}}) {
    MultinomialTest test;
    while (test.units() < 6'000 && test.log_evidence() < log_threshold(alpha)) test.add(draws.chance(real), stated);
    EXPECT_LT(test.units(), 6'000U) << stated << " " << real;
    EXPECT_GT(test.units(), 50U);
  }
}

TEST(Multinomial, CountsWhatItSaw) {
  MultinomialTest test;
  test.add(true, 0.25);
  test.add(false, 0.25);
  test.add(true, 1);  // tells nothing
  test.add(true, 0);
  EXPECT_EQ(test.units(), 2U);
  EXPECT_EQ(test.treated(), 1U);
  EXPECT_EQ(test.treated_expected(), 0.5);
}

TEST(Multinomial, GoesOnAfterARestartToTheLastBit) {
  Draws draws(22);
  MultinomialTest test;
  MultinomialTest restarted;
  for (int i = 0; i < 500; ++i) {
    const double share = i < 250 ? 0.1 : 0.5;
    const bool treated = draws.chance(share);
    test.add(treated, share);
    restarted.add(treated, share);
    MultinomialTest next;
    ASSERT_TRUE(next.load(restarted.save()));
    restarted = next;
  }
  EXPECT_EQ(test.save(), restarted.save());
  EXPECT_EQ(test.log_evidence(), restarted.log_evidence());
}

}  // namespace
}  // namespace triage::statistics
