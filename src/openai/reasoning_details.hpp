#pragma once
// OpenRouter's `reasoning_details`: thoughts as their provider signed or encrypted them, which are to be sent back as
// they came. A stream has them in pieces:
//
//   {"type":"reasoning.text","text":"Hm","signature":null,"format":"anthropic-claude-v1","index":0}
//   {"type":"reasoning.encrypted","data":"...","id":"rs_1","format":"openai-responses-v1","index":0}
//
// Pieces of one type and index belong together: their texts are joined, of other members the last that says something
// counts.

#include "json/json.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage::openai {

class ReasoningDetails {
 public:
  /// Adds those of the first choice of an answer's event, whose JSON is followed by body_padding readable bytes.
  void add(std::string_view event);
  [[nodiscard]] bool empty() const noexcept { return details_.empty(); }
  /// All that came since the last call, as a JSON list.
  std::string take();

 private:
  struct Detail {
    std::vector<std::pair<std::string, std::string>> members;  ///< names, and values as JSON
  };
  void add_choice(JsonReader& in, std::string_view event);
  void add_detail(Detail piece);

  std::vector<Detail> details_;
};

/// What is inside the list that `text` is; empty: it is no JSON list.
std::string_view inside_list(std::string_view text);

}  // namespace triage::openai
