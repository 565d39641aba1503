#include "pipeline/attempt.hpp"

#include "pipeline/request_log.hpp"
#include "text/text_shape.hpp"

#include <ctime>

namespace triage {
namespace {

using std::chrono::milliseconds;
using Clock = RequestRecord::Clock;

constexpr milliseconds pause_after_429{1'000};  // when a provider does not say how long
constexpr milliseconds head_within{100};        // a stream's head waits that long for its first event

bool is_event_stream(const ResponseHead& head) {
  const auto type = find_field(head.fields, "content-type");
  constexpr std::string_view wanted = "text/event-stream";
  return type && type->size() >= wanted.size() && iequals(type->substr(0, wanted.size()), wanted);
}

Outcome outcome_of_failure(const AttemptFailure& failure) {
  if (failure.reply) return failure.what.remedy == Remedy::none ? Outcome::client_error : Outcome::upstream_error;
  return outcome_of(failure.error);
}

// Keeps the deployment's breaker.
void report(const LiveDeployment& deployment, Outcome outcome, std::optional<milliseconds> asked_for) {
  const auto now = Breaker::Clock::now();
  deployment.breaker->with([&](Breaker& breaker) {
    if (asked_for) {
      breaker.cool_until(now + *asked_for);
      breaker.ended(now);
    } else if (outcome == Outcome::ok || outcome == Outcome::client_error) {
      breaker.succeeded(now);
    } else if (outcome == Outcome::upstream_error) {
      breaker.failed(now);
    } else {
      breaker.ended(now);
    }
  });
}

// Whether a call that failed like this may have cost something although nobody says what.
bool may_be_billed(const Error& error, std::int64_t written) noexcept {
  switch (error.code) {
    case ErrorCode::upstream_unreachable:
    case ErrorCode::upstream_tls_failed:
    case ErrorCode::upstream_connect_timeout: return false;
    case ErrorCode::upstream_error:
    case ErrorCode::upstream_bad_response: return written > 0;
    default: return true;
  }
}

// An answer whose first piece was read before it is relayed.
class ReadAhead final : public Reply {
 public:
  ReadAhead(std::unique_ptr<Reply> inner, Result<std::string_view> first)
      : inner_(std::move(inner)), first_(std::move(first)) {}
  [[nodiscard]] const ResponseHead& head() const noexcept override { return inner_->head(); }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override {
    return inner_->content_length();
  }
  Async<Result<std::string_view>> next() override {
    if (!first_) co_return co_await inner_->next();
    const Result<std::string_view> first = *first_;
    first_.reset();
    co_return first;
  }

 private:
  std::unique_ptr<Reply> inner_;
  std::optional<Result<std::string_view>> first_;
};

}  // namespace

void promise_stream(Context& context, const Target& target, bool final_choice, milliseconds within) {
  ResponseHead head;
  if (final_choice) {
    add_triage_fields(head.fields, target);
  } else if (target.route != nullptr) {
    head.fields.push_back({"x-triage-route", target.route->spec->name});
  }
  head.fields.push_back({"content-type", "text/event-stream; charset=utf-8"});
  head.fields.push_back({"cache-control", "no-cache"});
  context.exchange.keep_alive(std::move(head), within, context.snapshot.spec.limits.silence);
}

Attempt::Attempt(Context& context, const ApiRequest& request, AnswerOut& out, const Target& target, AttemptCause cause,
                 Purpose purpose)
    : context_(context),
      request_(request),
      out_(out),
      target_(target),
      purpose_(purpose),
      row_(begin_row(context, target, cause, purpose)),
      began_(Clock::now()),
      encoded_(target.deployment->dialect->encode(request, context.exchange.head(), *target.deployment->spec,
                                                  *target.deployment->provider)) {
  target_.attempt = static_cast<std::uint32_t>(row_ + 1);
  target_.deployment->breaker->with([this](Breaker& breaker) { breaker.began(began_); });
}

Attempt::~Attempt() {
  if (ended_) return;
  RowEnd row;
  row.end = AttemptEnd::cancelled;
  row.written = seen.output_estimate;
  end(row, Outcome::cancelled);
}

Async<void> Attempt::open(const CallTimeouts& timeouts, bool final_choice, bool read_ahead) {
  final_choice_ = final_choice && out_.direct();
  if (request_.stream) promise_stream(context_, target_, final_choice_, context_.snapshot.spec.limits.silence);
  AttemptFailure failure;
  auto sent = co_await context_.upstream.send(*target_.deployment->provider, encoded_.call, timeouts, cancellation_);
  if (!sent) {
    failure.error = sent.error();
    failure.what.remedy = remedy_for(failure.error);
    co_return fail(std::move(failure));
  }
  reply_ = std::move(*sent);
  opened_ = Clock::now();
  const ResponseHead& head = reply_->head();
  row().status = head.status;
  if (head.status >= 300) {
    failure.reply = co_await read_error(target_, *reply_);
    failure.what.remedy = remedy_for_status(head.status, failure.reply->body);
    failure.what.retry_after = asked_pause(head.fields, std::time(nullptr));
    if (head.status == 429 && !failure.what.retry_after) failure.what.retry_after = pause_after_429;
    if (head.status != 429 && head.status != 503) failure.what.retry_after.reset();
    co_return fail(std::move(failure));
  }
  if (!read_ahead) co_return;
  auto first = co_await reply_->next();
  opened_ = Clock::now();
  if (first || !cancellation_.fired()) {
    reply_ = std::make_unique<ReadAhead>(std::move(reply_), std::move(first));
    co_return;
  }
  failure.error = first.error();
  fail(std::move(failure));
}

Async<void> Attempt::deliver() {
  if (purpose_ == Purpose::answer) {
    if (!context_.answering) context_.record.answered = opened_;
    context_.record.asked = target_;
  }
  Result<void> relayed;
  if (request_.stream && is_event_stream(reply_->head())) {
    promise_stream(context_, target_, final_choice_, head_within);
    relayed = co_await relay_stream(*this);
  } else {
    relayed = co_await relay_whole(*this);
  }
  if (relayed) co_return;
  AttemptFailure failure;
  failure.error = relayed.error();
  failure.what.remedy = remedy_for(failure.error);
  fail(std::move(failure));
}

void Attempt::answer_begins() {
  const auto time = (request_.stream ? Clock::now() : opened_) - began_;
  row().ttft_ms = std::chrono::duration<double, std::milli>(time).count();
  target_.deployment->first_byte_times->add(request_.stream,
                                            std::chrono::duration_cast<FirstByteTimes::Duration>(time));
}

void Attempt::complete() {
  RowEnd row;
  row.reported = seen.usage;
  row.written = seen.output_estimate;
  end(row, Outcome::ok);
  if (purpose_ != Purpose::answer) return;
  context_.record.status = reply_->head().status;
  context_.record.finish_reason = seen.finish_reason;
}

void Attempt::fail(AttemptFailure failure) {
  failure_ = std::move(failure);
  if (ended_) return;  // the answer was whole; only its way to the client failed
  RowEnd row;
  const ErrorCode code = failure_->reply ? ErrorCode::upstream_error : failure_->error.code;
  row.end = code == ErrorCode::client_gone          ? AttemptEnd::cancelled
            : code == ErrorCode::answer_rejected    ? AttemptEnd::rejected
            : code == ErrorCode::upstream_truncated ? AttemptEnd::truncated
                                                    : AttemptEnd::failed;
  row.error = traits(code).name;
  row.reported = seen.usage;
  if (!failure_->reply && may_be_billed(failure_->error, seen.output_estimate)) row.written = seen.output_estimate;
  const bool rejected = code == ErrorCode::answer_rejected;
  end(row, rejected ? Outcome::ok : outcome_of_failure(*failure_));
  if (code == ErrorCode::client_gone || rejected) return;
  const std::string why =
      failure_->reply ? "status " + std::to_string(failure_->reply->status) : failure_->error.message;
  log_failed_attempt(context_, row_, why);
}

void Attempt::end(RowEnd row, Outcome outcome) {
  ended_ = true;
  const bool own_words = purpose_ != Purpose::answer || context_.record.continued > 0;
  if (own_words && !row.reported && row.written) {
    TextShape shape;
    count_text(request_.body, shape);
    row.asked = estimate_tokens(shape);
  }
  target_.deployment->metrics.attempts[static_cast<std::size_t>(outcome)]->add();
  report(*target_.deployment, outcome, failure_ ? failure_->what.retry_after : std::nullopt);
  end_row(context_, row_, *target_.deployment, row);
}

}  // namespace triage
