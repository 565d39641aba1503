#include "features/reference.hpp"

#include "base/text.hpp"
#include "features/answer.hpp"
#include "features/difficulty.hpp"

namespace triage::features {
namespace {

void append_table(std::string& out, std::string_view title, std::span<const Feature> table) {
  out += "### ";
  out += title;
  out += "\n\n| # | name | meaning | unit | range |\n| --- | --- | --- | --- | --- |\n";
  std::size_t index = 0;
  for (const Feature& feature : table) {
    out += "| ";
    append_number(out, index++);
    out += " | `";
    out += feature.name;
    out += "` | ";
    for (const char c : feature.meaning) {
      if (c == '\\' || c == '|' || c == '*' || c == '<' || c == '_') out += '\\';
      out += c;
    }
    out += " | ";
    for (const char c : feature.unit) {
      if (c == '|') out += '\\';
      out += c;
    }
    out += " | ";
    append_number(out, feature.low);
    out += " to ";
    append_number(out, feature.high);
    out += " |\n";
  }
  out += '\n';
}

}  // namespace

std::string feature_reference() {
  std::string out = "Version ";
  append_number(out, version);
  out += ".\n\n";
  append_table(out, "Difficulty", difficulty_table());
  append_table(out, "Answer", answer_table());
  return out;
}

}  // namespace triage::features
