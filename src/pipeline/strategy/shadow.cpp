#include "pipeline/strategy/shadow.hpp"

#include "base/buffer.hpp"
#include "base/ids.hpp"
#include "pipeline/strategy/side_call.hpp"
#include "triage/body_padding.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <deque>

namespace triage {
namespace {

using Clock = Trail::Clock;

// A copy of a request's head that outlives its connection, without what was meant for the gateway itself.
class OwnHead {
 public:
  explicit OwnHead(const RequestHead& of) {
    head_.method = own(of.method);
    head_.target = own(of.target);
    head_.path = own(of.path);
    head_.query = own(of.query);
    head_.host = own(of.host);
    for (const Field& field : of.fields)
      if (!iequals(field.name, "authorization") && !iequals(field.name.substr(0, 9), "x-triage-"))
        head_.fields.push_back({own(field.name), own(field.value)});
  }
  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }

 private:
  std::string_view own(std::string_view text) { return texts_.emplace_back(text); }
  std::deque<std::string> texts_;
  RequestHead head_;
};

Buffer copied(std::string_view bytes) {
  Buffer out;
  out.append(bytes);
  return out;
}

// The request's offsets also hold in the copy.
ApiRequest on_copy(const ApiRequest& request, const Buffer& body) {
  ApiRequest out = request;
  out.blocks.reset();  // its views are of the request's own body
  if (out.original != nullptr) {
    auto original = std::make_shared<OriginalRequest>(*out.original);
    original->copy = original->body;
    const std::size_t size = original->copy.size();
    original->copy.append(body_padding, '\0');
    original->body = std::string_view(original->copy).substr(0, size);
    out.original = std::move(original);
  }
  out.body = body.view();
  return out;
}

}  // namespace

/// One call, with everything it needs of the request, which may end before it does.
class Shadow {
 public:
  /// `normal`: the row whose answer the client got; `strong`: the strong half is asked.
  Shadow(const Scope& of, const TrailRow& normal, Decision decision, const LivePair& pair, std::vector<Target> targets,
         bool strong, SetAside budget)
      : snapshot_(of.snapshot.shared_from_this()),
        services_(of.services),
        pair_(pair),
        normal_(normal.said),
        normal_asked_(normal.target),
        normal_cost_(normal.record.cost_nano_usd),
        strong_(strong),
        budget_(std::move(budget)),
        body_(copied(of.request.body)),
        head_(of.client.head),
        id_(request_id()),
        client_{head_.head(), id_, Clock::now(), Clock::now() + of.policy.spec->timeouts.total, of.client.key, gone_},
        request_(on_copy(of.request, body_)),
        view_(request_),
        scope_{*snapshot_, of.policy, request_, view_, client_, services_, of.ticket},
        outcome_(*snapshot_, services_.ledger, facts_of(of, std::move(decision))),
        call_(scope_, outcome_.trail, std::move(targets)) {
    held_bytes(static_cast<std::int64_t>(body_.size()));
    snapshot_->shadows->fetch_add(1);
  }
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;
  ~Shadow() {
    held_bytes(-static_cast<std::int64_t>(body_.size()));
    snapshot_->shadows->fetch_sub(1);
  }

  Async<void> run();
  void cancel() { gone_.fire(); }
  [[nodiscard]] const Executor& executor() const noexcept { return services_.executor; }

 private:
  RequestFacts facts_of(const Scope& of, Decision decision) const {
    RequestFacts out;
    out.id = id_;
    out.started = out.body_read = client_.started;
    out.path = client_.head.path;
    out.key = of.client.key;
    out.request = &request_;
    out.view = &view_;
    out.policy = &of.policy;
    out.shadow_of = of.client.id;
    out.decision.task_class = decision.task_class;
    return out;
  }
  void held_bytes(std::int64_t bytes) { snapshot_->held->add(bytes); }

  const std::shared_ptr<const Snapshot> snapshot_;
  const Services services_;
  const LivePair& pair_;
  const Completion normal_;
  const Target normal_asked_;
  const std::optional<std::int64_t> normal_cost_;
  const bool strong_;
  SetAside budget_;
  const Buffer body_;
  const OwnHead head_;
  const std::string id_;
  Cancellation gone_;
  const ClientSide client_;
  const ApiRequest request_;
  const ChatView view_;
  const Scope scope_;
  RequestOutcome outcome_;
  SideCall call_;
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
  PairRecord compared = co_await compare(scope_, trail, pair_, strong_ ? normal : other, strong_ ? other : normal);
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

void Shadows::start(std::unique_ptr<Shadow> shadow) {
  const auto here = under_way_.insert(under_way_.end(), std::move(shadow));
  const auto done = [this, here](const std::exception_ptr&) { under_way_.erase(here); };
  asio::co_spawn((*here)->executor(), (*here)->run(), done);
}

void Shadows::cancel() {
  for (const auto& shadow : under_way_) shadow->cancel();
}

void cast_shadow(const Scope& scope, const RequestOutcome& outcome, const Needs& needs) {
  const Policy& policy = scope.policy;
  const TrailRow* const normal = outcome.answered();
  if (!policy.shadow || scope.services.shadows == nullptr || scope.said_max == 0 || normal == nullptr) return;
  const LivePair& pair = *policy.shadow;
  if (outcome.outcome() != Outcome::ok || outcome.pair() || scope.request.api == Api::embeddings ||
      !drawn(scope.client.id, policy.route, pair.kind, pair.spec->share))
    return;
  const Snapshot& snapshot = scope.snapshot;
  const auto& order = snapshot.spec.tiers;
  const auto place = [&order](std::string_view tier) { return std::ranges::find(order, tier) - order.begin(); };
  if (place(normal->target.tier) == std::ssize(order)) return;  // a specialist is neither cheap nor strong
  const bool strong = place(normal->target.tier) < place(pair.spec->strong);
  auto targets = pair_targets(snapshot, policy, pair, outcome.facts.decision, needs, scope.ticket);
  if (!targets) return;
  std::vector<Target> others = std::move(strong ? targets->strong : targets->cheap);
  std::erase_if(others,
                [&](const Target& target) { return target.tier != (strong ? pair.spec->strong : pair.spec->cheap); });
  if (snapshot.shadows->load() >= static_cast<std::int64_t>(snapshot.spec.limits.shadows)) {
    snapshot.shadow_hits->add();
    return;
  }
  if (!room_to_hold(snapshot)) return;
  auto budget = set_aside(pair, {others.front().deployment}, scope.view);
  if (!budget) return;
  scope.services.shadows->start(std::make_unique<Shadow>(scope, *normal, outcome.facts.decision, pair,
                                                         std::move(others), strong, std::move(*budget)));
}

}  // namespace triage
