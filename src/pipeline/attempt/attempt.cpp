// A stream ends in one of three ways:
//
//   the provider's end marker              it is complete
//   every choice said why it finished      it is complete, however the connection ended
//   anything else                          it was cut off
#include "pipeline/attempt/attempt.hpp"

#include "answer/completion.hpp"
#include "base/text.hpp"
#include "clients/clients.hpp"
#include "http1/content_decoder.hpp"
#include "openai/error_body.hpp"
#include "openai/whole_answer.hpp"
#include "pipeline/attempt/decoded_reply.hpp"
#include "pipeline/attempt/read_ahead.hpp"
#include "pipeline/attempt/whole_body.hpp"
#include "pipeline/trace_context.hpp"

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds grace{10'000};  // between events after the last finish_reason: usage, the end marker
constexpr milliseconds drain_within{500};

// The failure of a stream in a content coding that cannot be decoded.
Failure unreadable(const ResponseHead& head) {
  const std::string coding(find_field(head.fields, "content-encoding").value_or("").substr(0, 40));
  Failure out = failure_of(
      {ErrorCode::upstream_bad_response,
       "the provider's stream has a Content-Encoding that was not asked for and cannot be decoded: " + coding});
  out.remedy = Remedy::elsewhere;
  return out;
}

// Whether a body begins like a stream of events.
bool is_event_stream(std::string_view body) noexcept {
  if (body.starts_with('{')) return false;  // as nearly all are
  if (body.starts_with("\xef\xbb\xbf")) body.remove_prefix(3);
  constexpr std::string_view beginnings[] = {"data:", "event:", "id:", "retry:", ":"};
  return std::ranges::any_of(beginnings, [body](std::string_view beginning) { return body.starts_with(beginning); });
}

// Whether a body begins like a JSON object, as no stream does.
bool is_object(std::string_view body) noexcept {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '{';
}

// Whether it begins like a JSON array.
bool is_array(std::string_view body) noexcept {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && body[first] == '[';
}

// The `id` of an answer, if it is a text that one could send back.
std::string id_of(const AnswerEvent& event) {
  constexpr std::size_t longest = 256;
  if (!event.id.raw.empty() && event.id.raw.size() <= longest) return event.id.text();
  std::string_view spelled = event.identity.id;
  if (spelled.size() < 3 || spelled.size() > longest || spelled.front() != '"') return {};
  spelled = spelled.substr(1, spelled.size() - 2);
  const bool escaped = spelled.find('\\') != std::string_view::npos;
  return escaped ? JsonString{spelled, escaped}.text() : std::string(spelled);
}

}  // namespace

Attempt::Attempt(const Scope& scope, Trail& trail, const AttemptCall& call)
    : scope_(scope),
      trail_(trail),
      request_(call.request),
      row_(trail.begin(call.target, call.cause, call.purpose)),
      own_words_(call.own_words),
      said_max_(call.said_max),
      added_(call.added),
      key_(call.target.deployment->keys != nullptr ? call.target.deployment->keys->next(Clock::now()) : 0),
      provider_(call.target.deployment->keys != nullptr ? call.target.deployment->keys->provider(key_)
                                                        : *call.target.deployment->provider),
      dialect_(&call.target.deployment->dialect_for(request_.form)),
      translates_(dialect_ == call.target.deployment->dialect && call.target.deployment->spec->form != request_.form),
      hang_up_(scope.services.deadlines, [this] {
        late_ = !given_;
        cancel();
      }) {
  if (KeyRing* const keys = target().deployment->keys) row_of().record.provider_key = keys->name(key_);
  target().deployment->breaker->with([this](Breaker& breaker) { breaker.began(row_of().began); });
  target().deployment->origin->with([this](Breaker& breaker) { breaker.began(row_of().began); });
}

Attempt::~Attempt() {
  if (!row_ended_) end_row(AttemptEnd::cancelled, Outcome::cancelled, true);
}

