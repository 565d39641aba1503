#pragma once
// Lines of JSON Lines files about prompts: labelled rows, examples, texts whose features are wanted. One reader, so
// that the same mistake is told in the same words.

#include "json/json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// What is wrong with a line, and how to mend it.
struct LineProblem {
  std::string message;
  std::string fix;
};

/// Reads the object in one line. The first problem is kept, and nothing that follows it.
class RowLine {
 public:
  /// `line` must be followed by body_padding readable bytes.
  explicit RowLine(std::string_view line);

  /// Calls member(name) for each member, which reads its value by one of the functions below.
  template <class Member>
  void read(Member member) {
    if (is_object()) each_member(in_, member);
    finish();
  }
  [[nodiscard]] const std::optional<LineProblem>& problem() const noexcept { return problem_; }

  void refuse(std::string message, std::string fix) {
    if (!problem_) problem_ = LineProblem{std::move(message), std::move(fix)};
  }
  void skip() { in_.skip(); }

  /// A text, or a list of messages, as it is spelled. One without any text is a problem unless it `may_be_blank`.
  void prompt(std::string& json, bool may_be_blank = false);
  /// A text.
  void text(std::string_view name, std::string& out);
  /// The same; null is none.
  void text_or_null(std::string_view name, std::optional<std::string>& out);
  /// A text that is not empty.
  void word(std::string_view name, std::string& out);
  /// How good or right something is, from 0 to 1; true and false are 1 and 0.
  void grade(std::string_view name, std::optional<double>& out);
  /// From 0 to `most`; null is none.
  void number_or_null(std::string_view name, double most, const char* fix, std::optional<double>& out);
  /// A list of at most `most` numbers, each a 32-bit one.
  void vector(std::string_view name, std::size_t most, std::vector<float>& out);

 private:
  [[nodiscard]] bool is_object();
  void finish();
  void number(std::string_view name, double most, const char* fix, std::optional<double>& out);
  // Refuses the value of a member, which is the next one, or begins at `begin` and has been read.
  void wrong(std::string_view name, const char* fix);
  void wrong(std::string_view name, std::size_t begin, const char* fix);

  std::string_view line_;
  JsonNames names_;
  JsonReader in_;
  std::optional<LineProblem> problem_;
};

/// The texts of a prompt as RowLine::prompt() gives it: of messages those of all of them, joined by line breaks.
std::string texts_of_prompt(const std::string& json);

/// The body of a chat request for `model` with that prompt.
std::string body_of_prompt(const std::string& json, std::string_view model);

/// Calls each(line, number), with numbers from 1, for every line of `text` that is not blank, until that returns false.
/// A byte order mark is passed over.
template <class Each>
void each_line(std::string_view text, Each each) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") != std::string_view::npos && !each(line, number)) return;
  }
}

}  // namespace triage
