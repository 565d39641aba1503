#include "blocks/effort.hpp"

#include <algorithm>
#include <cstdlib>

namespace triage {
namespace {

int rank_of(std::string_view effort) noexcept {
  return static_cast<int>(from_word<Effort>(effort).value_or(Effort::medium));
}

}  // namespace

bool asks_to_think(const BlockRequest& request) noexcept {
  return request.effort != Effort::unset || request.thinking_tokens;
}

Effort effort_of(const BlockRequest& request) noexcept {
  constexpr std::int64_t low_most = 2048;
  constexpr std::int64_t medium_most = 12'288;
  if (request.effort != Effort::unset || !request.thinking_tokens) return request.effort;
  return *request.thinking_tokens <= low_most      ? Effort::low
         : *request.thinking_tokens <= medium_most ? Effort::medium
                                                   : Effort::high;
}

std::string_view nearest_effort(Effort effort, const std::vector<std::string>& taken) noexcept {
  std::string_view out;
  int distance = 0;
  for (const std::string& each : taken) {
    const bool off = each == word(Effort::none);
    if (off != (effort == Effort::none)) continue;
    const int far = std::abs(rank_of(each) - static_cast<int>(effort));
    if (!out.empty() && far >= distance) continue;
    out = each;
    distance = far;
  }
  return out;
}

}  // namespace triage
