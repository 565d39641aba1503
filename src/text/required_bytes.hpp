#pragma once
// A quick test whether a regular expression without literals to search for can match at all:
// `\b[A-Z]{2,5}-\d{4,}` matches only where a letter, '-' and four digits are adjacent.

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace triage {

/// A set of ASCII characters; upper-case letters are in it as lower case.
using AsciiSet = std::bitset<128>;

/// Adjacent bytes, each from a set, that occur in every text that a pattern matches. Immutable.
class RequiredBytes {
 public:
  /// For a valid pattern in RE2's syntax. Nothing, if the pattern requires no such bytes or no rare ones, or has
  /// constructs that are not understood here: properties, character codes, flags in its middle.
  static std::optional<RequiredBytes> of(std::string_view pattern);

  /// Whether such bytes occur in `folded`, which must be as fold_case() makes it, followed by 32 readable bytes.
  /// Linear.
  [[nodiscard]] bool stand_in(std::string_view folded) const noexcept;

  /// The sets, in order.
  [[nodiscard]] const std::vector<AsciiSet>& sets() const noexcept { return sets_; }

 private:
  /// The bytes from `first` to `last`.
  struct Range {
    unsigned char first = 1;
    unsigned char last = 0;
  };
  /// An index into sets_, whose set is a range.
  struct Place {
    std::size_t at = 0;
    Range range;
  };
  explicit RequiredBytes(std::vector<AsciiSet> sets);
  static std::optional<Range> range_of(const AsciiSet& set) noexcept;
  template <class Width>
  [[nodiscard]] bool stand_in_blocks(std::string_view folded) const noexcept;

  std::vector<AsciiSet> sets_;
  std::array<Place, 2> rarest_{};
};

}  // namespace triage
