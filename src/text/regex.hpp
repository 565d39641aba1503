#pragma once
// Regular expressions from the config, in RE2's syntax: matching is linear in the text, whatever it is, in bounded
// memory. src/config refuses with regex_problem() what RegexSet cannot take.

#include "text/folded_text.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Why `pattern` cannot be used, as a phrase: "missing closing )". nullopt: it can be used.
std::optional<std::string> regex_problem(const std::string& pattern);

/// Patterns that are searched for together, in one pass. Immutable and thread-safe.
class RegexSet {
 public:
  /// Every pattern should have passed regex_problem(); one that did not never matches.
  explicit RegexSet(const std::vector<std::string>& patterns);
  RegexSet(RegexSet&&) noexcept;
  RegexSet& operator=(RegexSet&&) noexcept;
  ~RegexSet();

  /// Appends the indexes of the patterns that match anywhere in `part`'s text, in no order.
  void match(const FoldedText::Part& part, std::vector<int>& out) const;

 private:
  class Compiled;
  std::unique_ptr<Compiled> compiled_;
};

/// One pattern, for texts that are searched once. Immutable and thread-safe.
class Regex {
 public:
  /// A pattern that regex_problem() refuses is not usable and never found.
  explicit Regex(const std::string& pattern);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  [[nodiscard]] bool usable() const noexcept;
  [[nodiscard]] int groups() const noexcept;
  [[nodiscard]] bool found_in(std::string_view text) const;

  struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view group;  ///< the text of the first group; without groups, the whole match
  };
  /// The last match, none inside another. May take time quadratic in the text's length.
  [[nodiscard]] std::optional<Place> last_in(std::string_view text) const;

 private:
  class Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace triage
