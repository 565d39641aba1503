// How an attempt ends: its row of the trail, its bill, and what its deployment's breakers learn from it.
#include "answer/usage.hpp"
#include "openai/error_body.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "pipeline/outcome/request_log.hpp"
#include "text/text_shape.hpp"

namespace triage {
namespace {

using std::chrono::milliseconds;

// Whether a failed call like this may have cost something although nobody reports it.
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

AttemptEnd end_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::client_gone:
    case ErrorCode::shutting_down: return AttemptEnd::cancelled;
    case ErrorCode::answer_rejected: return AttemptEnd::rejected;
    case ErrorCode::upstream_truncated: return AttemptEnd::truncated;
    default: return AttemptEnd::failed;
  }
}

}  // namespace

void report(const LiveDeployment& deployment, const CallEnd& end) {
  const auto now = Breaker::Clock::now();
  deployment.breaker->with([&](Breaker& breaker) {
    if (end.retry_after) {
      if (end.asked)
        breaker.rest(now, *end.retry_after);
      else
        breaker.cool_until(now + *end.retry_after);
      breaker.ended(now);
    } else if (end.hurried || end.outcome == Outcome::cancelled || end.outcome == Outcome::gateway_error) {
      breaker.ended(now);
    } else if (end.outcome == Outcome::upstream_error) {
      breaker.failed(now);
    } else {
      breaker.succeeded(now);
    }
  });
  deployment.origin->with([&](Breaker& breaker) {
    if (end.head)
      breaker.succeeded(now);
    else if (!end.hurried && end.no_head)
      breaker.failed(now);
    else
      breaker.ended(now);
  });
}

void Attempt::fail(Failure failure) {
  failure_ = std::move(failure);
  rest_key();
  if (failure_->code() == ErrorCode::client_gone && scope_.client.gone.fired())
    failure_->error = given_up(scope_.client.gone, std::move(failure_->error.message));
  if (row_ended_) return;
  const ErrorCode code = failure_->code();
  row_of().record.error = traits(code).name;
  const bool billed = !failure_->reply && may_be_billed(failure_->error, tally_.output_estimate());
  const bool rejected = code == ErrorCode::answer_rejected;
  failure_->no_head = row_of().record.status == 0 && outcome_of(code) == Outcome::upstream_error;
  const Outcome outcome = rejected                                              ? Outcome::ok
                          : failure_->refused != 0 || failure_->no_form         ? Outcome::client_error
                          : failure_->other_key                                 ? Outcome::upstream_error
                          : failure_->reply && failure_->remedy == Remedy::none ? Outcome::client_error
                          : failure_->reply                                     ? Outcome::upstream_error
                                                                                : outcome_of(code);
  end_row(end_of(code), outcome, billed);
  if (end_of(code) == AttemptEnd::cancelled || rejected) return;
  log_failed_attempt(scope_.snapshot, scope_.client.id, trail_, row_,
                     failure_->reply ? "status " + std::to_string(failure_->reply->status) : failure_->error.message);
}

// With `billed`, an answer without usage is billed by estimate.
void Attempt::end_row(AttemptEnd end, Outcome outcome, bool billed) {
  row_ended_ = true;
  AttemptRecord& out = row_of().record;
  const LiveDeployment& deployment = *target().deployment;
  deployment.metrics.attempts[static_cast<std::size_t>(outcome)]->add();
  report_end(outcome);
  out.end = end;
  out.latency_ms = elapsed_ms(row_of().began, Clock::now());
  const auto reported = tally_.reported();
  note_service(reported);
  if (reported) {
    out.tokens = settled(*reported);
    out.usage_source = UsageSource::reported;
    if (end == AttemptEnd::completed) learn_speed();
    out.provider_cost_nano_usd = reported->cost_nano_usd;
  } else if (!billed) {
    out.cost_nano_usd = 0;
    return;
  }
  if (billed) estimate_missing(out);
  if (row_of().extras.searches > 0) out.searches = row_of().extras.searches;
  deployment.metrics.count(out.tokens);
  out.cost_nano_usd = cost_nano_usd(deployment.spec->price, out.tokens, row_of().extras);
  if (out.provider_cost_nano_usd && (!out.cost_nano_usd || out.usage_source == UsageSource::estimated)) {
    out.cost_nano_usd = out.provider_cost_nano_usd;
    out.cost_source = "provider";
  }
  if (out.cost_nano_usd)
    deployment.metrics.cost_nano_usd->add(*out.cost_nano_usd);
  else
    deployment.metrics.unknown_prices->add();
}

