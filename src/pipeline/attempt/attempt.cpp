// A stream ends in one of three ways:
//
//   the provider's end marker              it is complete
//   every choice said why it finished      it is complete, however the connection ended
//   anything else                          it was cut off
#include "pipeline/attempt/attempt.hpp"

#include "answer/completion.hpp"
#include "answer/usage.hpp"
#include "http1/content_decoder.hpp"
#include "openai/error_body.hpp"
#include "pipeline/attempt/decoded_reply.hpp"
#include "pipeline/attempt/read_ahead.hpp"
#include "pipeline/attempt/whole_body.hpp"
#include "pipeline/outcome/request_log.hpp"
#include "text/text_shape.hpp"

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds grace{10'000};  // between events after the last finish_reason: usage, the end marker
constexpr milliseconds drain_within{500};

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

// The failure of a stream in a content coding that cannot be decoded.
Failure unreadable(const ResponseHead& head) {
  const std::string coding(find_field(head.fields, "content-encoding").value_or("").substr(0, 40));
  Failure out = failure_of(
      {ErrorCode::upstream_bad_response,
       "the provider's stream has a Content-Encoding that was not asked for and cannot be decoded: " + coding});
  out.remedy = Remedy::elsewhere;
  return out;
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

Attempt::Attempt(const Scope& scope, Trail& trail, const AttemptCall& call)
    : scope_(scope),
      trail_(trail),
      request_(call.request),
      row_(trail.begin(call.target, call.cause, call.purpose)),
      own_words_(call.own_words),
      said_max_(call.said_max),
      hang_up_(scope.services.deadlines, [this] { cancel(); }) {
  target().deployment->breaker->with([this](Breaker& breaker) { breaker.began(row_of().began); });
}

Attempt::~Attempt() {
  if (!row_ended_) end_row(AttemptEnd::cancelled, Outcome::cancelled, true);
}

Async<void> Attempt::open(const CallTimeouts& timeouts, bool read_ahead) {
  const LiveDeployment& deployment = *target().deployment;
  auto encoded = deployment.dialect->encode(request_, scope_.client.head, *deployment.spec, *deployment.provider,
                                            std::chrono::system_clock::now());
  if (!encoded) co_return fail(failure_of(encoded.error()));
  encoded_ = std::move(*encoded);
  auto sent = co_await scope_.services.upstream.send(*deployment.provider, encoded_.call, timeouts, cancellation_);
  if (!sent) co_return fail(failure_of(sent.error()));
  reply_ = decoded(std::move(*sent));
  opened_ = Clock::now();
  row_of().record.status = reply_->head().status;
  if (reply_->head().status >= 300) {
    Failure failure = co_await read_failure(target(), *reply_);
    co_return fail(std::move(failure));
  }
  row_of().answered = opened_;
  unread_ = content_coding(reply_->head().fields) == ContentCoding::unknown;
  if (unread_ && request_.stream) co_return fail(unreadable(reply_->head()));
  if (!read_ahead) co_return;
  auto first = co_await reply_->next();
  row_of().answered = opened_ = Clock::now();
  if (!first && cancellation_.fired()) co_return fail(failure_of(first.error()));
  reply_ = std::make_unique<ReadAhead>(std::move(reply_), std::move(first));
}

Async<void> Attempt::begin() {
  if (!request_.stream) return begin_whole();
  return target().deployment->dialect->is_stream(reply_->head()) ? begin_stream() : begin_undeclared();
}

// A stream was asked for, but the head does not declare one: the first bytes decide.
Async<void> Attempt::begin_undeclared() {
  auto first = co_await reply_->next();
  const bool events =
      first && (first->starts_with("data:") || first->starts_with("event:") || first->starts_with(": "));
  reply_ = std::make_unique<ReadAhead>(std::move(reply_), std::move(first));
  if (events)
    co_await begin_stream();
  else
    co_await begin_whole();
}

Async<void> Attempt::begin_stream() {
  decoder_ = target().deployment->dialect->decoder(request_, scope_.snapshot.spec.limits.event.bytes);
  for (;;) {
    const auto event = next();
    if (!event) co_return;
    if (*event != nullptr) {
      first_ = *event;
      co_return answer_begins();
    }
    const auto waited = co_await wait();
    if (!waited) co_return;
  }
}

Async<void> Attempt::begin_whole() {
  const auto body = co_await read_whole(*reply_, scope_.snapshot.spec.limits.reply.bytes, storage_);
  if (!body) {
    if (body.error().code == ErrorCode::upstream_too_large) scope_.snapshot.reply_hits->add();
    co_return fail(failure_of(body.error()));
  }
  row_of().answered = Clock::now();
  const auto type = find_field(reply_->head().fields, "content-type").value_or("");
  auto defect = target().deployment->dialect->decode_whole(type, *body, whole_);
  tally_.add_whole(whole_);
  note(whole_);
  if (defect && !unread_) {
    broke(std::move(*defect));
    co_return;
  }
  first_ = &whole_;
  given_ = true;
  answer_begins();
  finish();
}

void Attempt::answer_begins() {
  const LiveDeployment& deployment = *target().deployment;
  const auto time = (request_.stream ? Clock::now() : opened_) - row_of().began;
  row_of().record.ttft_ms = std::chrono::duration<double, std::milli>(time).count();
  deployment.first_byte_times->add(request_.stream, std::chrono::duration_cast<FirstByteTimes::Duration>(time));
}

Result<const AnswerEvent*> Attempt::next() {
  if (first_ != nullptr) return std::exchange(first_, nullptr);
  while (!ended_ && decoder_ != nullptr) {
    const auto event = decoder_->next();
    if (!event) return broke(event.error());
    if (*event == nullptr) {
      if (!decoder_->ended() && !body_ended_) return nullptr;
      if (auto error = missing()) return broke(std::move(*error));
      finish();
      break;
    }
    take(**event);
    if ((*event)->only_usage && !request_.include_usage) continue;
    given_ = true;
    return event;
  }
  return nullptr;
}

Async<Result<void>> Attempt::wait() {
  const auto piece = co_await reply_->next();
  if (!piece) {
    // Cut, or closed by us for being slow: no harm done once the answer is complete.
    if (!complete() || scope_.client.gone.fired()) co_return broke(piece.error());
    body_ended_ = true;
  } else if (piece->empty()) {
    decoder_->end();
    body_ended_ = true;
  } else {
    decoder_->feed(*piece);
  }
  row_of().answered = Clock::now();
  co_return Result<void>();
}

Async<void> Attempt::drain() {
  if (decoder_ == nullptr) {
    if (storage_.empty()) co_await reply_->next();
    co_return;
  }
  hang_up_.set_in(drain_within);
  for (;;) {
    const auto rest = co_await reply_->next();
    if (!rest || rest->empty()) break;
  }
  hang_up_.clear();
}

void Attempt::take(const AnswerEvent& event) {
  tally_.add(event);
  note(event);
  if (complete()) hang_up_.set_in(grace);
}

void Attempt::note(const AnswerEvent& event) {
  if (said_max_ == 0) return;
  TrailRow& row = row_of();
  if (row.said.text.size() <= said_max_)
    add_to_completion(event, row.said);
  else
    trace_.plain = false;
  trace_.role = trace_.role || event.role;
  trace_.logprobs = trace_.logprobs || event.says_logprobs;
  for (const AnswerChoice& choice : event.choices)
    if (!choice.finish_reason.empty()) trace_.plain = false;
  if (event.acts || event.more) trace_.plain = false;
  if (event.choices.empty() || !trace_.identity.id.empty()) return;
  const AnswerIdentity& said = event.identity;
  trace_.identity = {std::string(said.id), std::string(said.created), std::string(said.model)};
}

// Whether all of the requested stream has come, whatever may follow it.
bool Attempt::complete() const noexcept {
  return tally_.complete() && tally_.choices() >= request_.outline.choices;
}

// Why a stream that is over is not a complete answer.
std::optional<Error> Attempt::missing() const {
  if (!decoder_->ended() && !complete())
    return Error{ErrorCode::upstream_truncated, "the provider's stream ended before its answer did"};
  if (!given_) return Error{ErrorCode::upstream_bad_response, "the provider's stream ended before its first event"};
  return std::nullopt;
}

Error Attempt::broke(Error error) {
  if (error.code == ErrorCode::upstream_too_large) scope_.snapshot.event_hits->add();
  mask(error.message, secrets_of(*target().deployment->provider));
  fail(error.status != 0 ? reported_failure(target(), error) : failure_of(error));
  return error;
}

void Attempt::finish() {
  ended_ = true;
  hang_up_.clear();
  row_of().finish_reason = tally_.finish_reason();
  end_row(AttemptEnd::completed, Outcome::ok, true);
}

void Attempt::reject(std::string why) {
  Failure failure;
  failure.error = Error{ErrorCode::answer_rejected, std::move(why)};
  fail(std::move(failure));
}

void Attempt::fail(Failure failure) {
  failure_ = std::move(failure);
  if (failure_->code() == ErrorCode::client_gone && scope_.client.gone.fired())
    failure_->error = given_up(scope_.client.gone, std::move(failure_->error.message));
  if (row_ended_) return;
  const ErrorCode code = failure_->code();
  row_of().record.error = traits(code).name;
  const bool billed = !failure_->reply && may_be_billed(failure_->error, tally_.output_estimate());
  const bool rejected = code == ErrorCode::answer_rejected;
  const Outcome outcome = rejected                                              ? Outcome::ok
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
  report(deployment, outcome, failure_ ? failure_->retry_after : std::nullopt);
  out.end = end;
  out.latency_ms = elapsed_ms(row_of().began, Clock::now());
  const auto reported = tally_.reported();
  note_service(reported);
  if (reported) {
    out.tokens = settled(*reported);
    out.usage_source = UsageSource::reported;
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
  if (out.tokens.output == 0) fill(out.tokens.output, tally_.output_estimate());
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
