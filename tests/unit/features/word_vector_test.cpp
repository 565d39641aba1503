#include "features/word_vector.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace triage::features {
namespace {

double cosine(const std::string& a, const std::string& b) {
  const std::vector<float> x = word_vector(a);
  const std::vector<float> y = word_vector(b);
  double dot = 0;
  double xx = 0;
  double yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    dot += static_cast<double>(x[i]) * static_cast<double>(y[i]);
    xx += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    yy += static_cast<double>(y[i]) * static_cast<double>(y[i]);
  }
  return dot / std::sqrt(xx * yy);
}

const std::string task =
    "Reconcile the ledger of the Lisbon branch with the bank's statement for March, and list every entry that has no "
    "counterpart, with the reason that you suspect.";

TEST(WordVector, TellsNearCopiesFromOthers) {
  EXPECT_NEAR(cosine(task, task), 1, 1e-6);
  EXPECT_NEAR(cosine(task, "  RECONCILE" + task.substr(9)), 1, 1e-6) << "case and white space do not count";
  std::string april = task;
  april.replace(april.find("March"), 5, "April");
  EXPECT_GT(cosine(task, april), 0.88);
  EXPECT_LT(cosine(task, "Write a poem about the ledger of a bank in Lisbon."), 0.6);
  EXPECT_LT(cosine(task, "What is the capital of France?"), 0.3);
}

TEST(WordVector, OfATextWithoutWordsIsZero) {
  for (const char* text : {"", "  \n", "?!"})
    for (const float value : word_vector(text)) EXPECT_EQ(value, 0) << text;
  EXPECT_EQ(word_vector("a").size(), word_vector_size);
}

}  // namespace
}  // namespace triage::features
