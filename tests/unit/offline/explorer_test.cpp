#include "offline/explorer.hpp"

#include "unit/offline/sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>

namespace triage::offline {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string page_of(const std::string& question, std::size_t count) {
  Sample sample = draw_sample(count, 1);
  std::vector<Row> rows(count);
  for (Row& row : rows) row.question = row.group = question;
  Decisions decisions;
  decisions.up.assign(count, 1);
  decisions.up[0] = 0;
  decisions.tried.assign(count, 0);
  const std::vector<Scored> scored{{Scored::Role::router, question, sample.scores}};
  Subject subject;
  subject.route = subject.data = subject.weak_tier = question;
  subject.notes = {question};
  subject.main = 0;
  subject.threshold = std::numeric_limits<double>::quiet_NaN();
  const Evaluation found = evaluate(sample.rows, decisions, scored, {100, 1, {}});
  return explorer_page(subject, found, rows, sample.rows, scored);
}

nlohmann::json data_in(const std::string& page) {
  const std::string before = "id=\"data\">";
  const std::size_t begin = page.find(before) + before.size();
  return nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

TEST(Explorer, TextsOfRowsAreNoMarkup) {
  const std::string attack =
      "</script><script>alert(1)</script><img src=x onerror=alert(2)>&\xE2\x80\xA8 @DATA @REPORT";
  const std::string page = page_of(attack, 40);
  const std::string harmless = page_of("x", 40);
  for (const char* markup : {"<script", "</script", "<img"}) {
    const auto count = [markup](const std::string& text) {
      std::size_t found = 0;
      for (std::size_t at = text.find(markup); at != std::string::npos; at = text.find(markup, at + 1)) ++found;
      return found;
    };
    EXPECT_EQ(count(page), count(harmless)) << markup;
  }
  EXPECT_EQ(data_in(page)["questions"][0][0], attack);
}

TEST(Explorer, NeedsNothingFromOutside) {
  const std::string page = page_of("x", 40);
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* outside : {"src=", "href=", "@import", "fetch(", "url("}) EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST(Explorer, SizeIsBounded) {
  const std::string page = page_of(std::string(5000, 'x'), 20'000);
  EXPECT_LT(page.size(), 2'000'000U);
  const auto data = data_in(page);
  EXPECT_EQ(data["questions"].size(), explorer_rows_max);
  EXPECT_EQ(data["steps"].size(), explorer_points_max);
  EXPECT_EQ(data["rows"], 20'000);
}

TEST(Explorer, TextsAreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "\xE4\xB8\xAD";
  const std::string shown = data_in(page_of(text, 10))["questions"][0][0];
  EXPECT_EQ(shown, text.substr(0, 3 * explorer_text_max) + "...");
}

TEST(Explorer, StepsCountMistakes) {
  const auto data = data_in(page_of("x", 100));
  EXPECT_EQ(data["steps"].front()[1], 0);             // none goes up
  EXPECT_EQ(data["steps"].front()[5], data["hard"]);  // so all hard ones stay
  EXPECT_EQ(data["steps"].back()[1], 1);
  EXPECT_EQ(data["steps"].back()[4], data["easy"]);
}

}  // namespace
}  // namespace triage::offline
