#include "pipeline/strategy/shadow.hpp"

#include "pipeline/strategy/own_request.hpp"
#include "pipeline/strategy/side_call.hpp"
#include "triage/body_padding.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace triage {

/// One call, with everything it needs of the request, which may end before it does.
class Shadow final : public SideTask {
 public:
  /// `normal`: the row whose answer the client got; `strong`: the strong half is asked.
  Shadow(const Scope& of, const TrailRow& normal, Decision decision, const LivePair& pair, std::vector<Target> targets,
         bool strong, SetAside budget)
      : own_(of, of.policy.spec->timeouts.total),
        pair_(pair),
        normal_(normal.said),
        normal_asked_(normal.target),
        normal_cost_(normal.record.cost_nano_usd),
        strong_(strong),
        budget_(std::move(budget)),
        outcome_(own_.scope().snapshot, own_.scope().services.ledger, facts_of(of, std::move(decision))),
        call_(own_.scope(), outcome_.trail, std::move(targets)) {}
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;
  // Whoever waits goes on later, when the list of what is under way is not being changed.
  ~Shadow() override {
    answer_->over = true;
    asio::post(own_.scope().services.executor, [answer = answer_] { answer->done.notify(); });
  }
  [[nodiscard]] const std::shared_ptr<ShadowAnswer>& answer() const noexcept { return answer_; }

  Async<void> run() override;
  void cancel() override { own_.cancel(); }

 private:
  RequestFacts facts_of(const Scope& of, Decision decision) const {
    const Scope& scope = own_.scope();
    RequestFacts out;
    if (of.client.trace != nullptr) out.trace = *of.client.trace;
    out.id = own_.id();
    out.started = out.body_read = scope.client.started;
    out.path = scope.client.head.path;
    out.key = of.client.key;
    out.request = &scope.request;
    out.view = &scope.view;
    out.policy = &of.policy;
    out.shadow_of = of.client.id;
    out.decision.task_class = decision.task_class;
    return out;
  }

  OwnRequest own_;
  const LivePair& pair_;
  const Completion normal_;
  const Target normal_asked_;
  const std::optional<std::int64_t> normal_cost_;
  const bool strong_;
  SetAside budget_;
  RequestOutcome outcome_;
  SideCall call_;
  const std::shared_ptr<ShadowAnswer> answer_ = std::make_shared<ShadowAnswer>();
};

Async<void> Shadow::run() {
  co_await call_.run();
  Trail& trail = outcome_.trail;
  const Hold* const held = call_.answer();
  const PairAnswer normal{normal_asked_, &normal_, normal_cost_};
  PairAnswer other;
  if (!trail.empty()) other.asked = trail[trail.size() - 1].target;
  if (held != nullptr) other.said = &held->said();
  other.cost_nano_usd = call_.cost();
  answer_->deployment = other.asked.deployment;
  if (held != nullptr) answer_->said = held->said();
  PairRecord compared =
      co_await compare(own_.scope(), trail, pair_, strong_ ? normal : other, strong_ ? other : normal);
  compared.given = strong_ ? "cheap" : "strong";
  for (std::size_t row = 0; row < trail.size(); ++row) trail[row].record.purpose = Purpose::shadow;
  const auto cost = trail.cost();
  if (cost) budget_.spent(*cost);
  count_pair(pair_, compared, cost);
  outcome_.compared(std::move(compared));
  if (call_.failure()) {
    if (!call_.rows().empty()) outcome_.serves(call_.rows().back());
    co_await outcome_.end_failed(*call_.failure(), 0);
  } else {
    co_await outcome_.end_ok(held->row(), held->answer().reply().head().status);
  }
}

Shadows::Shadows() = default;
Shadows::~Shadows() = default;

void Shadows::start(const Executor& on, std::unique_ptr<SideTask> task) {
  const auto here = under_way_.insert(under_way_.end(), std::move(task));
  // It may end inside cancel(), which goes through the list and is called on the task: so it is destroyed later.
  const auto done = [this, here, on](const std::exception_ptr&) {
    asio::post(on, [this, here] { under_way_.erase(here); });
  };
  asio::co_spawn(on, (*here)->run(), done);
}

void Shadows::cancel() {
  for (const auto& task : under_way_) task->cancel();
}

std::shared_ptr<ShadowAnswer> cast_shadow(const Scope& scope, const RequestOutcome& outcome, const Needs& needs) {
  const Policy& policy = scope.policy;
  const TrailRow* const normal = outcome.answered();
  if (!policy.shadow || scope.services.shadows == nullptr || scope.said_max == 0 || normal == nullptr) return nullptr;
  const LivePair& pair = *policy.shadow;
  if (outcome.outcome() != Outcome::ok || outcome.pair() || scope.request.api == Api::embeddings ||
      !drawn(scope.client.id, policy.route, pair.kind, pair.spec->share))
    return nullptr;
  const Snapshot& snapshot = scope.snapshot;
  const auto& order = snapshot.spec.tiers;
  const auto place = [&order](std::string_view tier) { return std::ranges::find(order, tier) - order.begin(); };
  if (place(normal->target.tier) == std::ssize(order)) return nullptr;  // a specialist is neither cheap nor strong
  const bool strong = place(normal->target.tier) < place(pair.spec->strong);
  auto targets = pair_targets(snapshot, policy, pair, outcome.facts.decision, needs, scope.ticket);
  if (!targets) return nullptr;
  std::vector<Target> others = std::move(strong ? targets->strong : targets->cheap);
  std::erase_if(others,
                [&](const Target& target) { return target.tier != (strong ? pair.spec->strong : pair.spec->cheap); });
  if (snapshot.shadows->load() >= static_cast<std::int64_t>(snapshot.spec.limits.shadows)) {
    snapshot.shadow_hits->add();
    return nullptr;
  }
  if (!room_to_hold(snapshot)) return nullptr;
  auto budget = set_aside(pair, {others.front().deployment}, scope.view);
  if (!budget) return nullptr;
  const LiveDeployment* const asked = others.front().deployment;
  auto shadow = std::make_unique<Shadow>(scope, *normal, outcome.facts.decision, pair, std::move(others), strong,
                                         std::move(*budget));
  const std::shared_ptr<ShadowAnswer> answer = shadow->answer();
  answer->deployment = asked;
  scope.services.shadows->start(scope.services.executor, std::move(shadow));
  return answer;
}

}  // namespace triage
