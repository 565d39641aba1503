// tier = ceiling < floor ? max(pick, floor) ... : clamp(pick, floor, ceiling), as positions in the order.
#include "triage/router.hpp"

#include <algorithm>

namespace triage {
namespace {

using Position = std::ptrdiff_t;
constexpr Position nowhere = -1;

Position position(std::span<const std::string> order, std::string_view tier) noexcept {
  const auto found = std::find(order.begin(), order.end(), tier);
  return tier.empty() || found == order.end() ? nowhere : found - order.begin();
}

}  // namespace

bool may_set(const KeySpec* key, std::string_view power) noexcept {
  if (key == nullptr || !key->may) return true;
  return std::find(key->may->begin(), key->may->end(), power) != key->may->end();
}

std::vector<RuleSeen> Router::rules_seen(const RoutingInput& /*input*/) const {
  return {};
}

Decision decide(std::span<const std::unique_ptr<Router>> chain, std::span<const std::string> order,
                const RoutingInput& input) {
  Decision out;
  out.chain.reserve(chain.size());
  Position floor = nowhere;
  Position ceiling = nowhere;
  for (const auto& router : chain) {
    const Opinion& said = out.chain.emplace_back(ChainStep{router->kind(), router->pick(input)}).opinion;
    floor = std::max(floor, position(order, said.floor));
    if (const Position limit = position(order, said.ceiling); limit != nowhere)
      ceiling = ceiling == nowhere ? limit : std::min(ceiling, limit);
    if (out.task_class.empty()) out.task_class = said.task_class;
    if (said.tier.empty()) continue;
    out.tier = out.picked = said.tier;
    out.router = router->kind();
    out.reason = said.reason;
    break;
  }
  if (ceiling != nowhere && floor != nowhere) ceiling = std::max(ceiling, floor);
  const auto name = [&](Position at) { return std::string_view(order[static_cast<std::size_t>(at)]); };
  if (floor != nowhere) out.floor = name(floor);
  if (ceiling != nowhere) out.ceiling = name(ceiling);
  const Position start = position(order, out.picked);
  if (start == nowhere) return out;
  if (start < floor) {
    out.tier = out.floor;
    out.reason.append(", raised to the floor ").append(out.floor);
  } else if (ceiling != nowhere && start > ceiling) {
    out.tier = out.ceiling;
    out.reason.append(", lowered to the ceiling ").append(out.ceiling);
  }
  return out;
}

}  // namespace triage
