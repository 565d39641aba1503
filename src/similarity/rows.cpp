#include "similarity/rows.hpp"

#include "json/json.hpp"
#include "openai/request_body.hpp"
#include "options/nearest.hpp"
#include "options/report.hpp"
#include "similarity/nearest.hpp"
#include "triage/body_padding.hpp"
#include "triage/chat_view.hpp"

#include <charconv>
#include <cmath>
#include <optional>

namespace triage::similarity {
namespace {

using Kind = JsonReader::Kind;
using options::in_quotes;

constexpr std::uint32_t depth_max = 64;

// The text of a conversation's last user turn; empty: it has none. `messages` is valid JSON.
std::string last_turn(std::string_view messages) {
  std::string body = R"({"model":"-","messages":)";
  body.append(messages).append("}");
  const std::size_t size = body.size();
  body.append(body_padding, '\0');
  const auto request = parse_request_body(Api::chat, std::string_view(body).substr(0, size), depth_max + 1);
  return request ? std::string(ChatView(*request).text()) : std::string();
}

// Reads one line. The first problem is kept, and nothing that follows it.
class Line {
 public:
  Line(std::string_view text, int number) : text_(text), in_(text, depth_max, &names_), number_(number) {}

  /// Calls member(name) for each member of the row, which reads its value. Returns what is wrong.
  template <class Member>
  std::optional<Problem> read(Member member) {
    if (in_.kind() != Kind::object && !in_.failed()) {
      refuse("a line is a JSON object", R"(write it as {"prompt": "...", ...})");
      return problem_;
    }
    each_member(in_, [&](const JsonString& name) { member(name); });
    if (!in_.finish() && !problem_) {
      const std::string what = in_.problem() == JsonReader::Problem::repeated_name
                                   ? "member " + in_quotes(in_.repeated_name()) + " comes twice"
                                   : "no valid JSON: " + std::string(in_.problem_text());
      refuse(what + ", at byte " + std::to_string(in_.problem_offset() + 1), "one JSON object a line, in UTF-8");
    }
    if (!problem_ && find_invalid_utf8(text_)) refuse("it is not valid UTF-8", "save the file as UTF-8");
    return problem_;
  }

  void refuse(std::string message, std::string fix) {
    if (!problem_) problem_ = Problem{number_, std::move(message), std::move(fix)};
  }
  void skip() { in_.skip(); }

  void prompt(std::string& out) {
    const Kind kind = in_.kind();
    if (kind == Kind::string) {
      text(out);
    } else if (kind == Kind::array) {
      const std::size_t begin = in_.value_offset();
      if (!in_.skip()) return;
      out = last_turn(text_.substr(begin, in_.offset() - begin));
      if (out.empty()) refuse("'prompt' has no user message with a text", R"(add {"role": "user", "content": "..."})");
    } else {
      wrong("prompt", "is neither a text nor a list of messages", "give the prompt's text, or its messages");
    }
  }

  /// A text that is not empty.
  void word(std::string_view name, std::string& out) {
    if (in_.kind() != Kind::string) return wrong(name, "is no text", "write it in quotes");
    text(out);
    if (out.empty()) refuse("'" + std::string(name) + "' is empty", "give it a value, or leave it out");
  }

  /// 0..1; true and false are 1 and 0.
  void score(std::string_view name, double& out) {
    if (bool value = false; in_.kind() == Kind::boolean) {
      if (in_.boolean(value)) out = value ? 1 : 0;
      return;
    }
    std::string_view spelled;
    if (in_.kind() != Kind::number) return wrong(name, "is no number", "give a number from 0 to 1");
    if (!in_.number(spelled)) return;
    const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), out);
    if (error != std::errc() || !(out >= 0 && out <= 1))
      refuse("'" + std::string(name) + "' is " + in_quotes(spelled), "give a number from 0 to 1");
  }

  void vector(std::vector<float>& out) {
    if (in_.kind() != Kind::array) return wrong("vector", "is no list", "give a list of numbers");
    each_element(in_, [&] {
      std::string_view spelled;
      if (in_.kind() != Kind::number) return wrong("vector", "holds what is no number", "give a list of numbers");
      if (!in_.number(spelled)) return;
      float value = 0;
      const auto [end, error] = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
      if (error != std::errc() || !std::isfinite(value))
        refuse("'vector' holds " + in_quotes(spelled) + ", which is no 32-bit number", "give it as the encoder did");
      if (out.size() == dimensions_max)
        refuse("'vector' has more than " + std::to_string(dimensions_max) + " numbers", "use an encoder with fewer");
      else
        out.push_back(value);
    });
    if (!problem_ && !normalise(out)) refuse("'vector' has no direction: all of it is 0", "give it as the encoder did");
  }

 private:
  void text(std::string& out) {
    JsonString value;
    if (in_.string(value)) out = valid_utf8(value.text());
  }
  // Refuses a member for its value.
  void wrong(std::string_view name, const char* what, const char* fix) {
    const std::size_t begin = in_.value_offset();
    if (!in_.skip()) return;
    refuse("'" + std::string(name) + "' " + what + ": " + in_quotes(text_.substr(begin, in_.offset() - begin)), fix);
  }

  std::string_view text_;
  JsonNames names_;
  JsonReader in_;
  int number_;
  std::optional<Problem> problem_;
};

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
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

// read_row(line, row) reads the members of one row and returns what is wrong.
template <class R, class ReadRow>
std::vector<R> read_rows(std::string_view text, std::vector<Problem>& problems, ReadRow read_row) {
  Rows<R> rows(problems);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view words = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_blank(words)) continue;
    R row;
    row.line = number;
    Line line(words, number);
    auto problem = read_row(line, row);
    if (!rows.add(std::move(row), std::move(problem))) break;
  }
  return rows.take();
}

}  // namespace

std::vector<Example> read_examples(std::string_view text, std::vector<Problem>& problems) {
  static const std::vector<std::string> known{"prompt", "tier", "class", "label", "vector"};
  return read_rows<Example>(text, problems, [](Line& line, Example& row) {
    return line.read([&](const JsonString& name) {
      if (name.is("prompt")) return line.prompt(row.text);
      if (name.is("tier")) return line.word("tier", row.tier);
      if (name.is("class")) return line.word("class", row.task_class);
      if (name.is("label")) return line.word("label", row.label);
      if (name.is("vector")) return line.vector(row.vector);
      const std::string unknown = name.text();
      line.skip();
      line.refuse("unknown member " + in_quotes(unknown), options::suggest(unknown, known, "known members", ""));
    });
  });
}

std::vector<GradedRow> read_graded(std::string_view text, std::vector<Problem>& problems) {
  return read_rows<GradedRow>(text, problems, [](Line& line, GradedRow& row) {
    bool weak = false;
    bool strong = false;
    auto problem = line.read([&](const JsonString& name) {
      if (name.is("prompt")) return line.prompt(row.text);
      if (name.is("vector")) return line.vector(row.vector);
      if (name.is("weak")) return weak = true, line.score("weak", row.weak);
      if (name.is("strong")) return strong = true, line.score("strong", row.strong);
      line.skip();
    });
    if (!problem && !(weak && strong))
      problem = Problem{row.line, weak ? "'strong' is missing" : "'weak' is missing",
                        "give how good each model's answer is, from 0 to 1"};
    return problem;
  });
}

}  // namespace triage::similarity
