// Performs what Cascade says: asks the tiers of the plan, holds their answers back, has them verified, gives the client
// one of them.
#include "pipeline/cascade.hpp"

#include "base/log.hpp"
#include "openai/request_body.hpp"
#include "openai/request_edit.hpp"
#include "pipeline/ask.hpp"
#include "pipeline/attempt.hpp"
#include "pipeline/held_answer.hpp"
#include "pipeline/rescue.hpp"

#include <algorithm>

namespace triage {
namespace {

using std::chrono::milliseconds;
using Clock = RequestRecord::Clock;

// The client's request, changed as verifiers want it.
struct EditedRequest {
  Buffer bytes;
  std::optional<ApiRequest> request;  // absent: it cannot be changed
};

// What a stage has answered, and what the record is told of it if the client gets it.
struct StageAnswer {
  std::unique_ptr<HeldOut> out;
  Target asked;
  std::string finish_reason;
};

std::vector<std::string_view> stages_of(const std::vector<Target>& targets) {
  std::vector<std::string_view> out;
  for (const Target& target : targets)
    if (std::ranges::find(out, target.tier) == out.end()) out.push_back(target.tier);
  return out;
}

class CascadeRun final : public AnswerPath {
 public:
  CascadeRun(Context& context, const ApiRequest& request, const LiveRoute& route, const std::vector<Target>& targets,
             bool forced)
      : context_(context),
        request_(request),
        route_(route),
        spec_(*route.spec->cascade),
        targets_(targets),
        stages_(stages_of(targets)),
        forced_(forced),
        cascade_(stages_.size(), spec_.escalations_max, forced),
        client_(context),
        rescue_(make_rescue(context, client_, request, &route)),
        answers_(stages_.size()) {
    route.verifiers->prepare(changes_);
    drop_logprobs_ = changes_.logprobs && !request.outline.logprobs;
  }

  const ApiRequest& request(const Target& target) override;
  AnswerOut& out(const Target& target) override;
  RescuingOut* rescue() noexcept override { return rescue_.get(); }
  Async<Result<void>> run();

 private:
  [[nodiscard]] std::size_t stage_of(const Target& target) const {
    return static_cast<std::size_t>(std::ranges::find(stages_, target.tier) - stages_.begin());
  }
  [[nodiscard]] bool goes_straight(std::size_t stage) const {
    return !cascade_.holds(stage) || (request_.stream && spec_.hold.mode == "none");
  }
  const ApiRequest& edited(bool logprobs);
  [[nodiscard]] milliseconds left() const { return time_left(context_, route_.spec->timeouts); }
  Async<Cascade::Step> call(std::size_t stage);
  Async<Cascade::Step> verify(std::size_t stage);
  Async<Verdict> verdict_on(const Completion& answer);
  std::optional<Verdict> verdict_on_beginning(const Completion& answer) const;
  Async<Result<void>> give(std::size_t stage);
  void note(const Target& asked, bool accepted, std::optional<double> score, std::string reason);
  void count() const;

