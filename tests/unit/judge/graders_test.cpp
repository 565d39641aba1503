#include "judge/graders.hpp"

#include "graded.hpp"

#include <cmath>

namespace triage::judge {
namespace {

template <class Options>
GraderSpec spec_of(const char* kind, Options options = {}) {
  return {kind, std::move(options)};
}

std::optional<double> grade(const GraderSpec& spec, std::string_view answer,
                            std::optional<std::string> reference = std::nullopt, std::string schema = "") {
  Sample graded = sample("2 + 2?", answer);
  graded.reference = std::move(reference);
  graded.schema = std::move(schema);
  return make_grader(spec)->grade(graded).score;
}

TEST(Graders, Exact) {
  const GraderSpec strict = spec_of<ExactGraderSpec>("exact");
  EXPECT_EQ(grade(strict, "Paris", "Paris"), 1.0);
  EXPECT_EQ(grade(strict, " New\n  York ", "New York"), 1.0);
  EXPECT_EQ(grade(strict, "NewYork", "New York"), 0.0);
  EXPECT_EQ(grade(strict, "paris", "Paris"), 0.0);
  EXPECT_EQ(grade(strict, "Paris.", "Paris"), 0.0);
  EXPECT_EQ(grade(strict, "Paris"), std::nullopt) << "without a reference nobody can tell";
  ExactGraderSpec options;
  options.ignore_case = true;
  EXPECT_EQ(grade(spec_of("exact", options), "paris", "PARIS"), 1.0);
}

TEST(Graders, Numeric) {
  const GraderSpec spec = spec_of<NumericGraderSpec>("numeric");
  EXPECT_EQ(grade(spec, "So 3 + 4 = 7, and the answer is 1,234.50.", "1234.5"), 1.0);
  EXPECT_EQ(grade(spec, "#### 42", "The answer is 42"), 1.0);
  EXPECT_EQ(grade(spec, "43", "42"), 0.0);
  EXPECT_EQ(grade(spec, "I do not know.", "42"), 0.0);
  EXPECT_EQ(grade(spec, "42", "no number"), std::nullopt);
  EXPECT_EQ(grade(spec, "42"), std::nullopt);
  EXPECT_EQ(grade(spec, "100.9", "100"), 0.0);
  NumericGraderSpec loose;
  loose.tolerance = 0.01;
  EXPECT_EQ(grade(spec_of("numeric", loose), "100.9", "100"), 1.0);
}

TEST(Graders, RegexFoundOrAbsent) {
  RegexGraderSpec options;
  options.pattern = "(?i)as an ai";
  EXPECT_EQ(grade(spec_of("regex", options), "As an AI, I cannot"), 1.0);
  options.absent = true;
  EXPECT_EQ(grade(spec_of("regex", options), "As an AI, I cannot"), 0.0);
  EXPECT_EQ(grade(spec_of("regex", options), "Paris"), 1.0);
}

TEST(Graders, JsonSchemaOfTheRequestOrItsOwn) {
  const GraderSpec requested = spec_of<JsonSchemaGraderSpec>("json_schema");
  const std::string schema = R"({"type":"object","required":["city"]})";
  EXPECT_EQ(grade(requested, R"({"city":"Rome"})", std::nullopt, schema), 1.0);
  EXPECT_EQ(grade(requested, R"({"town":"Rome"})", std::nullopt, schema), 0.0);
  EXPECT_EQ(grade(requested, "Rome", std::nullopt, schema), 0.0);
  EXPECT_EQ(grade(requested, R"({"city":"Rome"})"), std::nullopt);
  JsonSchemaGraderSpec own;
  own.schema = R"({"type":"array"})";
  EXPECT_EQ(grade(spec_of("json_schema", own), "[1]"), 1.0);
  EXPECT_EQ(grade(spec_of("json_schema", own), "{}", std::nullopt, schema), 0.0);
}

TEST(Graders, NamesAndVersions) {
  RegexGraderSpec options;
  options.pattern = "a";
  const std::string version = version_of(spec_of("regex", options));
  EXPECT_EQ(version.size(), 16U);
  EXPECT_EQ(name_of(spec_of("regex", options)), "regex");
  options.name = "no-apology";
  options.share = 0.5;
  EXPECT_EQ(version_of(spec_of("regex", options)), version) << "its grades are the same";
  EXPECT_EQ(name_of(spec_of("regex", options)), "no-apology");
  options.absent = true;
  EXPECT_NE(version_of(spec_of("regex", options)), version);
  for (const options::Kind* kind : options::Choice<GraderSpec>::kinds()) {
    const GraderSpec unwritten{std::string(kind->name), {}};
    EXPECT_EQ(common_options(unwritten).share, 1) << kind->name;
    EXPECT_NE(make_grader(unwritten), nullptr) << kind->name;
    EXPECT_EQ(version_of(unwritten).size(), 16U);
  }
  EXPECT_EQ(find_grader("judge"), nullptr);
  EXPECT_EQ(make_grader(GraderSpec{"nobody", {}}), nullptr);
}

TEST(Drawn, IsTheShareAndTheSameEachTime) {
  constexpr int requests = 20'000;
  int judged = 0;
  int both = 0;
  for (int i = 0; i < requests; ++i) {
    const std::string id = "req_" + std::to_string(i);
    const bool by_judge = drawn(id, "chat", "judge", 0.05);
    EXPECT_EQ(by_judge, drawn(id, "chat", "judge", 0.05));
    EXPECT_TRUE(!by_judge || drawn(id, "chat", "judge", 0.2)) << "a larger share keeps those of a smaller one";
    judged += by_judge;
    both += by_judge && drawn(id, "chat", "regex", 0.05);
    EXPECT_FALSE(drawn(id, "chat", "judge", 0));
    EXPECT_TRUE(drawn(id, "chat", "judge", 1));
  }
  const double deviation = std::sqrt(requests * 0.05 * 0.95);
  EXPECT_NEAR(judged, requests * 0.05, 4 * deviation);
  EXPECT_NEAR(both, requests * 0.0025, 4 * std::sqrt(requests * 0.0025)) << "draws are independent";
}

TEST(SampleJson, IsOneLineForPrograms) {
  Sample graded = sample("a \"question\"\n", "an\nanswer");
  graded.answer.tool_calls.push_back({"weather", R"({"city":"Rome"})"});
  const std::string line = json_of(graded);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const nlohmann::json parsed = nlohmann::json::parse(line);
  EXPECT_EQ(parsed["request"]["messages"][0]["role"], "user");
  EXPECT_EQ(parsed["request"]["messages"][0]["content"], "a \"question\"\n");
  EXPECT_EQ(parsed["answer"]["text"], "an\nanswer");
  EXPECT_EQ(parsed["answer"]["tool_calls"][0]["name"], "weather");
  EXPECT_TRUE(parsed["reference"].is_null());
  graded.reference = "r";
  EXPECT_EQ(nlohmann::json::parse(json_of(graded))["reference"], "r");
}

}  // namespace
}  // namespace triage::judge
