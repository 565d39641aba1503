// POST /v1/feedback: read, find the request, accept, keep. Files are read and written on the store's thread; what the
// loop looks at is in memory.
#include "base/event.hpp"
#include "base/unix_time.hpp"
#include "json/json.hpp"
#include "pipeline/feedback_request.hpp"
#include "pipeline/steps.hpp"

#include <boost/asio/post.hpp>

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds patience{5000};    // with the store
constexpr milliseconds second_look{300};  // what only the spool had is in the journal by then
constexpr std::chrono::seconds come_back{1};

Error busy(std::string message) {
  Error error{ErrorCode::overloaded, std::move(message)};
  error.retry_after = come_back;
  return error;
}

// A result on its way from the store's thread to the loop, which may have given up by then.
template <class T>
struct Awaited {
  std::optional<Result<T>> result;  // only the loop uses this and what follows
  bool over = false;
  Event done;
};

template <class T>
std::function<void(Result<T>)> posted_to(std::shared_ptr<Awaited<T>> awaited, const Executor& loop) {
  return [awaited = std::move(awaited), loop](Result<T> result) {
    asio::post(loop, [awaited, result = std::move(result)]() mutable {
      awaited->result.emplace(std::move(result));
      awaited->over = true;
      awaited->done.notify();
    });
  };
}

template <class T>
Async<void> wait(const Services& services, Awaited<T>& awaited, milliseconds longest) {
  Deadline deadline(services.deadlines, [&awaited] {
    awaited.over = true;
    awaited.done.notify();
  });
  deadline.set_in(longest);
  if (!awaited.over) co_await awaited.done.wait();
}

// `begin` gives the store a call with the callback that it is given.
template <class T, class Begin>
Async<Result<T>> ask(const RequestRun& run, Begin begin) {
  const auto awaited = std::make_shared<Awaited<T>>();
  if (!begin(posted_to<T>(awaited, run.services.executor))) {
    run.snapshot.feedback_hits->add();
    co_return busy("too many calls of /v1/feedback wait for the ledger (`limits.feedback`): try again later");
  }
  co_await wait(run.services, *awaited, patience);
  if (!awaited->result) co_return busy("the ledger takes too long to answer: try again later");
  co_return std::move(*awaited->result);
}

Async<Result<PastRequest>> find(const RequestRun& run, const std::string& id) {
  using Found = std::optional<PastRequest>;
  const KeySpec* const key = run.outcome.facts.key;
  const auto owner = key != nullptr ? std::optional<std::string>(key->name) : std::nullopt;
  for (int look = 0; look < 2; ++look) {
    if (look > 0) {
      Awaited<int> nobody;
      co_await wait(run.services, nobody, second_look);
    }
    if (auto recent = run.snapshot.recent->find(id, owner)) co_return *std::move(recent);
    auto begin = [&](FeedbackStore::Found done) { return run.services.feedback->find(id, owner, std::move(done)); };
    auto found = co_await ask<Found>(run, begin);
    if (!found) co_return found.error();
    if (*found) co_return **std::move(found);
  }
  co_return Error{ErrorCode::request_not_found,
                  "no request of this key has that id, or it is no longer in the ledger: 'id' is the x-request-id of "
                  "an answer, or the `id` in its body",
                  "id"};
}

// Says what was kept, as the body of the answer.
Async<Result<std::string>> take(RequestRun& run) {
  const auto sent = co_await run.exchange.read_body();
  if (!sent) co_return sent.error();
  const auto body = run.exchange.decoded_body(*sent);
  if (!body) co_return body.error();
  run.outcome.facts.body_read = Trail::Clock::now();
  auto request = read_feedback(*body, run.snapshot.spec.limits.body_depth);
  if (!request) co_return request.error();
  auto past = co_await find(run, request->id);
  if (!past) co_return past.error();
  auto accepted = accept_feedback(run.snapshot, *past, std::move(request->said), now_unix_ms());
  if (!accepted) co_return accepted.error();
  const KeySpec* const key = run.outcome.facts.key;
  auto begin = [&](FeedbackStore::Kept done) {
    return run.services.feedback->keep(std::move(*past), key != nullptr ? key->name : "", std::move(accepted->said),
                                       std::move(done));
  };
  const auto kept = co_await ask<bool>(run, begin);
  if (!kept) co_return kept.error();
  run.snapshot.feedback[static_cast<std::size_t>(*kept ? FeedbackEnd::recorded : FeedbackEnd::repeated)]->add();
  std::string answer = R"({"recorded":true)";
  for (const std::string_view name : accepted->left_out) {
    answer += answer.ends_with('e') ? R"(,"left_out":[)" : ",";
    append_json_string(answer, name);
  }
  if (!accepted->left_out.empty()) answer += ']';
  answer += '}';
  co_return answer;
}

FeedbackEnd end_of(ErrorCode code) noexcept {
  if (code == ErrorCode::request_not_found) return FeedbackEnd::not_found;
  if (code == ErrorCode::feedback_closed) return FeedbackEnd::closed;
  return traits(code).source == ErrorSource::client ? FeedbackEnd::invalid : FeedbackEnd::failed;
}

}  // namespace

Async<MaybeFailure> handle_feedback(RequestRun& run) {
  if (run.services.feedback == nullptr || run.snapshot.recent == nullptr)
    co_return failure_of(
        Error{ErrorCode::not_found, "feedback is kept in the ledger, and this gateway has none: set `ledger.dir`"});
  const auto answer = co_await take(run);
  if (!answer) {
    run.snapshot.feedback[static_cast<std::size_t>(end_of(answer.error().code))]->add();
    co_return failure_of(answer.error());
  }
  ResponseHead head;
  head.fields.push_back({"content-type", "application/json"});
  co_await run.outcome.end_plain(head.status);
  const auto sent = co_await run.exchange.respond(std::move(head), *answer);
  if (!sent) co_return failure_of(sent.error());
  co_return std::nullopt;
}

}  // namespace triage
