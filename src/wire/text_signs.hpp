#pragma once
// Whether a prompt is about program text or about mathematics. Evidence is counted, no grammar is tried: wrong now and
// then, never slow.

#include "base/folded_text.hpp"

namespace triage {

struct TextSigns {
  bool code = false;  ///< holds program text, or asks for it
  bool math = false;  ///< holds formulas, or poses a mathematical task
};

/// The text of `text` has 16 readable bytes behind it.
TextSigns read_signs(const FoldedText& text);

}  // namespace triage
