#include "gemini/partial_args.hpp"

#include "support/padded.hpp"

#include <gtest/gtest.h>

namespace triage::gemini {
namespace {

using test::Padded;

struct Added {
  std::string text;
  bool all = true;
};

Added add(const std::vector<std::string>& lists) {
  PartialArgs out;
  bool all = true;
  for (const std::string& list : lists) {
    const Padded body(list);
    JsonReader in(body.view());
    all = out.add(in) && all;
  }
  return {out.text(), all};
}

TEST(PartialArgs, ArePutTogether) {
  EXPECT_EQ(add({}).text, "{}");
  const Added out =
      add({R"([{"jsonPath":"$.to.name","stringValue":"A\"d","willContinue":true}])",
           R"([{"json_path":"$.to.name","string_value":"a"},{"jsonPath":"$.to.age","numberValue":4.50}])",
           R"([{"jsonPath":"$.sizes[0]","numberValue":2},{"jsonPath":"$.sizes[1].x","boolValue":false}])",
           R"([{"jsonPath":"$['odd \"name.x']","nullValue":"NULL_VALUE"},{"jsonPath":"$.e","stringValue":""}])"});
  EXPECT_EQ(out.text, R"({"to":{"name":"A\"da","age":4.50},"sizes":[2,{"x":false}],"odd \"name.x":null,"e":""})");
  EXPECT_TRUE(out.all);
}

TEST(PartialArgs, LeaveOutWhatHasNoPlace) {
  for (const char* piece : {R"({"jsonPath":"a","numberValue":1})", R"({"numberValue":1})",
                            R"({"jsonPath":"$","numberValue":1})", R"({"jsonPath":"$[0]","numberValue":1})",
                            R"({"jsonPath":"$.l[1]","numberValue":1})", R"({"jsonPath":"$.a[x]","numberValue":1})",
                            R"({"jsonPath":"$.a[","numberValue":1})", R"({"jsonPath":"$..a","numberValue":1})"}) {
    const Added out = add({"[" + std::string(piece) + "]"});
    EXPECT_FALSE(out.all) << piece;
  }
  EXPECT_FALSE(add({R"([{"jsonPath":"$.a","numberValue":1},{"jsonPath":"$.a.b","numberValue":1}])"}).all);
  std::string many = "[";
  for (int i = 0; i < 1025; ++i)
    many.append(i == 0 ? "" : ",").append(R"({"jsonPath":"$.m)" + std::to_string(i) + R"(","boolValue":true})");
  EXPECT_FALSE(add({many + "]"}).all) << "an object of more than 1024 members";
  EXPECT_FALSE(add({R"([{"jsonPath":"$.a.b","numberValue":1},{"jsonPath":"$.a","numberValue":1}])"}).all);
}

}  // namespace
}  // namespace triage::gemini
