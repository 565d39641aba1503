#include "gemini/thinking.hpp"

#include "blocks/effort.hpp"

#include <algorithm>
#include <vector>

namespace triage::gemini {
namespace {

// Google's documentation, "Gemini thinking": what every model that takes levels takes.
const std::vector<std::string>& levels_of(const Deployment& deployment) {
  static const std::vector<std::string> all{"low", "high"};
  return deployment.quirks.efforts ? *deployment.quirks.efforts : all;
}

// The nearest level. There is none for not to think at all: that is the least.
std::string level_of(Effort effort, const Deployment& deployment) {
  const std::vector<std::string>& taken = levels_of(deployment);
  std::string out(nearest_effort(effort == Effort::none ? Effort::minimal : effort, taken));
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

std::int64_t budget_of(Effort effort) noexcept {
  switch (effort) {
    case Effort::none: return 0;
    case Effort::minimal:
    case Effort::low: return 1024;
    case Effort::medium: return 8192;
    default: return 24576;
  }
}

}  // namespace

ThinkingChoice thinking_for(const BlockRequest& request, const Deployment& deployment) {
  ThinkingChoice out;
  if ((request.fields & bit(RequestField::reasoning)) == 0) return out;
  if (deployment.thinking == Thinking::none) {
    out.dropped = request.effort != Effort::none;
    return out;
  }
  out.shown = request.effort != Effort::none;
  if (request.effort == Effort::unset && !request.thinking_tokens) return out;  // as much as it likes
  if (deployment.thinking == Thinking::level) {
    out.level = level_of(effort_of(request), deployment);
    return out;
  }
  out.budget = request.effort == Effort::none ? 0 : request.thinking_tokens.value_or(budget_of(request.effort));
  return out;
}

}  // namespace triage::gemini
