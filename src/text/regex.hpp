#pragma once
// Regular expressions of the config, as RE2 reads them: linear in the text, whatever it is, within bounded memory.
// Anything but RE2's syntax is unknown here; src/config refuses with regex_problem() what RegexSet could not take.

#include "text/folded_text.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// Why `pattern` cannot be used, as a phrase: "missing closing )". nullopt: it can.
std::optional<std::string> regex_problem(const std::string& pattern);

/// Patterns that are looked for together, in one pass. Immutable; used by several threads at once.
class RegexSet {
 public:
  /// Every pattern passed regex_problem(); one that did not never matches.
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

/// One pattern alone, for texts that are looked at once. Immutable; used by several threads at once.
class Regex {
 public:
  /// One that regex_problem() refuses is not usable and never found.
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
    std::string_view group;  ///< the first group's text; without groups all of it
  };
  /// The last of all places, none inside another. May take time in the square of the text's length.
  [[nodiscard]] std::optional<Place> last_in(std::string_view text) const;

 private:
  class Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace triage
