#pragma once
// Regular expressions of tokenizer.json. The reference tokenizer runs them with Oniguruma (Ruby's syntax). Here PCRE2
// runs them, compiled, after a translation that refuses by name what means something else there.

#include "tokenize/problem.hpp"
#include "triage/error.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace triage::tokenize {

/// The characters of words as the reference sees them elsewhere (Rust's \w), as the inside of a class.
inline constexpr std::string_view word_characters = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D})";

/// `pattern`, in Oniguruma's syntax, as PCRE2 takes it in its UTF mode with UCP and MULTILINE.
Result<std::string> to_pcre2(std::string_view pattern);

/// Immutable and thread-safe.
class Regex {
 public:
  /// `pattern` is in Oniguruma's syntax. The error's message is a phrase: "missing closing parenthesis at offset 4".
  static Result<Regex> compile(std::string_view pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  /// Calls `found(begin, end)` for every match in `text`, valid UTF-8, from left to right. An empty match right behind
  /// another match does not count. A pattern that takes too many steps is a problem.
  template <class Found>
  [[nodiscard]] Problem each_match(std::string_view text, Found found) const {
    Search search(*this, text);
    while (search.next()) found(search.begin(), search.end());
    return search.problem();
  }

 private:
  class Compiled;
  class Search {
   public:
    Search(const Regex& regex, std::string_view text);
    ~Search();
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;
    bool next();
    [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t end() const noexcept { return end_; }
    [[nodiscard]] Problem problem() const noexcept { return problem_; }

   private:
    bool match_at(std::size_t from);

    const Compiled& compiled_;
    std::string_view text_;
    void* match_;  // PCRE2's
    std::size_t from_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool any_ = false;
    Problem problem_ = nullptr;
  };

  explicit Regex(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

/// What a Replace or Split looks for: a regular expression, or a text, not empty.
class Pattern {
 public:
  explicit Pattern(Regex regex) : of_(std::move(regex)) {}
  explicit Pattern(std::string text) : of_(std::move(text)) {}

  /// As Regex::each_match().
  template <class Found>
  [[nodiscard]] Problem each_match(std::string_view text, Found found) const {
    if (const auto* const regex = std::get_if<Regex>(&of_)) return regex->each_match(text, found);
    const std::string& wanted = std::get<std::string>(of_);
    for (std::size_t at = 0; (at = text.find(wanted, at)) != std::string_view::npos; at += wanted.size()) {
      found(at, at + wanted.size());
    }
    return nullptr;
  }

 private:
  std::variant<Regex, std::string> of_;
};

}  // namespace triage::tokenize
