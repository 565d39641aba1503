#include "similarity/rows.hpp"

#include "base/unit_vector.hpp"
#include "openai/request_body.hpp"
#include "openai/row_line.hpp"
#include "options/nearest.hpp"
#include "options/report.hpp"
#include "similarity/nearest.hpp"
#include "triage/body_padding.hpp"
#include "triage/chat_view.hpp"

#include <optional>

namespace triage::similarity {
namespace {

using options::in_quotes;

constexpr std::uint32_t depth_max = 64;

// The text of the last user turn; empty: there is none.
std::string last_turn(const std::string& prompt) {
  if (prompt.starts_with('"')) return texts_of_prompt(prompt);
  std::string body = body_of_prompt(prompt, "-");
  const std::size_t size = body.size();
  body.append(body_padding, '\0');
  const auto request = parse_request_body(Api::chat, std::string_view(body).substr(0, size), depth_max + 1);
  return request ? std::string(ChatView(*request).text()) : std::string();
}

void read_prompt(RowLine& line, Row& row) {
  std::string prompt;
  line.prompt(prompt);
  if (prompt.empty() || line.problem()) return;
  row.text = last_turn(prompt);
  if (row.text.empty())
    line.refuse("'prompt' has no user message with a text", R"(add {"role": "user", "content": "..."})");
}

void read_vector(RowLine& line, Row& row) {
  line.vector("vector", dimensions_max, row.vector);
  if (!line.problem() && !normalise(row.vector))
    line.refuse("'vector' has no direction: all of it is 0", "give it as the encoder did");
}

// Checks what a file's rows have in common.
template <class R>
class Rows {
 public:
  explicit Rows(std::vector<Problem>& problems) : problems_(problems) {}

  /// False: no more lines should be read.
  bool add(R row, std::optional<Problem> problem) {
    if (!problem && row.text.empty())
      problem = Problem{row.line, "'prompt' is missing or empty", R"(add "prompt": "...")"};
    if (!problem && !row.vector.empty()) problem = check_vector(row);
    if (!problem && rows_.size() == rows_max)
      problem = Problem{row.line, "more than " + std::to_string(rows_max) + " rows", "leave some out"};
    if (!problem) {
      rows_.push_back(std::move(row));
      return true;
    }
    const bool full = rows_.size() == rows_max || numbers_ > numbers_max;
    problems_.push_back(std::move(*problem));
    return !full && problems_.size() < problems_max;
  }
  std::vector<R> take() { return std::move(rows_); }

 private:
  std::optional<Problem> check_vector(const R& row) {
    numbers_ += row.vector.size();
    if (numbers_ > numbers_max)
      return Problem{row.line, "the vectors have more than " + std::to_string(numbers_max) + " numbers together",
                     "leave rows out, or use an encoder with fewer dimensions"};
    if (dimensions_ == 0) {
      dimensions_ = row.vector.size();
      first_ = row.line;
    }
    if (row.vector.size() == dimensions_) return std::nullopt;
    return Problem{row.line,
                   "'vector' has " + std::to_string(row.vector.size()) + " numbers, that of line " +
                       std::to_string(first_) + " has " + std::to_string(dimensions_),
                   "take all vectors from one encoder"};
  }

  std::vector<Problem>& problems_;
  std::vector<R> rows_;
  std::size_t dimensions_ = 0;
  std::size_t numbers_ = 0;
  int first_ = 0;
};

// read_row(line, row) reads the members of one row.
template <class R, class ReadRow>
std::vector<R> read_rows(std::string_view text, std::vector<Problem>& problems, ReadRow read_row) {
  Rows<R> rows(problems);
  each_line(text, [&](std::string_view words, std::size_t number) {
    R row;
    row.line = static_cast<int>(number);
    RowLine line(words);
    read_row(line, row);
    std::optional<Problem> problem;
    if (line.problem()) problem = Problem{row.line, line.problem()->message, line.problem()->fix};
    return rows.add(std::move(row), std::move(problem));
  });
  return rows.take();
}

}  // namespace

std::vector<Example> read_examples(std::string_view text, std::vector<Problem>& problems) {
  static const std::vector<std::string> known{"prompt", "tier", "class", "label", "vector"};
  return read_rows<Example>(text, problems, [](RowLine& line, Example& row) {
    line.read([&](const JsonString& name) {
      if (name.is("prompt")) return read_prompt(line, row);
      if (name.is("tier")) return line.word("tier", row.tier);
      if (name.is("class")) return line.word("class", row.task_class);
      if (name.is("label")) return line.word("label", row.label);
      if (name.is("vector")) return read_vector(line, row);
      const std::string unknown = name.text();
      line.skip();
      line.refuse("unknown member " + in_quotes(unknown), options::suggest(unknown, known, "known members", ""));
    });
  });
}

std::vector<GradedRow> read_graded(std::string_view text, std::vector<Problem>& problems) {
  return read_rows<GradedRow>(text, problems, [](RowLine& line, GradedRow& row) {
    std::optional<double> weak;
    std::optional<double> strong;
    line.read([&](const JsonString& name) {
      if (name.is("prompt")) return read_prompt(line, row);
      if (name.is("vector")) return read_vector(line, row);
      if (name.is("weak")) return line.grade("weak", weak);
      if (name.is("strong")) return line.grade("strong", strong);
      line.skip();
    });
    if (!weak || !strong)
      line.refuse(weak ? "'strong' is missing" : "'weak' is missing",
                  "give how good each model's answer is, from 0 to 1");
    row.weak = weak.value_or(0);
    row.strong = strong.value_or(0);
  });
}

}  // namespace triage::similarity