// Estimates the counts that were not reported, or were reported as 0 although there is text.
void Attempt::estimate_missing(AttemptRecord& out) const {
  const auto fill = [&out](std::int64_t& count, std::int64_t estimate) {
    if (estimate == 0) return;
    count = estimate;
    out.usage_source = UsageSource::estimated;
  };
  if (out.usage_source == UsageSource::none) out.usage_source = UsageSource::estimated;
  if (out.tokens.input == 0) fill(out.tokens.input, input_estimate());
  const bool whole = out.end == AttemptEnd::completed;
  if (out.tokens.output == 0) fill(out.tokens.output, whole ? tally_.output_estimate() : written_estimate());
}

// Records what the call is billed for besides its tokens, and the service tier.
void Attempt::note_service(const std::optional<UsageReport>& reported) {
  AttemptRecord& out = row_of().record;
  Extras& extras = row_of().extras;
  if (!translates())
    out.service_tier_asked = request_.at(request_.service_tier).substr(0, AnswerTally::service_tier_bytes_max);
  out.service_tier = tally_.service_tier().empty() ? out.service_tier_asked : tally_.service_tier();
  extras.service_tier = out.service_tier;
  extras.images = scope_.view.images;
  extras.search_size = request_.outline.search_size;
  if (reported) {
    extras.searches = reported->searches;
    extras.unpriced = reported->unpriced;
    if (reported->search_size) extras.search_size = reported->search_size;
  }
  const SearchCharges& charges = row_of().target.deployment->spec->price.search;
  const bool searched =
      request_.outline.search || (reported && reported->search_size) || (tally_.cites() && charges != SearchCharges());
  if (extras.searches == 0 && searched) extras.searches = 1;
  if (unread_) extras.unpriced = 1;
}

// If all of them rest now, so does the deployment that is asked with them.
void Attempt::rest_key() {
  KeyRing* const keys = target().deployment->keys;
  const int told = row_of().record.status;
  const int status = told >= 300 ? told : failure_->error.status;  // or an error in the place of an answer has it
  if (keys == nullptr || row_ended_ || !is_about_key(status)) return;
  const milliseconds asked = failure_->asked ? failure_->retry_after.value_or(milliseconds(0)) : milliseconds(0);
  const milliseconds left = keys->refused(key_, status, asked, Clock::now());
  failure_->other_key = left <= milliseconds(0);
  if (failure_->other_key)
    failure_->retry_after.reset();
  else if (failure_->retry_after)
    failure_->retry_after = left;
}

void Attempt::report_end(Outcome outcome) const {
  CallEnd end;
  end.outcome = outcome;
  end.head = row_of().record.status != 0;
  if (failure_) {
    end.retry_after = failure_->retry_after;
    end.asked = failure_->asked;
    end.hurried = failure_->other_key || hurried_by_client(failure_->code());
    end.no_head = failure_->no_head;
  }
  report(*target().deployment, end);
}

// It was cut sooner than the route says because of the client's own time-out: that says nothing of the deployment.
bool Attempt::hurried_by_client(ErrorCode code) const noexcept {
  if (!scope_.client.hurried) return false;
  const TimeoutsSpec& spec = scope_.policy.spec->timeouts;
  const CallTimeouts patient = timeouts_within(spec, spec.total, request_.stream);
  const auto waited = Clock::now() - row_of().began;
  switch (code) {
    case ErrorCode::upstream_connect_timeout: return waited < patient.connect;
    case ErrorCode::upstream_first_byte_timeout: return waited < (late_ ? patient.first_event : patient.first_byte);
    case ErrorCode::upstream_total_timeout: return waited < patient.total;
    default: return false;
  }
}

void Attempt::learn_speed() const {
  target().deployment->speed->add(row_of().record.tokens.output, Clock::now() - row_of().began);
}

// Of an answer that was cut off: what came of it; of a whole one, which comes when all of it is made, what may have
// been written until then.
std::int64_t Attempt::written_estimate() const {
  const std::int64_t came = tally_.output_estimate();
  if (request_.stream || came > 0 || request_.api == Api::embeddings) return came;
  const std::int64_t written = target().deployment->speed->tokens_in(Clock::now() - row_of().began);
  const RequestOutline& asked = request_.outline;
  return asked.max_tokens ? std::min(written, std::max<std::int64_t>(0, *asked.max_tokens)) * asked.choices
                          : written * asked.choices;
}

std::int64_t Attempt::input_estimate() const {
  if (!own_words_) return scope_.view.tokens_all();
  TextShape shape;
  count_text(request_.body, shape);
  return estimate_tokens(shape);
}

}  // namespace triage
