#pragma once
// Where families of models differ behind Converse: in what each takes beside the words that all share.

#include <cstdint>

namespace triage::bedrock {

struct ConverseWords {
  /// How long to think. claude: `thinking` and `output_config`; else one member with a word for the effort.
  enum class Effort : std::uint8_t { claude, no, reasoning_effort, reasoning_config, nova };
  enum class TopK : std::uint8_t { no, top_k, k, nova };
  Effort effort = Effort::claude;
  TopK top_k = TopK::top_k;
  bool named_choice = true;       ///< one tool can be forced; else it is sent alone, and some call is forced
  bool cache_points = true;       ///< the prompt can be cached up to a point
  bool failed_results = true;     ///< results have a status
  bool reply_to_results = false;  ///< nothing may stand beside results: the assistant speaks in between
};

}  // namespace triage::bedrock
