#include "app/replay_policy.hpp"

#include "app/route_run.hpp"
#include "pipeline/plan.hpp"
#include "routing/classifier.hpp"
#include "routing/onnx_text.hpp"

#include <algorithm>

namespace triage {
namespace {

using ledger::LoggedOpinion;
using ledger::LoggedRequest;

const LoggedOpinion* said_by(const LoggedRequest& logged, std::string_view kind) {
  const auto found = std::ranges::find(logged.chain, kind, &LoggedOpinion::router);
  return found != logged.chain.end() ? &*found : nullptr;
}

// The bound that a heuristic's recorded reason names, as in "floor medium by rule long; ceiling ...".
std::string_view bound_in(std::string_view reason, std::string_view what, std::span<const std::string> order) {
  for (std::size_t at = 0; at < reason.size();) {
    const std::size_t end = std::min(reason.find("; ", at), reason.size());
    const std::string_view part = reason.substr(at, end - at);
    for (const std::string& tier : order)
      if (part.starts_with(what) && part.substr(what.size()).starts_with(tier + " by rule ")) return tier;
    at = end == reason.size() ? end : end + 2;
  }
  return {};
}

// A request of which nothing is known.
const RoutingInput& no_input() {
  static const ApiRequest request;
  static const RequestHead head;
  static const RoutingInput out(request, head, nullptr);
  return out;
}

std::string part_path(const std::string& route, std::string_view part) {
  return "routes." + route + "." + std::string(part);
}

}  // namespace

// A router that repeats what it said then, or says it anew.
class ReplayPolicy::Replayed final : public Router {
 public:
  struct Asking {
    const LoggedRequest* logged = nullptr;
    bool has_text = false;
    const Likenesses* recorded = nullptr;
    bool untold = false;
  };

  Replayed(const Router& router, const ReplayPolicy& policy) : router_(router), policy_(policy) {
    const auto found = policy.thresholds_.find(router.kind());
    thresholds_ = found != policy.thresholds_.end() ? &found->second : nullptr;
  }

  [[nodiscard]] std::string_view kind() const noexcept override { return router_.kind(); }
  void begin(Asking& asking) noexcept { asking_ = &asking; }

  [[nodiscard]] Opinion pick(const RoutingInput& input) const override {
    const LoggedOpinion* const said = said_by(*asking_->logged, kind());
    const Likeness likeness =
        asking_->recorded != nullptr && said != nullptr ? asking_->recorded->of(kind()) : Likeness::different;
    if (likeness == Likeness::same) return recalled(*said);
    if (likeness == Likeness::other_thresholds && thresholds_ != nullptr)
      return said->score ? thresholds_->opinion(*said->score) : Opinion();
    if (kind() == "header") return said != nullptr ? recalled(*said) : Opinion();
    if (kind() == "fixed" || kind() == "weighted") return router_.pick(input);
    if (!asking_->has_text) return untold();
    const auto question = router_.question(input);
    if (!question) return router_.pick(input);
    QuestionResult result;
    return answer_here(*question, result) ? router_.answered(input, result) : untold();
  }

 private:
  // Any tier ends the chain.
  [[nodiscard]] Opinion untold() const {
    asking_->untold = true;
    Opinion out;
    out.tier = policy_.route_->policy.tiers.front().name;
    return out;
  }
  [[nodiscard]] Opinion recalled(const LoggedOpinion& said) const {
    Opinion out;
    const auto& order = policy_.snapshot().spec.tiers;
    out.floor = bound_in(said.reason, "floor ", order);
    out.ceiling = bound_in(said.reason, "ceiling ", order);
    if (said.tier.empty()) return out;
    const LiveTier* const tier = policy_.route_->policy.tier(said.tier);
    if (tier == nullptr) return untold();
    out.tier = tier->name;
    return out;
  }