Async<void> Attempt::open(CallTimeouts timeouts, bool read_ahead) {
  const LiveDeployment& deployment = *target().deployment;
  first_event_ = timeouts.first_event;
  auto encoded = encode();
  if (!encoded) co_return fail(failure_of(encoded.error()));
  encoded_ = std::move(*encoded);
  if (scope_.client.trace != nullptr) continue_trace(encoded_, *scope_.client.trace, scope_.client.id, row_ + 1);
  row_of().record.dropped = joined(encoded_.dropped);
  auto sent = co_await scope_.services.upstream.send(provider_, encoded_.call, timeouts, cancellation_);
  if (!sent) co_return fail(failure_of(sent.error()));
  reply_ = decoded(std::move(*sent));
  opened_ = Clock::now();
  row_of().record.status = reply_->head().status;
  if (reply_->head().status >= 300) {
    Failure failure = co_await read_failure(target(), *reply_, added_ | encoded_.added);
    failure.no_form = failure.no_path && dialect_ != deployment.dialect && deployment.no_responses != nullptr;
    co_return fail(std::move(failure));
  }
  row_of().answered = opened_;
  unread_ = content_coding(reply_->head().fields) == ContentCoding::unknown;
  if (unread_ && request_.stream) co_return fail(unreadable(reply_->head()));
  if (!read_ahead) co_return;
  if (request_.stream) hang_up_.set_in(first_event_);
  auto first = co_await reply_->next();
  hang_up_.clear();
  row_of().answered = opened_ = Clock::now();
  if (!first && cancellation_.fired()) {
    broke(first.error());
    co_return;
  }
  reply_ = std::make_unique<ReadAhead>(std::move(reply_), std::move(first));
}

Result<EncodedCall> Attempt::encode() {
  const LiveDeployment& deployment = *target().deployment;
  if (translates()) blocks_of(request_);
  auto seen = seen_by(deployment, request_, scope_);
  if (!seen) return seen.error();
  seen_ = std::move(*seen);
  collector_ = collector_for(deployment, request_, scope_);
  const ApiRequest& request = seen_.request != nullptr ? *seen_.request : request_;
  auto encoded = dialect_->encode(request, scope_.client.head, *deployment.spec, provider_,
                                  std::chrono::system_clock::now(), deployment.without());
  if (!encoded) return encoded;
  std::vector<std::string>& dropped = encoded->dropped;
  const bool named = std::find(dropped.begin(), dropped.end(), "thinking_blocks") != dropped.end();
  if (seen_.dropped && !named) dropped.emplace_back("signature");
  if (seen_.quiet) dropped.emplace_back("thinking");
  for (auto at = dropped.begin(); at != dropped.end();)  // each once
    at = std::find(dropped.begin(), at, *at) != at ? dropped.erase(at) : std::next(at);
  return encoded;
}

Async<void> Attempt::begin() {
  if (!request_.stream) return begin_whole();
  return dialect_->is_stream(reply_->head()) ? begin_stream() : begin_undeclared();
}

// A stream was asked for, but the head does not declare one: the first bytes decide.
Async<void> Attempt::begin_undeclared() {
  hang_up_.set_in(first_event_);
  auto first = co_await reply_->next();
  if (late_ && !first) {
    broke(first.error());
    co_return;
  }
  const bool array = first && target().deployment->spec->form == WireForm::gemini && is_array(*first);
  const bool events = array || (first && is_event_stream(*first));
  reply_ = std::make_unique<ReadAhead>(std::move(reply_), std::move(first));
  if (events)
    co_await begin_stream();
  else
    co_await begin_whole();
}

Async<void> Attempt::begin_stream() {
  const Dialect& dialect = *dialect_;
  const std::size_t event_max = scope_.snapshot.spec.limits.event.bytes;
  if (translates())
    decoder_ = client_of(request_).translated(answer_reader(*target().deployment, request_, scope_), request_);
  else
    decoder_ = dialect.decoder(request_, event_max);
  for (bool looked = false;;) {
    const auto event = next();
    if (!event) co_return;
    if (*event != nullptr) {
      first_ = *event;
      if (!complete()) hang_up_.clear();
      co_return answer_begins();
    }
    if (!hang_up_.armed()) hang_up_.set_in(first_event_);
    auto piece = co_await reply_->next();
    if (!looked && piece && is_object(*piece)) {
      decoder_.reset();
      reply_ = std::make_unique<ReadAhead>(std::move(reply_), std::move(piece));
      co_return co_await begin_whole();
    }
    looked = true;
    const auto taken = take_piece(piece);
    if (!taken) co_return;
  }
}

Async<void> Attempt::begin_whole() {
  hang_up_.clear();
  auto body = co_await read_whole(*reply_, scope_.snapshot.spec.limits.reply.bytes, storage_);
  if (!body) {
    if (body.error().code == ErrorCode::upstream_too_large) scope_.snapshot.reply_hits->add();
    co_return fail(failure_of(body.error()));
  }
  row_of().answered = Clock::now();
  if (is_event_stream(*body) && request_.form == WireForm::openai && !translates()) {
    if (const auto whole = whole_answer(*body)) {
      storage_.clear();
      storage_.append(*whole);
      body = storage_.view();
    }
  }
  whole_ = std::make_unique<AnswerEvent>();
  auto defect = decode_whole(*body);
  if (!defect && request_.api != Api::embeddings && !whole_->has_choices)
    defect = Error{ErrorCode::upstream_bad_response, "the provider's answer has no choices"};
  tally_.add_whole(*whole_);
  note(*whole_);
  if (defect && !unread_) {
    broke(std::move(*defect));
    co_return;
  }
  first_ = whole_.get();
  given_ = true;
  answer_begins();
  finish();
}