  Context& context_;
  const ApiRequest& request_;
  const LiveRoute& route_;
  const CascadeSpec& spec_;
  const std::vector<Target>& targets_;
  std::vector<std::string_view> stages_;
  bool forced_;
  Cascade cascade_;
  CallChanges changes_;
  bool drop_logprobs_ = false;  // asked for by us alone
  EditedRequest edited_[2];     // without log-probabilities, and with them
  ClientOut client_;
  std::unique_ptr<RescuingOut> rescue_;  // before it; null: off
  std::vector<StageAnswer> answers_;     // by stage
  std::optional<AttemptFailure> failure_;
};

const ApiRequest& CascadeRun::request(const Target& target) {
  if (goes_straight(stage_of(target))) return request_;
  const auto& able = target.deployment->spec->capabilities;
  const bool logprobs = drop_logprobs_ && (!able || std::ranges::find(*able, "logprobs") != able->end());
  return changes_.instruction.empty() && !logprobs ? request_ : edited(logprobs);
}

const ApiRequest& CascadeRun::edited(bool logprobs) {
  EditedRequest& edit = edited_[logprobs ? 1 : 0];
  if (edit.bytes.empty()) {
    edit.bytes.append(edited_request(request_, changes_.instruction, logprobs));
    const auto parsed = parse_request_body(request_.api, edit.bytes.view(), context_.snapshot.spec.limits.body_depth);
    if (parsed) edit.request = *parsed;
  }
  return edit.request ? *edit.request : request_;
}

AnswerOut& CascadeRun::out(const Target& target) {
  const std::size_t stage = stage_of(target);
  AnswerOut& client = rescue_ ? static_cast<AnswerOut&>(*rescue_) : client_;
  if (goes_straight(stage)) return client;
  auto& out = answers_[stage].out;
  if (!out)
    out = std::make_unique<HeldOut>(context_, client, spec_.hold, drop_logprobs_,
                                    [this](const Completion& answer) { return verdict_on_beginning(answer); });
  return *out;
}

Async<Result<void>> CascadeRun::run() {
  Cascade::Step step = cascade_.start();
  for (;;) {
    if (step.act == Cascade::Act::call) {
      step = co_await call(step.stage);
    } else if (step.act == Cascade::Act::verify) {
      step = co_await verify(step.stage);
    } else {
      break;
    }
  }
  if (context_.exchange.gone().fired() && !context_.answering)
    co_return Error{ErrorCode::client_gone, "the client left before it had an answer"};
  if (step.act != Cascade::Act::fail) count();
  if (step.act == Cascade::Act::release) {
    const auto given = co_await give(step.stage);
    co_return given;
  }
  if (!failure_) co_return Result<void>();
  const auto told = co_await give_up(context_, *failure_);
  co_return told;
}

Async<Cascade::Step> CascadeRun::call(std::size_t stage) {
  const auto from = std::ranges::find(targets_, stages_[stage], &Target::tier);
  const std::vector<Target> targets(from, targets_.end());
  const auto cause = cascade_.escalations() > 0 ? AttemptCause::escalation : AttemptCause::first;
  failure_ = co_await try_targets(context_, *this, &route_, targets, cause);
  const std::size_t answered = stage_of(context_.record.asked);
  StageAnswer& answer = answers_[answered];
  answer.asked = context_.record.asked;
  answer.finish_reason = context_.record.finish_reason;
  if (context_.answering) co_return cascade_.called(Cascade::Called::sent, answered);
  if (context_.exchange.gone().fired()) co_return Cascade::Step{Cascade::Act::fail, answered};
  if (!failure_) co_return cascade_.called(Cascade::Called::held, answered);
  if (failure_->error.code != ErrorCode::answer_rejected) co_return cascade_.called(Cascade::Called::failed, answered);
  note(answer.asked, false, std::nullopt, answer.out->refused());
  co_return cascade_.called(Cascade::Called::rejected, answered);
}

Async<Cascade::Step> CascadeRun::verify(std::size_t stage) {
  const StageAnswer& answer = answers_[stage];
  auto verdict = co_await verdict_on(answer.out->held()->completion);
  note(answer.asked, verdict.accept, verdict.score, std::move(verdict.reason));
  const bool possible = left() > milliseconds(0) && !context_.exchange.gone().fired();
  co_return cascade_.verified(verdict.accept, possible);
}

Async<Verdict> CascadeRun::verdict_on(const Completion& answer) {
  const Answered answered{request_, *context_.record.features, answer};
  const auto walk = route_.verifiers->start(answered);
  std::optional<Completion> reply;
  for (;;) {
    auto next = walk->next(reply ? &*reply : nullptr);
    if (auto* const verdict = std::get_if<Verdict>(&next)) co_return std::move(*verdict);
    const Question question = std::get<Question>(std::move(next));
    reply = co_await ask(context_, question, Purpose::verify, left());
  }
}

std::optional<Verdict> CascadeRun::verdict_on_beginning(const Completion& answer) const {
  if (needs_the_end(spec_.verify)) return std::nullopt;
  const Answered answered{request_, *context_.record.features, answer, false};
  auto next = route_.verifiers->start(answered)->next(nullptr);
  if (auto* const verdict = std::get_if<Verdict>(&next)) return std::move(*verdict);
  return std::nullopt;
}

Async<Result<void>> CascadeRun::give(std::size_t stage) {
  const StageAnswer& answer = answers_[stage];
  const HeldAnswer& held = *answer.out->held();
  RequestRecord& record = context_.record;
  record.asked = answer.asked;
  record.status = held.status;
  record.finish_reason = answer.finish_reason;
  record.attempts[answer.asked.attempt - 1].end = AttemptEnd::completed;  // also one that was rejected: it is served
  const auto given =
      co_await release(context_, client_, held, route_.verifiers->not_for_client(held.completion), drop_logprobs_);
  co_return given;
}

void CascadeRun::note(const Target& asked, bool accepted, std::optional<double> score, std::string reason) {
  AttemptRecord& row = context_.record.attempts[asked.attempt - 1];
  if (!accepted) row.end = AttemptEnd::rejected;
  row.score = score;
  row.verdict = std::move(reason);
}

void CascadeRun::count() const {
  const bool escalated = cascade_.escalations() > 0;
  (escalated ? route_.metrics.cascades_escalated : route_.metrics.cascades_accepted)->add();
  // What was not judged says nothing about the cheap tier.
  if (forced_ || stages_.size() < 2 || spec_.escalations_max == 0 || !route_.escalations->add(escalated)) return;
  log::warn("route '" + route_.spec->name + "' escalates more than " +
            std::to_string(static_cast<int>(spec_.escalation_share * 100)) +
            " % of its requests: too many hard ones go to the cheap tier");
}

enum class Wish : std::uint8_t { none, off, force };

Wish wish_of(const Context& context) {
  const auto field = find_field(context.exchange.head().fields, "x-triage-cascade");
  if (!field || !may_set(context.key, "cascade")) return Wish::none;
  return iequals(*field, "off") ? Wish::off : iequals(*field, "force") ? Wish::force : Wish::none;
}

}  // namespace

Async<Result<void>> answer(Context& context, const ApiRequest& request, const LiveRoute* route,
                           const std::vector<Target>& targets) {
  const Wish wish = route != nullptr && route->verifiers ? wish_of(context) : Wish::off;
  if (wish == Wish::off || request.api == Api::embeddings) {
    const auto answered = co_await attempts(context, request, route, targets);
    co_return answered;
  }
  // With no memory left to hold an answer in, the stronger tier is asked at once.
  CascadeRun run(context, request, *route, targets, wish == Wish::force || !room_to_hold(context.snapshot));
  const auto answered = co_await run.run();
  co_return answered;
}

}  // namespace triage
