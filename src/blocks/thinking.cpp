// A budget is a share of the answer's limit, as OpenRouter's documentation ("Reasoning tokens") has it: minimal 0.1,
// low 0.2, medium 0.5, high 0.8, xhigh and max 0.95; at least 1024 tokens and at most 128000.
#include "blocks/thinking.hpp"

#include "blocks/effort.hpp"

#include <algorithm>
#include <array>

namespace triage {
namespace {

constexpr std::int64_t max_output_unknown = 8192;  // every model that is served today can write as much
constexpr std::int64_t budget_min = 1024;
constexpr std::int64_t budget_max = 128'000;

double share_of(Effort effort) noexcept {
  switch (effort) {
    case Effort::minimal: return 0.1;
    case Effort::low: return 0.2;
    case Effort::high: return 0.8;
    case Effort::xhigh:
    case Effort::max: return 0.95;
    default: return 0.5;
  }
}

bool is_forced(const BlockRequest& request) noexcept {
  using Kind = BlockChoice::Kind;
  return !request.tools.empty() && (request.choice.kind == Kind::any || request.choice.kind == Kind::named);
}

}  // namespace

bool lost_its_thoughts(const BlockRequest& request) noexcept {
  for (auto turn = request.turns.rbegin(); turn != request.turns.rend(); ++turn) {
    const auto has = [&](BlockKind kind) {
      return std::ranges::any_of(turn->blocks, [kind](const Block& block) { return block.kind == kind; });
    };
    if (turn->role == Role::assistant)
      return has(BlockKind::call) && !has(BlockKind::thought) && !has(BlockKind::redacted);
  }
  return false;
}

std::int64_t max_tokens_for(const BlockRequest& request, const Deployment& deployment) noexcept {
  const std::int64_t most = deployment.max_output.value_or(max_output_unknown);
  if (!request.max_tokens) return most;
  return deployment.max_output ? std::min(*request.max_tokens, most) : *request.max_tokens;
}

ThinkingChoice thinking_for(const BlockRequest& request, const Deployment& deployment) noexcept {
  ThinkingChoice out;
  if (request.effort == Effort::none) {
    out.disabled = deployment.thinking != Thinking::none;
    return out;
  }
  if (request.effort == Effort::unset && !request.thinking_tokens) return out;
  if (deployment.thinking == Thinking::adaptive) {
    out.adaptive = true;
    if (request.effort != Effort::unset && deployment.quirks.efforts)
      out.effort = nearest_effort(request.effort, *deployment.quirks.efforts);
    else if (request.effort != Effort::unset)
      out.effort = request.effort == Effort::minimal ? word(Effort::low) : word(request.effort);
    return out;
  }
  const std::int64_t max_tokens = max_tokens_for(request, deployment);
  out.dropped = deployment.thinking == Thinking::none || is_forced(request) || lost_its_thoughts(request) ||
                max_tokens <= budget_min;
  if (out.dropped) return out;
  const auto share = static_cast<std::int64_t>(static_cast<double>(max_tokens) * share_of(request.effort));
  const std::int64_t wanted = std::min(request.thinking_tokens.value_or(share), budget_max);
  out.budget = std::clamp(wanted, budget_min, max_tokens - 1);
  return out;
}

}  // namespace triage
