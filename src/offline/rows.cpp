#include "offline/rows.hpp"

#include "openai/row_line.hpp"

#include <unordered_map>

namespace triage::offline {
namespace {

constexpr double usd_max = 1e9;
constexpr const char* shape = R"(a line is {"prompt": "...", "weak": 0, "strong": 1})";

// Reads the members of a row; `line` says what is wrong.
void read_row(RowLine& line, std::string_view group, Row& out) {
  std::optional<double> weak;
  std::optional<double> strong;
  line.read([&](const JsonString& name) {
    constexpr const char* price = "write the call's price in USD, or leave it out";
    if (name.is("prompt")) return line.prompt(out.prompt);
    if (name.is("weak")) return line.grade("weak", weak);
    if (name.is("strong")) return line.grade("strong", strong);
    if (name.is("score"))
      return line.number_or_null("score", 1, "write a number from 0 (easy) to 1 (hard), or leave it out", out.score);
    if (name.is("cost_weak")) return line.number_or_null("cost_weak", usd_max, price, out.cost_weak_usd);
    if (name.is("cost_strong")) return line.number_or_null("cost_strong", usd_max, price, out.cost_strong_usd);
    if (name.is("weak_response")) return line.text_or_null("weak_response", out.weak_response);
    if (name.is("strong_response")) return line.text_or_null("strong_response", out.strong_response);
    if (!name.is(group)) return line.skip();
    std::optional<std::string> value;
    line.text_or_null(group, value);
    out.group = value.value_or("");
  });
  if (out.prompt.empty()) line.refuse("'prompt' is missing", shape);
  if (!weak) line.refuse("'weak' is missing", shape);
  if (!strong) line.refuse("'strong' is missing", shape);
  out.question = texts_of_prompt(out.prompt);
  out.weak = weak.value_or(0);
  out.strong = strong.value_or(0);
}

// Numbers the questions in the order in which they first come.
void number_questions(Rows& out) {
  std::unordered_map<std::string_view, std::size_t> known;
  known.reserve(out.rows.size());
  for (const Row& row : out.rows) out.units.push_back(known.try_emplace(row.question, known.size()).first->second);
  out.questions = known.size();
}

}  // namespace

Rows read_rows(std::string_view text, std::string_view name, std::string_view group) {
  Rows out;
  const auto complain = [&](std::size_t line, const std::string& problem) {
    if (++out.bad_rows <= Rows::problems_max)
      out.problems.push_back(std::string(name) + ":" + std::to_string(line) + ": " + problem);
  };
  each_line(text, [&](std::string_view words, std::size_t number) {
    if (out.rows.size() == Rows::rows_max) {
      complain(number, "these are more than " + std::to_string(Rows::rows_max) + " rows: give a sample of them");
      return false;
    }
    RowLine line(words);
    Row row;
    row.line = number;
    read_row(line, group, row);
    if (line.problem())
      complain(number, line.problem()->message + ": " + line.problem()->fix);
    else
      out.rows.push_back(std::move(row));
    return true;
  });
  number_questions(out);
  return out;
}

}  // namespace triage::offline
