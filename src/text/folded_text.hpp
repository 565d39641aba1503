#pragma once
// A text made ready to be searched whatever its case.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// `text` with capitals made small: ASCII, Latin-1, Greek, Cyrillic, each letter of the same length in UTF-8.
std::string fold_case(std::string_view text);

/// Of 64 bytes, bit i: a word starts at byte i (`wordy`), or something that is neither part of a word nor a blank
/// stands there (`other`). Words are made of ASCII letters, digits and '_'.
struct WordStarts {
  std::uint64_t wordy = 0;
  std::uint64_t other = 0;
};

/// A text, or of a long one the beginning and the end, prepared once for all who search it.
class FoldedText {
 public:
  /// Of a longer `text`, which must outlive this, the first and the last bytes_max / 2 bytes are taken.
  FoldedText(std::string_view text, std::size_t bytes_max);
  FoldedText(const FoldedText&) = delete;
  FoldedText& operator=(const FoldedText&) = delete;

  struct Part {
    std::string_view text;
    std::string_view folded;             ///< as fold_case() makes it; 32 readable bytes behind
    std::span<const WordStarts> starts;  ///< of each 64 bytes of `folded`
    bool ascii = true;                   ///< may be false without need

    /// The same up to `size` bytes, if it has more.
    [[nodiscard]] Part first(std::size_t size) const noexcept;
  };
  /// One or two.
  [[nodiscard]] std::span<const Part> parts() const noexcept { return {parts_.data(), count_}; }

 private:
  std::string folded_;
  std::vector<WordStarts> starts_;
  std::array<Part, 2> parts_;
  std::size_t count_ = 1;
};

}  // namespace triage
