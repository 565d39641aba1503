#include "app/spotcheck.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace triage {
namespace {

TEST(Spotcheck, DrawsAsManyOfEachStratum) {
  std::vector<SpotcheckCandidate> all;
  for (int i = 0; i < 1000; ++i) all.push_back({"high", "h" + std::to_string(i)});
  for (int i = 0; i < 40; ++i) all.push_back({"low", "l" + std::to_string(i)});
  for (int i = 0; i < 5; ++i) all.push_back({"middle", "m" + std::to_string(i)});
  const auto drawn = draw_strata(all, 60, "1");
  std::map<std::string, int> counts;
  std::set<std::size_t> distinct;
  for (const std::size_t index : drawn) {
    ++counts[all[index].stratum];
    distinct.insert(index);
  }
  EXPECT_EQ(distinct.size(), 60U);
  EXPECT_EQ(counts["middle"], 5);
  EXPECT_EQ(counts["low"] + counts["high"], 55);
  EXPECT_NEAR(counts["low"], counts["high"], 1);
  EXPECT_EQ(draw_strata(all, 60, "1"), drawn) << "the same for the same seed";
  EXPECT_NE(draw_strata(all, 60, "2"), drawn);
  EXPECT_EQ(draw_strata(all, 5'000, "1").size(), all.size());
  EXPECT_TRUE(draw_strata({}, 10, "1").empty());
}

TEST(Spotcheck, BothFormsComeBack) {
  std::vector<SpotcheckRow> rows(3);
  rows[0] = {"req_1", "chat", "a \"quoted\", text\nwith lines", "=SUM(A1)", 0.25, "so, so"};
  rows[1] = {"req_2", "chat", "", "", 1.0, ""};
  rows[2] = {"req_3", "code", "x", "y", std::nullopt, ""};
  for (const bool csv : {false, true}) {
    const std::string text = spotcheck_text(rows, csv);
    const SpotcheckFile read = read_spotcheck(text, "f");
    EXPECT_TRUE(read.problems.empty()) << read.problems.front();
    ASSERT_EQ(read.rows.size(), 3U) << text;
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(read.rows[i].id, rows[i].id);
      EXPECT_EQ(read.rows[i].grade, rows[i].grade);
      EXPECT_EQ(read.rows[i].comment, rows[i].comment);
    }
  }
  EXPECT_NE(spotcheck_text(rows, true).find("\"'=SUM(A1)\""), std::string::npos) << "no spreadsheet runs an answer";
  for (const char* unseen : {"treatment", "judge", "score"})
    EXPECT_EQ(spotcheck_text(rows, false).find(unseen), std::string::npos) << "who grades is not told";
}

TEST(Spotcheck, ReadsWhatPeopleAndSpreadsheetsWrite) {
  const SpotcheckFile read = read_spotcheck(
      "\xef\xbb\xbfid;route;prompt;answer;grade;comment\r\n"
      "req_1;chat;\"a;b\";x;good;\r\n"
      "req_2;chat;;x;BAD;\"it is\r\nwrong\"\r\n"
      "req_3;chat;;x;0,5;fine, really\r\n"
      "req_4;chat;;x;;\r\n",
      "f");
  ASSERT_TRUE(read.problems.empty()) << read.problems.front();
  ASSERT_EQ(read.rows.size(), 4U);
  EXPECT_EQ(read.rows[0].grade, 1.0);
  EXPECT_EQ(read.rows[1].grade, 0.0);
  EXPECT_EQ(read.rows[2].grade, 0.5);
  EXPECT_EQ(read.rows[2].comment, "fine, really");
  EXPECT_EQ(read.rows[3].grade, std::nullopt);
  const SpotcheckFile lines =
      read_spotcheck("{\"id\":\"a\",\"grade\":\"good\"}\n\n{\"id\":\"b\",\"grade\":0.5}\n", "f");
  ASSERT_EQ(lines.rows.size(), 2U);
  EXPECT_EQ(lines.rows[0].grade, 1.0);
  EXPECT_EQ(lines.rows[1].grade, 0.5);
}

TEST(Spotcheck, MistakesAreNamed) {
  const auto problem = [](const char* text) {
    const SpotcheckFile read = read_spotcheck(text, "f.jsonl");
    return read.problems.empty() ? std::string() : read.problems.front();
  };
  EXPECT_EQ(problem("{\"id\":\"a\",\"grade\":2}"),
            "f.jsonl:1: 'grade' is no grade; write a number from 0 to 1, good, bad, or nothing");
  EXPECT_TRUE(problem("{\"id\":\"a\"}\n{\"grade\":1}").starts_with("f.jsonl:2: there is no 'id'"));
  EXPECT_TRUE(problem("{\"id\":\"a\"}\nnot json").starts_with("f.jsonl:2: it is no JSON object"));
  EXPECT_TRUE(problem("{\"id\":\"a\",\"grade\":true}").starts_with("f.jsonl:1: 'grade'"));
  EXPECT_TRUE(problem("answer,comment\nx,y\n").starts_with("f.jsonl:1: the first line has no 'id'"));
  EXPECT_TRUE(problem("id,grade\n\"a\nb\",1\nc,nan\n").starts_with("f.jsonl:4: 'grade'"));
}

TEST(Spotcheck, PromptsAreReadable) {
  EXPECT_EQ(readable_prompt(R"("Hi")"), "Hi");
  EXPECT_EQ(readable_prompt(R"([{"role":"system","content":"Be kind."},{"role":"user","content":[{"type":"text",)"
                            R"("text":"Hi"},{"type":"image_url"}]}])"),
            "system: Be kind.\n\nuser: Hi");
  EXPECT_EQ(readable_prompt("[{\"role\":\"user\",\"cont"), "[{\"role\":\"user\",\"cont");
}

}  // namespace
}  // namespace triage
