#pragma once
// A text made ready to be searched whatever its case.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace triage {

/// `text` with capitals made small: ASCII, Latin-1, Greek, Cyrillic, each letter of the same length in UTF-8.
std::string fold_case(std::string_view text);

/// A text, or of a long one the beginning and the end, folded once for all who search it.
class FoldedText {
 public:
  /// Of a longer `text`, which must outlive this, the first and the last bytes_max / 2 bytes are taken.
  FoldedText(std::string_view text, std::size_t bytes_max);
  FoldedText(const FoldedText&) = delete;
  FoldedText& operator=(const FoldedText&) = delete;

  struct Part {
    std::string_view text;
    std::string_view folded;  ///< as fold_case() makes it; 8 readable bytes behind
  };
  /// One or two.
  [[nodiscard]] std::span<const Part> parts() const noexcept { return {parts_.data(), count_}; }

 private:
  std::string folded_;
  std::array<Part, 2> parts_;
  std::size_t count_ = 1;
};

}  // namespace triage
