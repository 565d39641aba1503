#include "triage/translation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace triage {
namespace {

constexpr const char* page = TRIAGE_SOURCE_DIR "/docs/translation.md";
const std::string begin_mark = "<!-- table: written by the test field_table_test -->\n\n";
const std::string end_mark = "<!-- end of table -->\n";

// TRIAGE_REGENERATE=1 writes the table instead.
TEST(DialectsPage, HasTheTable) {
  std::ifstream in(page, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();
  std::string text = content.str();
  const std::size_t begin = text.find(begin_mark);
  const std::size_t end = text.find(end_mark);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::size_t table = begin + begin_mark.size();
  const std::string wanted = field_table_text() + "\n";
  if (std::getenv("TRIAGE_REGENERATE")) {
    text.replace(table, end - table, wanted);
    std::ofstream(page, std::ios::binary) << text;
  } else {
    EXPECT_EQ(text.substr(table, end - table), wanted);
  }
}

TEST(FieldTable, SaysWhatHelpsWhereSomethingIsRefused) {
  for (std::size_t i = 0; i < request_field_count; ++i) {
    const FieldRow& row = row_of(static_cast<RequestField>(i));
    EXPECT_FALSE(row.name.empty());
    EXPECT_FALSE(row.where.empty());
    const bool refused = std::ranges::find(row.loss, Loss::refuse) != row.loss.end() ||
                         row.field == RequestField::forced_choice;  // some models refuse it, in every dialect
    EXPECT_EQ(row.help.empty(), !refused) << row.name;
  }
}

TEST(FieldTable, TellsHintsFromWhatChangesTheAnswer) {
  const RequestFields fields = bit(RequestField::n) | bit(RequestField::seed) | bit(RequestField::strict);
  EXPECT_EQ(refused_fields(fields, WireForm::anthropic), bit(RequestField::n));
  EXPECT_EQ(dropped_fields(fields, WireForm::anthropic), bit(RequestField::seed));
  EXPECT_EQ(refused_fields(fields, WireForm::openai), 0U);
  EXPECT_THAT(names_of_fields(fields), testing::ElementsAre("n", "strict", "seed"));
}

}  // namespace
}  // namespace triage
