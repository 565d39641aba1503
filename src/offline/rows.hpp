#pragma once
// Labelled questions as JSON Lines: how well a weak and a strong model answered each. One object a line,
//
//   {"prompt": "What is 2 + 2?", "weak": 1, "strong": true, "weak_response": "4", "group": "arithmetic"}
//
//   prompt          a text, or the list `messages` of a chat request
//   weak, strong    how good each model's answer was: 0 (wrong) .. 1 (right), or false and true
//   weak_response, strong_response   optional: the answers
//   group           optional: a subject or a customer, for the baseline "group mean"
//   cost_weak, cost_strong           optional: USD for the call
//   score           optional: what some router said about it, 0 (easy) .. 1 (hard)
//
// Other members are ignored.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage::offline {

struct Row {
  std::size_t line = 0;  ///< in the file, from 1
  std::string prompt;    ///< as JSON: a string or a list
  std::string question;  ///< its text; of a list the texts of all messages, joined by line breaks
  double weak = 0;
  double strong = 0;
  std::optional<std::string> weak_response;
  std::optional<std::string> strong_response;
  std::string group;
  std::optional<double> cost_weak_usd;
  std::optional<double> cost_strong_usd;
  std::optional<double> score;
};

struct Rows {
  static constexpr std::size_t rows_max = 1'000'000;
  static constexpr std::size_t problems_max = 20;

  std::vector<Row> rows;
  std::vector<std::size_t> units;     ///< for each row the number of its question, from 0: equal texts are one question
  std::size_t questions = 0;          ///< different ones
  std::vector<std::string> problems;  ///< "FILE:LINE: what is wrong; what to write", at most problems_max
  std::size_t bad_rows = 0;           ///< all of them, also those beyond problems_max
};

/// Reads `text`, which body_padding readable bytes must follow. `name` stands for the file in problems; `group` is the
/// member that holds the group. Blank lines are skipped.
Rows read_rows(std::string_view text, std::string_view name, std::string_view group = "group");

}  // namespace triage::offline
