#pragma once
// How long a model is to think, in the words that it takes. Pure.

#include "triage/blocks.hpp"
#include "triage/spec.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace triage::gemini {

/// Members of thinkingConfig.
struct ThinkingChoice {
  std::optional<std::int64_t> budget;  ///< 0: it is not to think
  std::string level;                   ///< empty: none
  bool shown = false;                  ///< its thoughts are wanted
  bool dropped = false;                ///< it was asked to think, and cannot
};

/// An effort becomes the nearest level where the model takes levels (quirks.efforts), else a budget, as Google's
/// documentation, "OpenAI compatibility", has them.
ThinkingChoice thinking_for(const BlockRequest& request, const Deployment& deployment);

}  // namespace triage::gemini
