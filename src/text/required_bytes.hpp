#pragma once
// A quick look whether a regular expression can match at all, where it has no literal to look for:
// `\b[A-Z]{2,5}-\d{4,}` matches only where a letter, '-' and four digits stand side by side.

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace triage {

/// Of ASCII characters; upper case is in it as lower case.
using AsciiSet = std::bitset<128>;

/// Bytes side by side, each of a set, that stand in every text in which a pattern is found. Immutable.
class RequiredBytes {
 public:
  /// Of a valid pattern in RE2's syntax. Nothing, if it requires none, or none that is rare, or says what is not
  /// understood here: properties, numbers of characters, flags in its middle.
  static std::optional<RequiredBytes> of(std::string_view pattern);

  /// `folded` is as fold_case() makes it and has 32 readable bytes behind it. Linear.
  [[nodiscard]] bool stand_in(std::string_view folded) const noexcept;

  /// What they are, in order.
  [[nodiscard]] const std::vector<AsciiSet>& sets() const noexcept { return sets_; }

 private:
  /// Bytes from `first` to `last`.
  struct Range {
    unsigned char first = 1;
    unsigned char last = 0;
  };
  /// A place in sets_ whose set is a range.
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
