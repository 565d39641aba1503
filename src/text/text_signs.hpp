#pragma once
// Whether a prompt is about code or mathematics. It counts evidence and does not parse: it is wrong now and then, but
// never slow.

#include "text/folded_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct TextSigns {
  bool code = false;  ///< contains code, or asks for it
  bool math = false;  ///< contains formulas, or poses a mathematical task
};

/// Words that are signs. Callers look for them with a KeywordSet, together with words of their own.
const std::vector<std::string>& sign_words();

/// Counts the signs of one text.
class SignCount {
 public:
  /// sign_words()[index] occurs in the text. Call it once per occurrence.
  void add_word(std::size_t index) noexcept;
  /// To be called after add_word(): counts lines and punctuation. What `text` was made of is followed by 16 readable
  /// bytes.
  TextSigns read(const FoldedText& text) noexcept;

 private:
  void read_line(std::string_view line) noexcept;
  void read_lines(std::string_view text) noexcept;
  void read_operation(std::string_view text, std::size_t at) noexcept;
  void read_mark(std::string_view text, std::size_t at) noexcept;
  void read_marks(std::string_view text) noexcept;

  int code_ = 0;  // points
  int math_ = 0;
  bool language_ = false;
  bool trade_ = false;
  bool question_ = false;
  int numbers_ = 0;
  int operations_ = 0;
};

}  // namespace triage
