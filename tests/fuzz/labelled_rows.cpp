// Labelled questions: whatever the bytes, every row that is taken is within its bounds, every line that is not is
// counted, and messages are UTF-8.

#include "fuzz_check.hpp"
#include "json/json.hpp"
#include "offline/rows.hpp"
#include "support/padded.hpp"

#include <algorithm>

namespace triage::offline {
namespace {

using fuzz::check;

bool in_bounds(double value) {
  return value >= 0 && value <= 1;
}

void check_row(const Row& row) {
  check(in_bounds(row.weak) && in_bounds(row.strong), "outcomes are 0..1");
  check(!row.score || in_bounds(*row.score), "scores are 0..1");
  check(!row.cost_weak_usd || *row.cost_weak_usd >= 0, "costs are not negative");
  check(!row.question.empty() && !row.prompt.empty(), "every row has a question");
}

void check_rows(std::string_view text) {
  const test::Padded padded(text);
  const Rows rows = read_rows(padded.view(), "f");
  for (const Row& row : rows.rows) check_row(row);
  check(rows.units.size() == rows.rows.size() && rows.questions <= rows.rows.size(), "every row is of a question");
  check(rows.problems.size() == std::min(rows.bad_rows, Rows::problems_max), "problems are told up to a bound");
  for (const std::string& problem : rows.problems) check(!find_invalid_utf8(problem), "messages are UTF-8");
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  check(rows.rows.size() + rows.bad_rows <= lines, "a line is a row at most");
}

}  // namespace
}  // namespace triage::offline

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  triage::offline::check_rows(triage::fuzz::as_text(data, size));
  return 0;
}
