// tier = ceiling < floor ? max(pick, floor) ... : clamp(pick, floor, ceiling), as positions in the order.
#include "routing/chain.hpp"

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

bool may_set(const KeySpec* key, KeyPower power) noexcept {
  if (key == nullptr || !key->may) return true;
  return std::find(key->may->begin(), key->may->end(), power) != key->may->end();
}

std::vector<RuleSeen> Router::rules_seen(const RoutingInput& /*input*/) const {
  return {};
}

std::optional<Question> Router::question(const RoutingInput& /*input*/) const {
  return std::nullopt;
}

std::optional<Question> Router::follow_up(const RoutingInput& /*input*/, const QuestionResult& /*result*/) const {
  return std::nullopt;
}

Opinion Router::answered(const RoutingInput& input, const QuestionResult& /*result*/) const {
  return pick(input);
}

// False: the router names a tier.
bool Deciding::take(const Router& router, Opinion opinion) {
  opinion.router = router.kind();
  const Opinion& said = out_.opinions.emplace_back(std::move(opinion));
  floor_ = std::max(floor_, position(chain_.order, said.floor));
  if (const Position limit = position(chain_.order, said.ceiling); limit != nowhere)
    ceiling_ = ceiling_ == nowhere ? limit : std::min(ceiling_, limit);
  if (out_.task_class.empty()) out_.task_class = said.task_class;
  if (said.tier.empty()) return true;
  out_.tier = out_.picked = said.tier;
  out_.router = router.kind();
  out_.reason = said.reason;
  return false;
}

std::optional<Question> Deciding::next(const QuestionResult& result) {
  if (out_.opinions.empty()) out_.opinions.reserve(chain_.routers.size());
  while (at_ < chain_.routers.size()) {
    const Router& router = *chain_.routers[at_];
    if (may_ask_ && asked_ < 2) {
      if (auto question = asked_ == 0 ? router.question(input_) : router.follow_up(input_, result)) {
        ++asked_;
        return question;
      }
    }
    ++at_;
    Opinion said = asked_ > 0 ? router.answered(input_, result) : router.pick(input_);
    asked_ = 0;
    if (!take(router, std::move(said))) return std::nullopt;
  }
  return std::nullopt;
}

Decision Deciding::decision() {
  if (out_.tier.empty() && !chain_.last_resort.empty()) {
    out_.tier = out_.picked = chain_.last_resort;
    out_.router = out_.opinions.empty() ? "" : out_.opinions.back().router;
    out_.reason = "no router names a tier: the highest";
  }
  if (ceiling_ != nowhere && floor_ != nowhere) ceiling_ = std::max(ceiling_, floor_);
  const auto name = [&](Position at) { return std::string_view(chain_.order[static_cast<std::size_t>(at)]); };
  if (floor_ != nowhere) out_.floor = name(floor_);
  if (ceiling_ != nowhere) out_.ceiling = name(ceiling_);
  const Position start = position(chain_.order, out_.picked);
  if (start == nowhere) return std::move(out_);
  if (start < floor_) {
    out_.tier = out_.floor;
    out_.reason.append(", raised to the floor ").append(out_.floor);
  } else if (ceiling_ != nowhere && start > ceiling_) {
    out_.tier = out_.ceiling;
    out_.reason.append(", lowered to the ceiling ").append(out_.ceiling);
  }
  return std::move(out_);
}

Decision decide(const Chain& chain, const RoutingInput& input) {
  Deciding deciding(chain, input, false);
  deciding.next({});
  return deciding.decision();
}

}  // namespace triage
