#pragma once
// Whether a prompt is about code or about mathematics. Evidence is counted, no grammar is tried: wrong now and
// then, never slow.

#include "text/folded_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct TextSigns {
  bool code = false;  ///< holds code, or asks for it
  bool math = false;  ///< holds formulas, or poses a mathematical task
};

/// Words that are signs. Who reads signs looks for them with a KeywordSet, together with words of its own.
const std::vector<std::string>& sign_words();

/// The signs of one text, as they are counted.
class SignCount {
 public:
  /// sign_words()[index] stands in the text; once for each place.
  void add_word(std::size_t index) noexcept;
  /// After the words: lines and marks. What `text` was made of has 16 readable bytes behind it.
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
