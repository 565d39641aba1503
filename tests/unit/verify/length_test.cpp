#include "unit/verify/judged.hpp"

namespace triage::verify {
namespace {

TEST(LengthVerifier, WantsSomeBytes) {
  const VerifierSpec spec = of_kind("length");
  EXPECT_TRUE(judge(spec, "x", says("a")).accept);
  EXPECT_FALSE(judge(spec, "x", says("")).accept);
}

}  // namespace
}  // namespace triage::verify
