// The words around a number, and answers that are none.
#include "verify/contrast.hpp"

#include "judged.hpp"

#include "verify/same_answer.hpp"

namespace triage::verify {
namespace {

struct Pair {
  const char* one;
  const char* other;
  const char* question = "Well?";
};

constexpr const char* how_many = "How many are there in all?";
constexpr const char* how_much = "How much is it?";

constexpr Pair same[] = {
    // words around a number that mean the same
    {"The change is minus 5.", "-5", how_much},
    {"negative 5", "-5"},
    {"The team won 15 games.", "15", how_many},
    {"The third monkey eats 21 bananas.", "21", how_many},
    {"After a year she has 220 dollars.", "#### 220", how_much},
    {"5 dozen", "60"},
    {"5 mio", "5 million"},
    {"5 bn", "5e9"},
    {"\\boxed{5} cm", "\\boxed{5}"},
    {"\\boxed{5}$ cm.", "\\boxed{5} \\text{ cm}"},
    {"So the total is \\boxed{5} dollars.", "\\boxed{5}"},
    {"She lost 5 dollars.", "5", "How much did she lose?"},
    {"She has 5 more than Tom.", "5", "How many more does she have than Tom?"},
    {"She has 5 apples left.", "There are 5 apples left.", how_many},
};

constexpr Pair other[] = {
    {"\\boxed{5} cm", "\\boxed{5} m"},
    {"$\\boxed{5}$ km", "$\\boxed{5}$ miles"},
    {"\\boxed{5}\\text{ hours}", "\\boxed{5}\\text{ minutes}"},
    {"5'", "5\""},
    {"It is 5'.", "It is 5\".", how_much},
    {"5 boxes of eggs", "5 eggs"},
    // words around a number that negate, turn round, multiply or bound it
    {"She lost 5 dollars.", "She gained 5 dollars.", how_much},
    {"She lost 5 dollars.", "She gained 5 dollars.", "How much did she gain or lose?"},
    {"She lost \\boxed{5} dollars.", "She gained \\boxed{5} dollars.", how_much},
    {"It is not 5.", "It is 5.", how_much},
    {"The answer cannot be 5.", "It is 5.", how_much},
    {"It isn't 5.", "5", how_much},
    {"The answer is not \\boxed{5}.", "\\boxed{5}", how_much},
    {"Es ist nicht 5.", "Es ist 5.", how_much},
    {"\u4e0d\u662f5", "5", how_much},
    {"The change is minus 5.", "The change is 5.", how_much},
    {"-\\boxed{5}", "\\boxed{5}"},
    {"2\\cdot\\boxed{5}", "\\boxed{5}"},
    {"There are 5 dozen eggs.", "There are 5 eggs.", how_many},
    {"It is twice 5.", "It is 5.", how_many},
    {"half of 5", "5", how_many},
    {"She has 5 fewer than Tom.", "She has 5 more than Tom.", how_many},
    {"5 fewer", "5"},
    {"She lost 5 dollars.", "5", how_much},
    {"It was 5 days before.", "5 days", how_many},
    {"at least 5", "at most 5", how_many},
    {"over 5", "under 5", how_many},
    {"at least 5", "5", how_many},
    {"up to 5", "5", how_many},
    {"5 or more", "5", how_many},
    {"5 degrees below zero", "5 degrees above zero"},
    {"They came 5 minutes early.", "They came 5 minutes late.", how_many},
    {"It is 5 days before.", "It is 5 days after.", how_many},
    {"Prices fell by 5.", "Prices rose by 5.", how_much},
    {"He deposited 5 dollars.", "He withdrew 5 dollars.", how_much},
    {"Ann has 5 apples.", "Bob has 5 apples.", how_many},
    {"Elle a perdu 5 euros.", "Elle a gagn\u00e9 5 euros.", how_much},
    {"5 mio", "5"},
    {"He owes 5 dollars.", "He is owed 5 dollars.", how_much},
    {"{\"answer\":\"not 5\"}", "{\"answer\":\"5\"}", how_many},
    {"{\"answer\":\"at least 5\"}", "{\"answer\":\"at most 5\"}", how_many},
};

TEST(Contrast, SameWords) {
  for (const Pair& each : same) {
    EXPECT_EQ(same_answer(says(each.one), says(each.other), CompareAs::automatic, each.question), Sameness::same)
        << each.one << " | " << each.other;
    EXPECT_EQ(same_answer(says(each.other), says(each.one), CompareAs::automatic, each.question), Sameness::same)
        << each.other << " | " << each.one;
  }
}

TEST(Contrast, OtherWords) {
  for (const Pair& each : other)
    for (const CompareAs compare : {CompareAs::automatic, CompareAs::number}) {
      EXPECT_NE(same_answer(says(each.one), says(each.other), compare, each.question), Sameness::same)
          << each.one << " | " << each.other;
      EXPECT_NE(same_answer(says(each.other), says(each.one), compare, each.question), Sameness::same)
          << each.other << " | " << each.one;
    }
}

TEST(Contrast, NoAnswersDoNotAgree) {
  for (const char* text : {"I don't know.",
                           "I don\u2019t know",
                           "I'm not sure.",
                           "Not enough information.",
                           "Je ne sais pas.",
                           "I cannot determine that.",
                           "As an AI, I have no opinion.",
                           "Unknown",
                           "**Unknown**",
                           "N/A",
                           "n/a.",
                           "...",
                           "\u2026",
                           "?",
                           "\uff1f",
                           "-",
                           "null",
                           "{}",
                           "[]",
                           "\"\"",
                           "''",
                           "()",
                           "Error",
                           "TODO",
                           "TBD",
                           "\u4e0d\u77e5\u9053\u3002",
                           "Ich wei\u00df es nicht.",
                           "No lo s\u00e9.",
                           "Nobody knows.",
                           "That depends on the context.",
                           "500 Internal Server Error",
                           "[object Object]",
                           "The answer is unknown.",
                           "Answer: N/A",
                           "\\boxed{?}",
                           "{\"answer\":\"unknown\"}",
                           "{\"answer\":\"N/A\"}",
                           "{\"answer\":\"I don't know\"}",
                           "{\"answer\":\"...\"}"})
    for (const CompareAs compare : {CompareAs::automatic, CompareAs::number, CompareAs::choice, CompareAs::json})
      EXPECT_NE(same_answer(says(text), says(text), compare, how_many), Sameness::same) << text;
  for (const char* text : {"I don't know.", "Unknown", "N/A", "...", "?", "null", "{}", "[]", "\"\"", "Error", "TODO"})
    EXPECT_EQ(same_answer(says(text), says(text), CompareAs::text, "Why?"), Sameness::unclear) << text;
  for (const char* text : {"None", "Nothing", "0", "no", "It is an unknown soldier's grave.", "Zero errors"})
    EXPECT_EQ(same_answer(says(text), says(text), CompareAs::automatic, "What is it?"), Sameness::same) << text;
}

}  // namespace
}  // namespace triage::verify
