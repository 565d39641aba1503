#include "pipeline/attempt/ask.hpp"

#include "base/event.hpp"
#include "base/worker_pool.hpp"
#include "openai/embedding.hpp"
#include "openai/request_body.hpp"
#include "pipeline/attempt/attempt.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <limits>

namespace triage {
namespace {

using std::chrono::milliseconds;

// A call in the gateway's own words. It cannot be moved, because the attempt refers to its other members.
class OwnCall {
 public:
  OwnCall(const Scope& scope, Trail& trail, Purpose purpose) : scope_(scope), trail_(trail), purpose_(purpose) {}

  /// Null: no answer came in time.
  Async<Attempt*> run(std::string_view deployment, Api api, std::string_view body, milliseconds timeout) {
    const Snapshot& snapshot = scope_.snapshot;
    const auto found = snapshot.deployments.find(deployment);
    const auto time = std::min(timeout, scope_.time_left());
    if (found == snapshot.deployments.end() || time <= milliseconds(0)) co_return nullptr;
    body_.append(body);
    request_ = parse_request_body(api, body_.view(), snapshot.spec.limits.body_depth);
    const auto now = Trail::Clock::now();
    const bool admitted = found->second.breaker->with([now](const Breaker& breaker) { return breaker.admits(now); });
    if (!request_ || !admitted) co_return nullptr;
    Target target;
    target.deployment = &found->second;
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    attempt_.emplace(scope_, trail_, AttemptCall{*request_, target, AttemptCause::first, purpose_, true, all});
    const CancellationHook when_gone(scope_.client.gone, [this] { attempt_->cancel(); });
    const TimeoutsSpec standard;
    co_await attempt_->open(timeouts_within(standard, time), false);
    if (!attempt_->failure()) co_await attempt_->begin();
    co_return attempt_->failure() ? nullptr : &*attempt_;
  }

 private:
  const Scope& scope_;
  Trail& trail_;
  const Purpose purpose_;
  Buffer body_;
  Result<ApiRequest> request_ = ApiRequest();
  std::optional<Attempt> attempt_;
};

Async<QuestionResult> ask_chat(const Scope& scope, Trail& trail, const ChatQuestion& question, Purpose purpose) {
  OwnCall call(scope, trail, purpose);
  Attempt* const attempt = co_await call.run(question.deployment, Api::chat, question.body, question.timeout);
  if (attempt == nullptr) co_return QuestionResult();
  co_await attempt->drain();
  co_return attempt->said();
}

Async<QuestionResult> ask_embedding(const Scope& scope, Trail& trail, const EmbeddingQuestion& question,
                                    Purpose purpose) {
  OwnCall call(scope, trail, purpose);
  const std::string body = embedding_body(question.text);
  Attempt* const attempt = co_await call.run(question.deployment, Api::embeddings, body, question.timeout);
  if (attempt == nullptr) co_return QuestionResult();
  const auto event = attempt->next();
  std::vector<float> values;
  if (event && *event != nullptr) values = read_embedding((*event)->json);
  co_await attempt->drain();
  if (values.empty()) co_return QuestionResult();
  co_return Embedding{std::move(values)};
}

// Shared by the loop, which waits, and the worker, which may finish too late.
struct Scoring {
  std::atomic<bool> given_up = false;
  bool over = false;  // only the loop uses this and what follows
  std::vector<float> values;
  Event done;
};

// Runs on a worker.
void score(const ScoreQuestion& question, const std::shared_ptr<Scoring>& scoring, const Executor& loop) {
  if (scoring->given_up.load()) return;
  auto values = question.model->run(question.input);
  asio::post(loop, [scoring, values = std::move(values)]() mutable {
    scoring->over = true;
    if (values) scoring->values = std::move(*values);
    scoring->done.notify();
  });
}

Async<QuestionResult> ask_score(const Scope& scope, const ScoreQuestion& question) {
  const Services& services = scope.services;
  const auto time = std::min(question.timeout, scope.time_left());
  if (services.workers == nullptr || time <= milliseconds(0) || scope.client.gone.fired()) co_return QuestionResult();
  const auto scoring = std::make_shared<Scoring>();
  WorkerPool::Job job = [question, scoring, loop = services.executor] { score(question, scoring, loop); };
  if (!services.workers->post(std::move(job), scope.snapshot.spec.limits.scores)) {
    scope.snapshot.score_hits->add();
    co_return QuestionResult();
  }
  const auto give_up = [scoring] {
    scoring->given_up = scoring->over = true;
    scoring->done.notify();
  };
  Deadline deadline(services.deadlines, give_up);
  deadline.set_in(time);
  const CancellationHook when_gone(scope.client.gone, give_up);
  if (!scoring->over) co_await scoring->done.wait();
  if (scoring->values.empty()) co_return QuestionResult();
  co_return Scores{std::move(scoring->values)};
}

}  // namespace

Async<QuestionResult> ask(const Scope& scope, Trail& trail, const Question& question, Purpose purpose) {
  if (const auto* const chat = std::get_if<ChatQuestion>(&question)) return ask_chat(scope, trail, *chat, purpose);
  if (const auto* const embedding = std::get_if<EmbeddingQuestion>(&question))
    return ask_embedding(scope, trail, *embedding, purpose);
  return ask_score(scope, std::get<ScoreQuestion>(question));
}

}  // namespace triage
