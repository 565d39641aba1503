#include "text/text_signs.hpp"

#include "text/keywords.hpp"

#include <gtest/gtest.h>

#include <string>

namespace triage {
namespace {

TextSigns signs(std::string_view text, std::size_t bytes_max = 128 * 1024) {
  static const KeywordSet words(sign_words());
  const std::string padded = std::string(text) + std::string(16, '\0');
  const FoldedText folded(std::string_view(padded).substr(0, text.size()), bytes_max);
  SignCount count;
  for (const FoldedText::Part& part : folded.parts())
    words.find(part, [&count](std::uint32_t word) {
      count.add_word(word);
      return true;
    });
  return count.read(folded);
}

TEST(Signs, OfCode) {
  for (const char* text :
       {"Write a Python function that reverses a list.", "```\nx = 1\n```", "fix this:\nint main() {\n  return 0;\n}\n",
        "Why does this SQL query return duplicates?", "Refactor the class below to Kotlin, please",
        "Traceback (most recent call last):\n  File \"a.py\"", "What is wrong with my regex?",
        "def f(x):\n    return x + 1\n\nimport os.path\n"}) {
    EXPECT_TRUE(signs(text).code) << text;
  }
}

TEST(Signs, OfNoCode) {
  for (const char* text :
       {"", "What is the capital of France?", "Java is an island of Indonesia. How many people live there?",
        "Import duties rose; exports fell.", "Our class visited the museum. Write a poem about it.",
        "Let me know when you are free.", "I saw a python at the zoo yesterday.",
        "From the moment she arrived, everything went well."}) {
    EXPECT_FALSE(signs(text).code) << text;
  }
}

TEST(Signs, OfMaths) {
  for (const char* text : {"Solve for x: 2x + 3 = 7", "What is the derivative of sin(x)?", "Evaluate \\int_0^1 x^2 dx",
                           "∀ε>0 ∃δ>0", "Prove that there are infinitely many primes.",
                           "Tom has 3 boxes with 12 apples each and eats 5. How many apples are left?",
                           "If x + y = 10 and x * y = 21, what is x^2 + y^2?"}) {
    EXPECT_TRUE(signs(text).math) << text;
  }
}

TEST(Signs, OfNoMaths) {
  for (const char* text :
       {"", "What is the capital of France?", "How many people live in Paris?", "x = 1;\ny = 2;\nfoo(x);\nbar(y);\n"}) {
    EXPECT_FALSE(signs(text).math) << text;
  }
}

TEST(Signs, AreReadFromBothEndsOfALongText) {
  const std::string filler(300'000, 'a');
  EXPECT_TRUE(signs(filler + "\n```\n", 1024).code);
  EXPECT_TRUE(signs("```\n" + filler, 1024).code);
  EXPECT_FALSE(signs(filler + "\n```\n" + filler, 1024).code);
}

}  // namespace
}  // namespace triage
