#include "pipeline/shadow.hpp"

#include "base/buffer.hpp"
#include "base/ids.hpp"
#include "openai/features.hpp"
#include "openai/request_body.hpp"
#include "pipeline/side_call.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <deque>

namespace triage {
namespace {

using Clock = RequestRecord::Clock;

// A request's head that outlives its connection, without what was meant for the gateway itself.
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

}  // namespace

/// One call, with all that it needs of the request.
class Shadow {
 public:
  /// `normal`: what the client got; `strong`: the strong half is asked.
  Shadow(const Context& of, const LivePair& pair, std::vector<Target> targets, bool strong, SetAside budget)
      : snapshot_(of.snapshot.shared_from_this()),
        pair_(pair),
        normal_(of.seen->completion()),
        normal_asked_(of.record.asked),
        normal_cost_(of.record.attempts[of.record.asked.attempt - 1].cost_nano_usd),
        strong_(strong),
        budget_(std::move(budget)),
        body_(copied(of.record.request->body)),
        head_(of.exchange.head()),
        id_(request_id()),
        exchange_(head_.head(), id_, Clock::now()) {
    request_ = *of.record.request;
    request_.body = body_.view();
    read_features(request_, features_);
    call_.emplace(of, exchange_, request_, features_, *of.record.route, std::move(targets), exchange_.started());
    call_->record().shadow_of = of.exchange.id();
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
  void cancel() { call_->cancel(); }
  [[nodiscard]] const Executor& executor() { return call_->context().executor; }

 private:
  void held_bytes(std::int64_t bytes) { snapshot_->held->add(bytes); }

  const std::shared_ptr<const Snapshot> snapshot_;
  const LivePair& pair_;
  const Completion normal_;
  const Target normal_asked_;
  const std::optional<std::int64_t> normal_cost_;
  const bool strong_;
  SetAside budget_;
  const Buffer body_;
  const OwnHead head_;
  const std::string id_;
  UnseenExchange exchange_;
  ApiRequest request_;
  Features features_;
  std::optional<SideCall> call_;
};

Async<void> Shadow::run() {
  co_await call_->run();
  RequestRecord& record = call_->record();
  const HeldAnswer* const held = call_->answer();
  const PairAnswer normal{normal_asked_, &normal_, normal_cost_};
  const PairAnswer other{record.asked, held != nullptr ? &held->completion : nullptr, total_cost(record)};
  PairRecord compared = co_await compare(call_->context(), pair_, strong_ ? normal : other, strong_ ? other : normal);
  compared.given = strong_ ? "cheap" : "strong";
  for (AttemptRecord& row : record.attempts) row.purpose = Purpose::shadow;
  const auto cost = total_cost(record);
  if (cost) budget_.spent(*cost);
  count_pair(pair_, compared, cost);
  record.pair = std::move(compared);
  if (auto& failure = call_->failure()) {
    record.outcome = failure->reply ? Outcome::upstream_error : outcome_of(failure->error);
    record.error = failure->reply ? ErrorCode::upstream_error : failure->error.code;
  }
  co_await conclude(call_->context());
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

void cast_shadow(const Context& context, const ApiRequest& request, const Needs& needs) {
  const RequestRecord& record = context.record;
  const LiveRoute* const route = record.route;
  if (route == nullptr || !route->shadow || context.shadows == nullptr || !context.seen) return;
  const LivePair& pair = *route->shadow;
  if (record.outcome != Outcome::ok || record.pair || request.api == Api::embeddings ||
      !drawn(context.exchange.id(), route->spec->name, pair.kind, pair.spec->share))
    return;
  const Snapshot& snapshot = context.snapshot;
  const auto& order = snapshot.spec.tiers;
  const auto place = [&order](std::string_view tier) { return std::ranges::find(order, tier) - order.begin(); };
  if (place(record.asked.tier) == std::ssize(order)) return;  // a specialist is neither cheap nor strong
  const bool strong = place(record.asked.tier) < place(pair.spec->strong);
  auto targets = pair_targets(snapshot, pair, {route, nullptr, record.decision}, needs, context.ticket);
  if (!targets) return;
  std::vector<Target> others = std::move(strong ? targets->strong : targets->cheap);
  std::erase_if(others,
                [&](const Target& target) { return target.tier != (strong ? pair.spec->strong : pair.spec->cheap); });
  if (snapshot.shadows->load() >= static_cast<std::int64_t>(snapshot.spec.limits.shadows)) {
    snapshot.shadow_hits->add();
    return;
  }
  if (!room_to_hold(snapshot)) return;
  auto budget = set_aside(pair, {others.front().deployment}, *record.features);
  if (!budget) return;
  context.shadows->start(std::make_unique<Shadow>(context, pair, std::move(others), strong, std::move(*budget)));
}

}  // namespace triage
