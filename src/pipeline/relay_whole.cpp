#include "openai/error_body.hpp"
#include "pipeline/attempt.hpp"

namespace triage {

Async<Result<std::string_view>> read_whole(Reply& reply, std::uint64_t limit, Buffer& storage) {
  const auto too_large = [limit] {
    return Error{ErrorCode::upstream_too_large,
                 "the provider's answer is larger than " + std::to_string(limit) + " bytes (limits.reply)"};
  };
  const auto declared = reply.content_length();
  if (declared && *declared > limit) co_return too_large();
  for (;;) {
    const auto piece = co_await reply.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) co_return storage.view();
    if (storage.empty() && declared && piece->size() == *declared) co_return *piece;
    if (storage.size() + piece->size() > limit) co_return too_large();
    if (storage.empty()) storage.reserve(declared ? static_cast<std::size_t>(*declared) : 4 * piece->size());
    storage.append(*piece);
  }
}

Async<Result<void>> relay_whole(Attempt& attempt) {
  Context& context = attempt.context();
  Reply& reply = attempt.reply();
  const Target& target = attempt.target();
  Buffer storage;
  const auto body = co_await read_whole(reply, context.snapshot.spec.limits.reply.bytes, storage);
  if (!body) {
    const Error error = body.error();
    if (error.code == ErrorCode::upstream_too_large) context.snapshot.reply_hits->add();
    co_return error;
  }
  context.record.answered = RequestRecord::Clock::now();  // the rest of the waiting was for the provider
  const auto type = find_field(reply.head().fields, "content-type").value_or("");
  const Dialect& dialect = *target.deployment->dialect;
  attempt.seen = dialect.report(type, *body);
  if (attempt.seen.defect && !find_field(reply.head().fields, "content-encoding")) {
    Error defect = *std::move(attempt.seen.defect);
    mask(defect.message, secrets_of(*target.deployment->provider));
    co_return defect;
  }
  if (attempt.request().stream && context.exchange.begun())  // a comment went out, so the client expects events
    co_return Error{ErrorCode::upstream_bad_response, "the provider did not answer with a stream of events"};
  attempt.answer_begins();
  attempt.complete();
  ResponseHead head = client_head(reply, target);
  const auto sent = co_await attempt.out().whole(std::move(head), *body);
  if (!sent) co_return sent.error();
  if (storage.empty()) co_await reply.next();  // the end, after which its connection serves others
  co_return sent;
}

}  // namespace triage
