#pragma once
// The citations of an answer's texts, as writers need them: where they begin and end in all that was said before.

#include "triage/blocks.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace triage {

/// How many characters a JSON string has, as spelled without its quotes.
std::int64_t characters_in(std::string_view raw) noexcept;

/// Texts are JSON strings as spelled.
struct Citation {
  std::string url;
  std::string title;
  std::string said;   ///< by the page; empty: not told
  std::string mark;   ///< see AnswerMarker
  std::int64_t from;  ///< in characters of the texts since restart()
  std::int64_t to;
};

/// Follows the events of an answer. Texts that follow each other are one.
class CitedText {
 public:
  void add(const BlockEvent& event);
  /// Characters count from here.
  void restart() noexcept { count_ = from_ = 0; }
  /// Those of the texts that have ended, since the last call.
  std::vector<Citation> take() { return std::exchange(citations_, {}); }

 private:
  std::int64_t count_ = 0;
  std::int64_t from_ = 0;  // where the open text begins
  std::vector<Citation> citations_;
};

/// Appends {"type":"url_citation","start_index":0,"end_index":3,"url":"...","title":"..."}, or all behind the type.
void append_url_citation(std::string& out, const Citation& citation, std::string_view before);

}  // namespace triage
