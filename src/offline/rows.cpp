#include "offline/rows.hpp"

#include "base/text.hpp"
#include "json/json.hpp"

#include <charconv>
#include <cmath>
#include <unordered_map>

namespace triage::offline {
namespace {

constexpr std::size_t shown_max = 40;

// A value as a message may show it.
std::string shown(std::string_view json) {
  std::string out = valid_utf8(json.substr(0, shown_max));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ') c = '?';
  return json.size() > shown_max ? out + "..." : out;
}

// Reads one line. `problem` holds the first thing that is wrong with it.
class RowReader {
 public:
  RowReader(std::string_view line, std::string_view group) : line_(line), in_(line, 64, &names_), group_(group) {}

  bool read(Row& out);
  std::string problem;

 private:
  void member(const JsonString& name, Row& out);
  void read_prompt(Row& out);
  void read_messages(std::string& question);
  void read_content(std::string& question);
  void score(std::string_view name, bool or_bool, double most, const char* fix, std::optional<double>& out);
  void text(std::string_view name, std::optional<std::string>& out);
  void fail(std::string_view name, std::size_t begin, const std::string& fix) {
    if (problem.empty())
      problem = "'" + std::string(name) + "' is " + shown(line_.substr(begin, in_.offset() - begin)) + ": " + fix;
  }

  std::string_view line_;
  JsonNames names_;
  JsonReader in_;
  std::string_view group_;
  std::optional<double> weak_;
  std::optional<double> strong_;
};

bool RowReader::read(Row& out) {
  if (const auto bad = find_invalid_utf8(line_)) {
    problem = "byte " + std::to_string(*bad + 1) + " of the line is not UTF-8: save the file as UTF-8";
    return false;
  }
  if (in_.kind() != JsonReader::Kind::object) {
    problem = "the line is " + shown(line_) + R"(: write an object, {"prompt": "...", "weak": 0, "strong": 1})";
    return false;
  }
  each_member(in_, [&](const JsonString& name) { member(name, out); });
  if (!in_.finish() && problem.empty())
    problem = "the line is not JSON: " + std::string(in_.problem_text()) + " at byte " +
              std::to_string(in_.problem_offset() + 1) + "; write one object on each line";
  const auto needs = [&](const char* name, bool there) {
    if (!there && problem.empty())
      problem = std::string("'") + name + R"(' is missing: a line is {"prompt": "...", "weak": 0, "strong": 1})";
  };
  needs("prompt", !out.prompt.empty());
  needs("weak", weak_.has_value());
  needs("strong", strong_.has_value());
  if (!problem.empty()) return false;
  out.weak = *weak_;
  out.strong = *strong_;
  return true;
}

void RowReader::member(const JsonString& name, Row& out) {
  constexpr const char* outcome = "write a score from 0 (wrong) to 1 (right), or true or false";
  constexpr double usd_max = 1e9;
  if (name.is("prompt")) {
    read_prompt(out);
  } else if (name.is("weak")) {
    score("weak", true, 1, outcome, weak_);
  } else if (name.is("strong")) {
    score("strong", true, 1, outcome, strong_);
  } else if (name.is("score")) {
    score("score", false, 1, "write a number from 0 (easy) to 1 (hard), or leave it out", out.score);
  } else if (name.is("cost_weak")) {
    score("cost_weak", false, usd_max, "write the call's price in USD, or leave it out", out.cost_weak_usd);
  } else if (name.is("cost_strong")) {
    score("cost_strong", false, usd_max, "write the call's price in USD, or leave it out", out.cost_strong_usd);
  } else if (name.is("weak_response")) {
    text("weak_response", out.weak_response);
  } else if (name.is("strong_response")) {
    text("strong_response", out.strong_response);
  } else if (name.is(group_)) {
    std::optional<std::string> group;
    text(group_, group);
    out.group = group.value_or("");
  } else {
    in_.skip();
  }
}

void RowReader::read_prompt(Row& out) {
  const std::size_t begin = in_.value_offset();
  if (in_.kind() == JsonReader::Kind::string) {
    JsonString text;
    if (in_.string(text)) out.question = text.text();
  } else if (in_.kind() == JsonReader::Kind::array) {
    read_messages(out.question);
  } else {
    in_.skip();
  }
  if (in_.failed()) return;
  out.prompt = line_.substr(begin, in_.offset() - begin);
  if (trimmed(out.question).empty()) fail("prompt", begin, "write a text, or a list of chat messages that have one");
}

void RowReader::read_messages(std::string& question) {
  each_element(in_, [&] {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("content"))
        read_content(question);
      else
        in_.skip();
    });
  });
}

// A text, or parts with texts.
void RowReader::read_content(std::string& question) {
  const auto add = [&] {
    JsonString text;
    if (!in_.string(text)) return;
    if (!question.empty()) question += '\n';
    text.append_to(question);
  };
  if (in_.kind() == JsonReader::Kind::string) return add();
  each_element(in_, [&] {
    each_member(in_, [&](const JsonString& name) {
      if (name.is("text") && in_.kind() == JsonReader::Kind::string)
        add();
      else
        in_.skip();
    });
  });
}

void RowReader::score(std::string_view name, bool or_bool, double most, const char* fix, std::optional<double>& out) {
  const std::size_t begin = in_.value_offset();
  const JsonReader::Kind kind = in_.kind();
  if (kind == JsonReader::Kind::null && !or_bool) {
    in_.null();
    return;
  }
  if (kind == JsonReader::Kind::boolean && or_bool) {
    bool value = false;
    if (in_.boolean(value)) out = value ? 1 : 0;
    return;
  }
  std::string_view spelled;
  if (kind == JsonReader::Kind::number) {
    if (!in_.number(spelled)) return;
    double value = 0;
    const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    if (error == std::errc() && value >= 0 && value <= most) {
      out = value;
      return;
    }
  } else {
    in_.skip();
  }
  if (!in_.failed()) fail(name, begin, fix);
}

void RowReader::text(std::string_view name, std::optional<std::string>& out) {
  const std::size_t begin = in_.value_offset();
  JsonString text;
  if (in_.kind() == JsonReader::Kind::null) {
    in_.null();
  } else if (in_.kind() == JsonReader::Kind::string) {
    if (in_.string(text)) out = text.text();
  } else if (in_.skip()) {
    fail(name, begin, "write a text, or leave it out");
  }
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
  std::size_t line_number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line_number;
    if (line.empty()) continue;
    if (out.rows.size() == Rows::rows_max) {
      complain(line_number, "these are more than " + std::to_string(Rows::rows_max) + " rows: give a sample of them");
      break;
    }
    RowReader reader(line, group);
    Row row;
    row.line = line_number;
    if (reader.read(row))
      out.rows.push_back(std::move(row));
    else
      complain(line_number, reader.problem);
  }
  number_questions(out);
  return out;
}

}  // namespace triage::offline
