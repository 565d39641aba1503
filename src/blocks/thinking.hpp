#pragma once
// How long a model is to think, in the words that it takes. Pure.

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace triage {

/// The client's limit, at most what the model can write; without one, all that it can write.
std::int64_t max_tokens_for(const BlockRequest& request, const Deployment& deployment) noexcept;

/// Whether the last assistant turn called a tool without a thought in front: another model made the call, or the client
/// left the thought out. A model that thinks by budget is refused the results of such calls while it is to think.
bool lost_its_thoughts(const BlockRequest& request) noexcept;

struct ThinkingChoice {
  std::optional<std::int64_t> budget;  ///< in tokens
  bool adaptive = false;
  bool disabled = false;
  std::string_view effort;  ///< a word of output_config.effort; empty: none
  bool dropped = false;     ///< it was asked to think, and cannot
};

/// A model that thinks by budget does not where it is forced to call a tool, where its last thoughts before a tool's
/// result are not in the history, and where the answer may have at most 1024 tokens: all of that is refused.
ThinkingChoice thinking_for(const BlockRequest& request, const Deployment& deployment) noexcept;

}  // namespace triage
