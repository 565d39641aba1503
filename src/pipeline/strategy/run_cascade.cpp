// Carries out what Cascade says: asks the tiers of the plan, holds their answers back, has them verified, and gives the
// client one of them.
#include "pipeline/strategy/run_cascade.hpp"

#include "base/log.hpp"
#include "openai/request_body.hpp"
#include "openai/request_edit.hpp"
#include "pipeline/attempt/ask.hpp"
#include "pipeline/strategy/cascade.hpp"
#include "pipeline/strategy/straight.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace triage {
namespace {

// The client's request, with the changes that verifiers want.
struct EditedRequest {
  Buffer bytes;
  std::optional<ApiRequest> request;  // absent: it cannot be changed
};

// The held answer of a tier.
struct TierAnswer {
  std::unique_ptr<Attempt> attempt;
  std::unique_ptr<Hold> hold;
};

std::vector<std::string_view> tiers_of(const std::vector<Target>& targets) {
  std::vector<std::string_view> out;
  for (const Target& target : targets)
    if (std::ranges::find(out, target.tier) == out.end()) out.push_back(target.tier);
  return out;
}

class CascadeRun final : public AttemptPath {
 public:
  CascadeRun(const Scope& scope, Response& response, Trail& trail, const std::vector<Target>& targets, bool forced)
      : scope_(scope),
        response_(response),
        trail_(trail),
        spec_(*scope.policy.spec->cascade),
        targets_(targets),
        tiers_(tiers_of(targets)),
        forced_(forced),
        cascade_(tiers_.size(), spec_.escalations_max, forced),
        answers_(tiers_.size()) {
    scope.policy.verifiers->prepare(changes_);
    drop_logprobs_ = changes_.logprobs && !scope.request.outline.logprobs && scope.request.form == WireForm::openai;
  }

  Async<MaybeFailure> run();

  AttemptCall call(const Target& target) override;
  void waiting(const Target& target, bool last, std::chrono::milliseconds within) override {
    response_.expect_stream(target, last && !scope_.others_follow && goes_straight(tier_of(target)), within);
  }

 private:
  [[nodiscard]] std::size_t tier_of(const Target& target) const {
    return static_cast<std::size_t>(std::ranges::find(tiers_, target.tier) - tiers_.begin());
  }
  [[nodiscard]] bool goes_straight(std::size_t tier) const {
    return !cascade_.holds(tier) || (scope_.request.stream && spec_.hold.mode == HoldMode::none);
  }
  const ApiRequest& request_for(const Target& target);
  [[nodiscard]] Additions additions_for(const Target& target) const;
  const ApiRequest& edited(Additions additions);
  Async<Cascade::Step> call_tier(std::size_t tier);
  Async<Cascade::Step> verify(std::size_t tier);
  Async<Verdict> verdict_on_all(const TrailRow& row);
  Async<Verdict> verdict_on(const Completion& answer);
  std::optional<Verdict> verdict_on_beginning(const Completion& answer) const;
  Async<MaybeFailure> release(std::size_t tier);
  void note(std::size_t row, bool accepted, std::optional<double> score, std::string reason);
  void count() const;

