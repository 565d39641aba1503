#pragma once
// A text prepared for searches that ignore case.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// `text` in lower case: ASCII, Latin-1, Greek and Cyrillic, where each letter keeps its length in UTF-8.
std::string fold_case(std::string_view text);

/// The same with one space for each run of white space and none at the ends: equal for texts that are the same to
/// people.
std::string normalised(std::string_view text);

/// Bit i is for byte i of 64: a word starts there (`wordy`), or something that is neither part of a word nor white
/// space is there (`other`). Words consist of ASCII letters, digits and '_'.
struct WordStarts {
  std::uint64_t wordy = 0;
  std::uint64_t other = 0;
};

/// A text, or the beginning and end of a long one, prepared once for all who search it.
class FoldedText {
 public:
  /// Takes the first and last bytes_max / 2 bytes of a longer `text`. `text` must outlive this object.
  FoldedText(std::string_view text, std::size_t bytes_max);
  FoldedText(const FoldedText&) = delete;
  FoldedText& operator=(const FoldedText&) = delete;

  struct Part {
    std::string_view text;
    std::string_view folded;             ///< as fold_case() makes it, followed by 32 readable bytes
    std::span<const WordStarts> starts;  ///< one for each 64 bytes of `folded`
    bool ascii = true;                   ///< true is certain; false may be wrong

    /// At most the first `size` bytes.
    [[nodiscard]] Part first(std::size_t size) const noexcept;
  };
  /// One part, or two for a long text.
  [[nodiscard]] std::span<const Part> parts() const noexcept { return {parts_.data(), count_}; }

 private:
  std::string folded_;
  std::vector<WordStarts> starts_;
  std::array<Part, 2> parts_;
  std::size_t count_ = 1;
};

}  // namespace triage
