#include "pipeline/outcome/request_outcome.hpp"

#include "base/log.hpp"
#include "base/unix_time.hpp"
#include "pipeline/outcome/content.hpp"
#include "pipeline/outcome/question.hpp"
#include "pipeline/outcome/request_log.hpp"
#include "triage/price.hpp"
#include "verify/signals.hpp"

#include <algorithm>

namespace triage {
namespace {

using Clock = Trail::Clock;

double seconds(Clock::duration duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

std::string_view router_reason(const RequestFacts& facts, const Opinion& said, std::string& storage) {
  if (said.tier.empty() || (facts.note.empty() && facts.decision.reason == said.reason)) return said.reason;
  storage = facts.decision.reason;  // as changed by floor and ceiling
  if (!facts.note.empty()) storage += "; " + facts.note;
  return storage;
}

}  // namespace

RequestOutcome::RequestOutcome(const Snapshot& snapshot, Ledger* ledger, RequestFacts found)
    : facts(std::move(found)), trail(facts.started), snapshot_(snapshot), ledger_(ledger) {}

// If nobody has said how it ended, the gateway failed it.
RequestOutcome::~RequestOutcome() {
  if (ended_) return;
  outcome_ = Outcome::gateway_error;
  error_ = ErrorCode::internal_error;
  status_ = first_byte_ != Clock::time_point() ? 200 : traits(ErrorCode::internal_error).status;
  why_ = "the gateway broke off";
  try {
    end_now();
  } catch (const std::exception& broken) {
    log::error(std::string("a request is not in the ledger: ") + broken.what());
  }
}

void RequestOutcome::answer_begins(Clock::time_point answered, std::string_view completion_id) {
  if (first_byte_ != Clock::time_point()) return;
  answered_at_ = answered;
  first_byte_ = Clock::now();
  remember(completion_id);
}

void RequestOutcome::remember(std::string_view completion_id) {
  if (remembered_ || snapshot_.recent == nullptr || facts.policy == nullptr || !facts.shadow_of.empty()) return;
  remembered_ = true;
  const auto& quality = facts.policy->spec->quality;
  if (quality && !quality->feedback) return;
  RecentRequests::Request request;
  request.id = facts.id;
  request.completion_id = completion_id;
  if (facts.key != nullptr) request.key = facts.key->name;
  request.route = facts.policy->route;
  request.time_unix_ms = now_unix_ms();
  const RecordedAssignment assigned(facts.assigned);
  request.experiment = assigned.get();
  if (snapshot_.recent->remember(request, Clock::now())) snapshot_.recent_hits->add();
}

void RequestOutcome::hide(std::size_t row, std::size_t bytes) {
  std::string& text = trail[row].said.text;
  text.resize(text.size() - std::min(text.size(), bytes));
}

const TrailRow* RequestOutcome::answered() const noexcept {
  if (row_) return &trail[*row_];
  for (std::size_t i = trail.size(); i-- > 0;)
    if (trail[i].record.purpose == Purpose::answer) return &trail[i];
  return nullptr;
}

Async<void> RequestOutcome::end_ok(std::size_t row, int status) {
  if (!ended_) {
    row_ = row;
    status_ = status;
    finish_reason_ = trail[row].finish_reason;
  }
  return end();
}

Async<void> RequestOutcome::end_plain(int status) {
  status_ = status;
  return end();
}

Async<void> RequestOutcome::end_failed(const Failure& failure, int status) {
  if (!ended_) {
    status_ = status;
    error_ = failure.code();
    outcome_ = !failure.reply                   ? outcome_of(failure.error.code)
               : failure.remedy == Remedy::none ? Outcome::client_error
                                                : Outcome::upstream_error;
    if (!failure.reply) why_ = failure.error.message;
  }
  return end();
}

Async<void> RequestOutcome::end() {
  if (ended_) co_return;
  end_now();
  if (ledger_ != nullptr && ledger_->syncs_each()) co_await ledger_->synced();
}

void RequestOutcome::end_now() {
  ended_ = true;
  const auto now = Clock::now();
  const std::optional<std::int64_t> frontier = frontier_cost();
  if (facts.shadow_of.empty()) {
    count(now, frontier);
    log_request(snapshot_, *this, now);
  }
  count_for_key();
  remember({});
  if (ledger_ != nullptr) keep(now, frontier);
}

// The gateway's time is that before the first attempt, and that from the provider's answer to its first byte to the
// client.
Clock::duration RequestOutcome::overhead() const noexcept {
  if (trail.empty()) return Clock::duration::zero();
  auto ours = trail[0].began - facts.body_read;
  if (first_byte_ > answered_at_ && answered_at_ != Clock::time_point()) ours += first_byte_ - answered_at_;
  return ours;
}

void RequestOutcome::count(Clock::time_point now, std::optional<std::int64_t> frontier) const {
  const RouteMetrics& route = facts.policy != nullptr ? facts.policy->metrics : snapshot_.none;
  route.requests[static_cast<std::size_t>(outcome_)]->add();
  route.latency->observe(seconds(now - facts.started));
  if (first_byte_ != Clock::time_point()) route.first_byte->observe(seconds(first_byte_ - facts.started));
  if (error_) snapshot_.errors[static_cast<std::size_t>(*error_)]->add();
  if (!trail.empty()) route.overhead->observe(seconds(overhead()));
  if (row_ && facts.policy != nullptr)
    if (const LiveTier* const tier = facts.policy->tier(trail[*row_].target.tier)) tier->answers->add();
  const std::optional<std::int64_t> cost = trail.cost();
  if (cost && frontier) {
    route.cost_nano_usd->add(*cost);
    route.frontier_cost_nano_usd->add(*frontier);
  }
  if (const LiveExperiment* const experiment = facts.assigned.experiment) {
    const ArmMetrics& arm = experiment->metrics[static_cast<std::size_t>(facts.assigned.arm)];
    arm.requests[static_cast<std::size_t>(outcome_)]->add();
    arm.cost_nano_usd->add(cost.value_or(0));
  }
}

void RequestOutcome::count_for_key() const {
  if (facts.key == nullptr || snapshot_.metrics_of_keys.empty()) return;
  const KeyMetrics& of_key =
      *snapshot_.metrics_of_keys[static_cast<std::size_t>(facts.key - snapshot_.spec.keys.data())];
  if (facts.shadow_of.empty()) of_key.requests->add();
  for (std::size_t row = 0; row < trail.size(); ++row) {
    const AttemptRecord& attempt = trail[row].record;
    if (attempt.usage_source != UsageSource::none) add_tokens(of_key.tokens, attempt.tokens);
    if (attempt.cost_nano_usd.value_or(0) > 0) of_key.cost_nano_usd->add(*attempt.cost_nano_usd);
  }
}

// What the answer's tokens would have cost at the route's strongest deployment; nothing if there was no answer.
std::optional<std::int64_t> RequestOutcome::frontier_cost() const {
  const TrailRow* answer = nullptr;
  for (std::size_t i = trail.size(); i-- > 0 && answer == nullptr;)
    if (trail[i].record.end == AttemptEnd::completed && trail[i].record.purpose == Purpose::answer) answer = &trail[i];
  if (answer == nullptr) return 0;
  if (facts.request == nullptr && !answer->record.cost_nano_usd) return std::nullopt;  // not what tokens cost
  const LiveDeployment* const strongest = facts.policy != nullptr ? facts.policy->strongest : nullptr;
  if (strongest == nullptr) return answer->record.cost_nano_usd;
  Usage tokens = answer->record.tokens;  // as of one call for the whole answer
  const std::int64_t continued = answered() != nullptr ? answered()->continued : 0;
  tokens.input = std::max<std::int64_t>(0, tokens.input - continued);
  tokens.output += continued;
  if (answer->target.deployment == strongest && continued == 0) return answer->record.cost_nano_usd;
  return cost_nano_usd(strongest->spec->price, tokens, answer->extras);
}

// A request that goes on with a tool's results asks nothing new.
void RequestOutcome::look_at_question(Signals& out, Clock::time_point now) const {
  const ApiRequest& request = *facts.request;
  if (request.api != Api::chat) return;
  out.turns = facts.view->turns;
  if (snapshot_.askers == nullptr || facts.policy == nullptr) return;
  if (request.messages.empty() || request.messages.back().role != Role::user) return;
  Askers::Asked asked;
  asked.question = question_print(*facts.view);
  if (asked.question.empty()) return;
  if (facts.key != nullptr) asked.key = facts.key->name;
  asked.route = facts.policy->route;
  asked.who = facts.asker;
  asked.began = facts.started;
  asked.ended = now;
  asked.answered = outcome_ == Outcome::ok || outcome_ == Outcome::cancelled;
  const Askers::Told told = snapshot_.askers->ask(asked);
  out.retry = told.retry;
  if (told.forgot) snapshot_.asker_hits->add();
}

void RequestOutcome::keep(Clock::time_point now, std::optional<std::int64_t> frontier) {
  const auto wall = std::chrono::system_clock::now() - (now - facts.started);
  const TrailRow* const row = answered();
  std::string reason;
  LedgerRecord out;
  out.id = facts.id;
  if (row_ && facts.shadow_of.empty()) out.completion_id = row->answer_id;
  out.time_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count();
  if (facts.key != nullptr) out.key = facts.key->name;
  if (facts.policy != nullptr) out.route = facts.policy->route;
  out.config_version = snapshot_.version;
  out.price_version = snapshot_.spec.price_version.id;
  if (facts.request != nullptr) {
    out.model_requested = facts.request->model;
    out.streamed = facts.request->stream;
  } else {
    out.model_requested = facts.model;
    out.streamed = facts.streamed;
  }
  out.path = facts.path.substr(0, 1000);
  for (const Opinion& said : facts.decision.opinions)
    out.chain.push_back(
        {said.router, said.tier, said.score, router_reason(facts, said, reason), said.threshold, said.model});
  out.tier = row == nullptr ? facts.decision.tier : row->target.tier;
  out.task_class = facts.decision.task_class;
  out.outcome = outcome_;
  if (error_) out.error = traits(*error_).name;
  out.status = status_;
  out.finish_reason = finish_reason_;
  out.cancelled = outcome_ == Outcome::cancelled;
  out.latency_ms = trail.ms_since_start(now);
  if (first_byte_ != Clock::time_point()) out.ttft_ms = trail.ms_since_start(first_byte_);
  out.overhead_us = std::chrono::duration_cast<std::chrono::microseconds>(overhead()).count();
  out.cost_nano_usd = trail.cost();
  out.frontier_cost_nano_usd = frontier;
  const RecordedAssignment assigned(facts.assigned);
  out.experiment = assigned.get();
  ContentPolicy::Texts texts;
  if (facts.request != nullptr) {
    const Completion nothing;
    const Completion& said = row != nullptr && facts.shadow_of.empty() ? row->said : nothing;
    if (facts.read_signals && !out.finish_reason.empty()) out.signals = verify::look_at(*facts.view, said);
    if (facts.read_signals && facts.shadow_of.empty()) look_at_question(out.signals, now);
    if (facts.policy != nullptr && facts.policy->content) texts = facts.policy->content->texts(*facts.request, said);
    out.content = texts.content;
    out.prompt = texts.prompt;
    out.answer = texts.answer;
  }
  out.pair = pair_ ? &*pair_ : nullptr;
  out.trace_id = facts.trace.trace_id;
  out.trace_parent = facts.trace.parent;
  out.trace_sampled = facts.trace.sampled();
  out.shadow_of = facts.shadow_of;
  out.attempts.reserve(trail.size());
  for (std::size_t i = 0; i < trail.size(); ++i) out.attempts.push_back(trail[i].record);
  ledger_->keep(out);
}

}  // namespace triage