  const Scope& scope_;
  Response& response_;
  Trail& trail_;
  const CascadeSpec& spec_;
  const std::vector<Target>& targets_;
  std::vector<std::string_view> tiers_;
  bool forced_;
  Cascade cascade_;
  CallChanges changes_;
  bool drop_logprobs_ = false;  // only the gateway asked for them
  std::map<Additions, EditedRequest> edited_;
  std::vector<TierAnswer> answers_;
  MaybeFailure failure_;
};

AttemptCall CascadeRun::call(const Target& target) {
  const bool straight = goes_straight(tier_of(target));
  const std::size_t said = straight ? said_max(scope_) : std::numeric_limits<std::size_t>::max();
  const ApiRequest& request = request_for(target);
  const Additions added = &request == &scope_.request ? 0 : additions_for(target);
  return {request, target, AttemptCause::first, Purpose::answer, false, said, added};
}

// What is asked of `target` for the verifiers' sake.
Additions CascadeRun::additions_for(const Target& target) const {
  if (goes_straight(tier_of(target)) || scope_.request.form != WireForm::openai) return 0;
  Additions out = changes_.instruction.empty() ? 0 : bit(Addition::instruction);
  const auto& able = target.deployment->spec->capabilities;
  if (drop_logprobs_ && (!able || std::ranges::find(*able, Capability::logprobs) != able->end()))
    out |= bit(Addition::logprobs);
  return out & ~target.deployment->without();
}

const ApiRequest& CascadeRun::request_for(const Target& target) {
  const Additions additions = additions_for(target);
  return additions == 0 ? scope_.request : edited(additions);
}

const ApiRequest& CascadeRun::edited(Additions additions) {
  const bool logprobs = (additions & bit(Addition::logprobs)) != 0;
  const bool instruct = (additions & bit(Addition::instruction)) != 0;
  EditedRequest& edit = edited_[additions];
  if (edit.bytes.empty()) {
    const std::string_view instruction = instruct ? std::string_view(changes_.instruction) : std::string_view();
    edit.bytes.append(edited_request(scope_.request, instruction, logprobs));
    const auto parsed =
        parse_request_body(scope_.request.api, edit.bytes.view(), scope_.snapshot.spec.limits.body_depth);
    if (parsed) edit.request = *parsed;
  }
  return edit.request ? *edit.request : scope_.request;
}

Async<MaybeFailure> CascadeRun::run() {
  Cascade::Step step = cascade_.start();
  for (;;) {
    if (step.act == Cascade::Act::call) {
      step = co_await call_tier(step.tier);
    } else if (step.act == Cascade::Act::verify) {
      step = co_await verify(step.tier);
    } else {
      break;
    }
  }
  if (scope_.client.gone.fired() && !response_.answering())
    co_return failure_of(given_up(scope_.client.gone, "the client left before it had an answer"));
  if (step.act != Cascade::Act::fail) count();
  if (step.act != Cascade::Act::release) co_return std::move(failure_);
  auto failed = co_await release(step.tier);
  co_return failed;
}

// Asks that tier, and those above it if it fails, until an answer is held as a whole, or the client has one.
Async<Cascade::Step> CascadeRun::call_tier(std::size_t tier) {
  const auto from = std::ranges::find(targets_, tiers_[tier], &Target::tier);
  const std::vector<Target> targets(from, targets_.end());
  const auto cause = cascade_.escalations() > 0 ? AttemptCause::escalation : AttemptCause::first;
  Attempts attempts(scope_, trail_, targets, *this, cause);
  std::size_t answered = tier;
  failure_.reset();
  for (;;) {
    auto result = co_await attempts.next(std::move(failure_));
    failure_ = std::move(result.failure);
    if (failure_)
      co_return scope_.client.gone.fired() ? Cascade::Step{Cascade::Act::fail, answered}
                                           : cascade_.called(Cascade::Called::failed, answered);
    Attempt& attempt = *result.answer;
    answered = tier_of(attempt.target());
    if (goes_straight(answered)) {
      failure_ = co_await deliver(scope_, response_, trail_, attempts, attempt, attempt, false);
      if (!failure_ || response_.answering()) co_return cascade_.called(Cascade::Called::sent, answered);
      continue;
    }
    const auto judge = [this](const Completion& answer) { return verdict_on_beginning(answer); };
    auto hold = std::make_unique<Hold>(scope_.snapshot, attempt, spec_.hold, drop_logprobs_, judge);
    const Held held = co_await hold->settle(scope_.client.gone);
    if (held == Held::whole) {
      answers_[answered] = {std::move(result.answer), std::move(hold)};
      co_return cascade_.called(Cascade::Called::held, answered);
    }
    if (held == Held::through) {
      failure_ = co_await deliver(scope_, response_, trail_, attempts, attempt, *hold, drop_logprobs_);
      co_return cascade_.called(Cascade::Called::sent, answered);
    }
    failure_ = std::move(*attempt.failure());
    if (held == Held::refused) {
      note(attempt.row(), false, std::nullopt, failure_->error.message);
      co_return cascade_.called(Cascade::Called::rejected, answered);
    }
  }
}

Async<Cascade::Step> CascadeRun::verify(std::size_t tier) {
  const TierAnswer& answer = answers_[tier];
  auto verdict = co_await verdict_on_all(trail_[answer.hold->row()]);
  note(answer.hold->row(), verdict.accept, verdict.score, std::move(verdict.reason));
  const bool possible = scope_.time_left() > std::chrono::milliseconds(0) && !scope_.client.gone.fired();
  co_return cascade_.verified(verdict.accept, possible);
}

// Every choice must be good enough. The score is that of the worst.
Async<Verdict> CascadeRun::verdict_on_all(const TrailRow& row) {
  Verdict out = co_await verdict_on(row.said);
  for (std::size_t i = 0; i < row.others.size() && out.accept; ++i) {
    Verdict next = co_await verdict_on(row.others[i]);
    if (next.score && out.score) next.score = std::min(*next.score, *out.score);
    if (!next.accept) next.reason.insert(0, "choice " + std::to_string(i + 2) + ": ");
    out = std::move(next);
  }
  co_return out;
}

Async<Verdict> CascadeRun::verdict_on(const Completion& answer) {
  const Answered answered{scope_.view, answer};
  const auto walk = scope_.policy.verifiers->start(answered);
  QuestionResult result;
  for (;;) {
    auto next = walk->next(result);
    if (auto* const verdict = std::get_if<Verdict>(&next)) co_return std::move(*verdict);
    const Question question = std::get<Question>(std::move(next));
    result = co_await ask(scope_, trail_, question, Purpose::verify);
  }
}

std::optional<Verdict> CascadeRun::verdict_on_beginning(const Completion& answer) const {
  if (verify::needs_the_end(spec_.verify)) return std::nullopt;
  const Answered answered{scope_.view, answer, false};
  auto next = scope_.policy.verifiers->start(answered)->next({});
  if (auto* const verdict = std::get_if<Verdict>(&next)) return std::move(*verdict);
  return std::nullopt;
}

Async<MaybeFailure> CascadeRun::release(std::size_t tier) {
  const Hold& held = *answers_[tier].hold;
  trail_[held.row()].record.end = AttemptEnd::completed;  // even if it was rejected: it is served
  const bool edits = scope_.request.form == WireForm::openai;
  const std::size_t hidden = edits ? scope_.policy.verifiers->not_for_client(held.said()) : 0;
  const auto given = co_await response_.release(scope_.request, held, hidden, drop_logprobs_);
  if (!given) co_return failure_of(given.error());
  co_return std::nullopt;
}

void CascadeRun::note(std::size_t row, bool accepted, std::optional<double> score, std::string reason) {
  AttemptRecord& record = trail_[row].record;
  if (!accepted) record.end = AttemptEnd::rejected;
  record.score = score;
  record.verdict = std::move(reason);
}

void CascadeRun::count() const {
  const Policy& policy = scope_.policy;
  const bool escalated = cascade_.escalations() > 0;
  (escalated ? policy.metrics.cascades_escalated : policy.metrics.cascades_accepted)->add();
  // An answer that was not judged says nothing about the cheap tier.
  if (forced_ || tiers_.size() < 2 || spec_.escalations_max == 0 || !policy.escalations->add(escalated)) return;
  log::warn("route '" + policy.spec->name + "'" + (policy.arm.empty() ? "" : ", " + std::string(policy.arm) + ",") +
            " escalates more than " + std::to_string(static_cast<int>(spec_.escalation_share * 100)) +
            " % of its requests: too many hard ones go to the cheap tier");
}

}  // namespace

Async<MaybeFailure> answer_by_cascade(const Scope& scope, Response& response, Trail& trail,
                                      const std::vector<Target>& targets, bool forced) {
  CascadeRun run(scope, response, trail, targets, forced);
  auto failed = co_await run.run();
  co_return failed;
}

}  // namespace triage
