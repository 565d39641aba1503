#pragma once
// A few numbers that stand for a question, to see that it is asked again: as it was, or with a word changed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace triage {

/// Bottom-k MinHash over the words of a short text (Broder, "On the resemblance and containment of documents", 1997),
/// in which case and punctuation do not count; a long text is only compared as a whole. The same for the lifetime of
/// the process.
class QuestionPrint {
 public:
  static constexpr std::size_t short_bytes_max = 256;
  static constexpr std::size_t words_max = 16;
  /// Of two texts, how much of their words they must share (Jaccard). It takes more than one word of nine to differ.
  static constexpr double nearly = 0.8;

  /// Of a text without words: equal to none.
  QuestionPrint() = default;
  explicit QuestionPrint(std::string_view text) noexcept;
  /// Of a long text, which its JSON spells as `raw`: what is compared is that spelling. It reads both ends of it only.
  static QuestionPrint of_long(std::string_view raw) noexcept;

  [[nodiscard]] bool empty() const noexcept { return whole_ == 0; }
  /// Symmetric.
  [[nodiscard]] bool nearly_same(const QuestionPrint& other) const noexcept;

 private:
  void add(std::uint32_t word) noexcept;

  std::uint64_t whole_ = 0;                          // 0: empty
  std::array<std::uint32_t, words_max> smallest_{};  // hashes of words, in order
  std::uint8_t count_ = 0;                           // of smallest_; 0: a long text
};

}  // namespace triage
