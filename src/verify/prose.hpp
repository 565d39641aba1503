#pragma once
// What of a text is written in a language: no code, no formulas, no names of files.

#include <string>
#include <string_view>

namespace triage::verify {

struct Prose {
  std::string text;    ///< plain words with a blank between
  bool names = false;  ///< most words are written large, as in a list of names
};

/// Of the first 2 KiB of `text` that are prose: what stands in back-quotes and lines of code are left out, as
/// are words with digits or marks inside and those in capitals. Empty: less than half of it are plain words.
Prose prose_of(std::string_view text);

}  // namespace triage::verify