std::optional<Error> Attempt::decode_whole(std::string_view body) {
  const Dialect& dialect = *dialect_;
  const auto type = find_field(reply_->head().fields, "content-type").value_or("");
  if (!translates()) return dialect.decode_whole(type, body, *whole_);
  BlockAnswer answer;
  if (auto defect = read_answer_of(*target().deployment, request_, scope_, type, body, answer)) return defect;
  client_of(request_).translate_whole(std::move(answer), request_, *whole_);
  return std::nullopt;
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
    auto event = decoder_->next();
    if (!event) return broke(event.error());
    if (*event == nullptr) {
      if (!decoder_->ended() && !body_ended_) return nullptr;
      if (auto error = missing()) return broke(std::move(*error));
      finish();
      break;
    }
    take(**event);
    if ((*event)->only_usage && !request_.include_usage) continue;
    if (tally_.choices() == 0) {
      if (auto error = hold_back(**event)) return broke(std::move(*error));
      continue;
    }
    given_ = true;
    gave_end_ = gave_end_ || (*event)->ends;
    return with_preface(*event);
  }
  return nullptr;
}

// Events before the first choice (Azure sends one) are no answer yet: another deployment may still give it.
std::optional<Error> Attempt::hold_back(const AnswerEvent& event) {
  preface_.append(event.verbatim);
  if (preface_.size() <= scope_.snapshot.spec.limits.event.bytes) return std::nullopt;
  return Error{ErrorCode::upstream_too_large, "the provider's stream has too much in front of its first choice"};
}

const AnswerEvent* Attempt::with_preface(const AnswerEvent* event) {
  if (preface_.empty()) return event;
  whole_ = std::make_unique<AnswerEvent>(*event);
  whole_->verbatim = preface_verbatim_ = std::exchange(preface_, {}).append(event->verbatim);
  return whole_.get();
}

Async<Result<void>> Attempt::wait() {
  const auto piece = co_await reply_->next();
  co_return take_piece(piece);
}

Result<void> Attempt::take_piece(const Result<std::string_view>& piece) {
  if (!piece) {
    // Cut, or closed by us for being slow: no harm done once the answer is complete.
    if (!complete() || scope_.client.gone.fired()) return broke(piece.error());
    if (translates()) decoder_->end();  // what waited for more is told
    body_ended_ = true;
  } else if (piece->empty()) {
    decoder_->end();
    body_ended_ = true;
  } else {
    decoder_->feed(*piece);
  }
  row_of().answered = Clock::now();
  return {};
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
  says_ = says_ || std::ranges::any_of(event.choices, is_answer);
  if (complete())
    hang_up_.set_in(grace);
  else if (tally_.choices() > 0)
    hang_up_.clear();
}

void Attempt::note(const AnswerEvent& event) {
  TrailRow& row = row_of();
  if (row.answer_id.empty()) row.answer_id = id_of(event);
  if (collector_ != nullptr && event.blocks != nullptr)
    for (const BlockEvent& block : *event.blocks) collector_->put(block);
  if (said_max_ == 0) return;
  if (row.said.text.size() <= said_max_)
    add_to_completion(event, row.said);
  else
    trace_.plain = false;
  if (event.more && request_.outline.choices > 1) add_to_others(event, row.others);
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
  if (!given_ && preface_.empty())
    return Error{ErrorCode::upstream_bad_response, "the provider's stream ended before its first event"};
  if (!says_)
    return Error{ErrorCode::upstream_bad_response, "the provider's stream has no answer: no choice says anything"};
  return std::nullopt;
}

Error Attempt::broke(Error error) {
  if (late_)
    error = {ErrorCode::upstream_first_byte_timeout, "provider '" + target().deployment->provider->name +
                                                         "': no event of its stream within " +
                                                         std::to_string(first_event_.count()) + "ms of its head"};
  if (error.code == ErrorCode::upstream_too_large) scope_.snapshot.event_hits->add();
  mask(error.message, secrets_of(*target().deployment->provider));
  Failure failed = error.status != 0 ? reported_failure(target(), error) : failure_of(error);
  if (error.status != 0 && !given_)
    failed.refused = dialect_->refused(error.status, error.message, added_ | encoded_.added);
  fail(std::move(failed));
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

}  // namespace triage
