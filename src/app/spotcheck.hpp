#pragma once
// Files of answers for people to grade: JSON Lines, or CSV for a spreadsheet.
//
//   {"id":"req_...","route":"chat","prompt":"...","answer":"...","grade":null,"comment":""}
//   id,route,prompt,answer,grade,comment
//
// Whoever grades does not see the arm, the model or the judge's score.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct SpotcheckRow {
  std::string id;
  std::string route;
  std::string prompt;
  std::string answer;
  std::optional<double> grade;  ///< 0..1; absent: not graded
  std::string comment;
};

/// The whole file.
std::string spotcheck_text(const std::vector<SpotcheckRow>& rows, bool csv);

struct SpotcheckFile {
  std::vector<SpotcheckRow> rows;     ///< that are right
  std::vector<std::string> problems;  ///< "FILE:LINE: what is wrong; what to write", at most 20
};

/// Reads what people made of such a file; which of the two forms it has is seen. A grade is a number from 0 to 1, or
/// `good`, `bad`. Other members and columns are ignored. `name` stands for the file in problems.
SpotcheckFile read_spotcheck(std::string_view text, std::string_view name);

/// One that may be drawn.
struct SpotcheckCandidate {
  std::string stratum;
  std::string id;
};

/// Draws `count` of them: as many from each stratum as from any other, as far as it has them. The same for the same
/// seed. The order is random, too, so that whoever stops half-way has graded a fair half. Pure.
std::vector<std::size_t> draw_strata(const std::vector<SpotcheckCandidate>& candidates, std::size_t count,
                                     std::string_view seed);

/// The texts of a request's messages, as JSON, as a person reads them.
std::string readable_prompt(const std::string& json);

}  // namespace triage