  const Router& router_;
  const ReplayPolicy& policy_;
  const routing::Thresholds* thresholds_;
  Asking* asking_ = nullptr;
};

ReplayPolicy::ReplayPolicy(std::string title, ConfigSpec spec, std::string version, const std::string& route)
    : title_(std::move(title)),
      trial_(std::move(spec), std::move(version)),
      route_(&route_named(trial_.snapshot(), route)) {
  const routing::Surroundings around{*route_->spec, snapshot().spec.tiers};
  for (const RouterSpec& router : route_->spec->routers) {
    if (router.kind == "classifier")
      thresholds_.try_emplace(router.kind, options::options_as<ClassifierSpec>(router.options).thresholds, around);
    if (router.kind == "onnx-text")
      thresholds_.try_emplace(router.kind, options::options_as<OnnxTextSpec>(router.options).thresholds, around);
  }
  for (const auto& router : route_->policy.routers) routers_.push_back(std::make_unique<Replayed>(*router, *this));
}

std::vector<Change> ReplayPolicy::changes(const ReplayPolicy& other, std::string_view part) const {
  const std::string prefix = part_path(spec().name, part);
  std::vector<Change> out;
  for (Change& change : config_changes(other.snapshot().spec, snapshot().spec)) {
    const std::string_view path = change.path;
    if (path.starts_with(prefix) &&
        (path.size() == prefix.size() || std::string_view(".[").find(path[prefix.size()]) != std::string_view::npos))
      out.push_back(std::move(change));
  }
  return out;
}

Likenesses ReplayPolicy::likenesses(const ReplayPolicy& other) const {
  Likenesses out;
  const std::size_t prefix = part_path(spec().name, "routers").size();
  for (const Change& change : changes(other, "routers")) {
    const std::string_view rest = std::string_view(change.path).substr(prefix);
    const std::size_t close = rest.find(']');
    if (rest.starts_with('[') && close != std::string_view::npos) {
      const std::string_view inside = rest.substr(close + 1);
      const bool thresholds = inside.starts_with(".thresholds") || inside.starts_with(".band");
      Likeness& likeness =
          out.by_kind.try_emplace(std::string(rest.substr(1, close - 1)), Likeness::same).first->second;
      likeness = std::max(likeness, thresholds ? Likeness::other_thresholds : Likeness::different);
    } else if (change.kind != Change::reordered) {
      out.others = Likeness::different;
    }
  }
  return out;
}

bool ReplayPolicy::same_part(const ReplayPolicy& other, std::string_view part) const {
  return changes(other, part).empty();
}

std::optional<FirstCall> ReplayPolicy::decide(const LoggedRequest& logged, const RoutingInput* input,
                                              const Likenesses* recorded) const {
  Replayed::Asking asking{&logged, input != nullptr, recorded};
  for (const auto& router : routers_) static_cast<Replayed&>(*router).begin(asking);
  const RoutingInput& asked = input != nullptr ? *input : no_input();
  const Decision decision =
      triage::decide({routers_, route_->policy.chain.order, route_->policy.chain.last_resort}, asked);
  if (asking.untold) return std::nullopt;
  Needs needs;
  if (input != nullptr)
    needs = needs_of(input->request(), input->view(), route_->policy.window_least, route_->policy.translates);
  if (const auto* first = logged.first_answer(); first != nullptr && first->tokens.input > 0)
    needs.tokens = first->tokens.input;
  return first_call(decision, needs);
}

std::optional<FirstCall> ReplayPolicy::first_call(const Decision& decision, const Needs& needs) const {
  const auto planned = plan(snapshot(), route_->policy, decision, needs, std::nullopt, 0);
  if (!planned) return std::nullopt;
  FirstCall out;
  out.tier = planned->targets.front().tier;
  const LiveTier& tier = *route_->policy.tier(out.tier);
  double sum = 0;
  for (std::size_t i = 0; i < tier.members.size(); ++i) {
    const bool asked = std::ranges::any_of(planned->targets, [&](const Target& target) {
      return target.deployment == tier.members[i] && target.tier == out.tier;
    });
    if (!asked || tier.weights[i] == 0) continue;
    out.members.emplace_back(tier.members[i], tier.weights[i]);
    sum += tier.weights[i];
  }
  if (out.members.empty()) out.members.emplace_back(planned->targets.front().deployment, sum = 1);
  for (auto& [member, share] : out.members) share /= sum;
  const auto& order = snapshot().spec.tiers;
  const auto last = std::ranges::find_if(
      order.rbegin(), order.rend(), [this](const std::string& name) { return route_->policy.tier(name) != nullptr; });
  out.top = last == order.rend() || *last == out.tier || std::ranges::find(order, out.tier) == order.end();
  return out;
}

bool ReplayPolicy::may_have_made(const LoggedRequest& logged, const RoutingInput* input) const {
  if (logged.chain.size() > route_->policy.routers.size()) return false;
  if (logged.chain.empty()) {
    const auto first = decide(logged, input, nullptr);
    return !first || logged.first_answer() == nullptr || first->tier == logged.first_answer()->tier;
  }
  for (std::size_t i = 0; i < logged.chain.size(); ++i) {
    const LoggedOpinion& said = logged.chain[i];
    const Router& router = *route_->policy.routers[i];
    if (router.kind() != said.router) return false;
    const auto thresholds = thresholds_.find(said.router);
    if (said.score && thresholds != thresholds_.end()) {
      if (thresholds->second.opinion(*said.score).tier != said.tier) return false;
    } else if (said.router == "fixed" || said.router == "weighted" ||
               (said.router == "heuristic" && input != nullptr)) {
      const Opinion now = router.pick(input != nullptr ? *input : no_input());
      if (now.tier != said.tier) return false;
    }
  }
  return true;
}

}  // namespace triage
