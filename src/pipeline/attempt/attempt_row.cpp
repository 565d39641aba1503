// How an attempt's row ends: what the call used and cost, and what its end says about the deployment.
#include "answer/usage.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "text/text_shape.hpp"

namespace triage {

// With `billed`, an answer without usage is billed by estimate.
void Attempt::end_row(AttemptEnd end, Outcome outcome, bool billed) {
  row_ended_ = true;
  AttemptRecord& out = row_of().record;
  const LiveDeployment& deployment = *target().deployment;
  deployment.metrics.attempts[static_cast<std::size_t>(outcome)]->add();
  report(outcome);
  out.end = end;
  out.latency_ms = elapsed_ms(row_of().began, Clock::now());
  const auto reported = tally_.reported();
  note_service(reported);
  if (reported) {
    out.tokens = settled(*reported);
    out.usage_source = UsageSource::reported;
    out.provider_cost_nano_usd = reported->cost_nano_usd;
    if (end == AttemptEnd::completed) learn_speed();
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

// Reports the outcome to the deployment's breaker, and to that of its host, which only has to answer at all.
void Attempt::report(Outcome outcome) const {
  const LiveDeployment& deployment = *target().deployment;
  const auto now = Breaker::Clock::now();
  const bool hurried = failure_ && hurried_by_client(failure_->code());
  deployment.breaker->with([&](Breaker& breaker) {
    if (failure_ && failure_->retry_after) {
      if (failure_->asked)
        breaker.rest(now, *failure_->retry_after);
      else
        breaker.cool_until(now + *failure_->retry_after);
      breaker.ended(now);
    } else if (hurried || outcome == Outcome::cancelled || outcome == Outcome::gateway_error) {
      breaker.ended(now);
    } else if (outcome == Outcome::upstream_error) {
      breaker.failed(now);
    } else {
      breaker.succeeded(now);
    }
  });
  deployment.origin->with([&](Breaker& breaker) {
    if (row_of().record.status != 0)
      breaker.succeeded(now);
    else if (!hurried && failure_ && failure_->no_head)
      breaker.failed(now);
    else
      breaker.ended(now);
  });
}

// Whether the client's own timeout cut it, sooner than the route's would have. That says nothing about the deployment.
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

// Of an answer that was cut off: the tokens that came. A whole answer comes when all of it is generated, so for one
// that has not come it is what may have been generated until now.
std::int64_t Attempt::written_estimate() const {
  const std::int64_t came = tally_.output_estimate();
  if (request_.stream || came > 0 || request_.api == Api::embeddings) return came;
  const std::int64_t written = target().deployment->speed->tokens_in(Clock::now() - row_of().began);
  const RequestOutline& asked = request_.outline;
  return asked.max_tokens ? std::min(written, std::max<std::int64_t>(0, *asked.max_tokens)) * asked.choices
                          : written * asked.choices;
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
  if (out.tokens.output == 0)
    fill(out.tokens.output, out.end == AttemptEnd::completed ? tally_.output_estimate() : written_estimate());
}

// Records what the call is billed for besides its tokens, and the service tier.
void Attempt::note_service(const std::optional<UsageReport>& reported) {
  AttemptRecord& out = row_of().record;
  Extras& extras = row_of().extras;
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

std::int64_t Attempt::input_estimate() const {
  if (!own_words_) return scope_.view.tokens_all();
  TextShape shape;
  count_text(request_.body, shape);
  return estimate_tokens(shape);
}

}  // namespace triage
