#pragma once
// Whether a prompt is about program text or about mathematics. Evidence is counted, no grammar is tried: wrong now and
// then, never slow.

#include <cstddef>
#include <string_view>

namespace triage {

struct TextSigns {
  bool code = false;  ///< holds program text, or asks for it
  bool math = false;  ///< holds formulas, or poses a mathematical task
};

/// `text` has 16 readable bytes behind it. Reads at most `bytes_max`, from the beginning and the end of `text`.
TextSigns read_signs(std::string_view text, std::size_t bytes_max);

}  // namespace triage
