#include "gemini/thinking.hpp"

#include <algorithm>

namespace triage::gemini {
namespace {

std::string_view level_of(Effort effort) noexcept {
  switch (effort) {
    case Effort::none:
    case Effort::minimal: return "MINIMAL";
    case Effort::low: return "LOW";
    case Effort::medium: return "MEDIUM";
    default: return "HIGH";
  }
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

ThinkingChoice thinking_for(const BlockRequest& request, const Deployment& deployment) noexcept {
  ThinkingChoice out;
  if ((request.fields & bit(RequestField::reasoning)) == 0) return out;
  if (deployment.thinking == Thinking::none) {
    out.dropped = request.effort != Effort::none;
    return out;
  }
  out.shown = request.effort != Effort::none;
  if (request.effort == Effort::unset && !request.thinking_tokens) return out;  // as much as it likes
  if (deployment.thinking == Thinking::level) {
    if (request.effort != Effort::unset)
      out.level = level_of(request.effort);
    else
      out.budget = request.thinking_tokens;  // they take a budget, too, for the sake of older clients
    return out;
  }
  out.budget = request.effort == Effort::none ? 0 : request.thinking_tokens.value_or(budget_of(request.effort));
  return out;
}

}  // namespace triage::gemini
