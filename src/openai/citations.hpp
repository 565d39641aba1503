#pragma once
// What a chat completion cites, and its tokens' log-probabilities, for clients that speak another dialect.
//
//   "annotations":[{"type":"url_citation","url_citation":{"url":"...","title":"...","start_index":0,"end_index":3}}]
//   "search_results":[{"title":"...","url":"..."}], "citations":["..."]     Perplexity's, in each event, of all of it
//   "logprobs":{"content":[...]}

#include "json/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::openai {

/// Texts are JSON strings as spelled.
struct CitedPage {
  std::string url;
  std::string title;
  std::string said;
  std::int64_t from = -1;  ///< in characters of the answer; -1: not said
  std::int64_t to = -1;
};

class Citations {
 public:
  /// Adds those of the first choice of an answer's event, whose JSON is followed by body_padding readable bytes.
  /// `annotated`: it has annotations.
  void add(std::string_view event, bool annotated);
  /// All that came since the last call.
  std::vector<CitedPage> take();

 private:
  std::vector<CitedPage> pages_;
  std::vector<CitedPage> sources_;  // the pages of the whole answer
};

/// The list `logprobs.content` of the first choice; empty: none.
std::string_view logprobs_in(std::string_view event);

}  // namespace triage::openai
