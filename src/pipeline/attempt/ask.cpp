#include "pipeline/attempt/ask.hpp"

#include "base/event.hpp"
#include "openai/embedding.hpp"
#include "openai/request_body.hpp"
#include "openai/request_edit.hpp"
#include "pipeline/attempt/attempt.hpp"
#include "pipeline/attempt/score_pool.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <limits>

namespace triage {
namespace {

using std::chrono::milliseconds;

constexpr Additions in_questions =
    bit(Addition::temperature) | bit(Addition::max_tokens) | bit(Addition::response_format);

std::vector<std::string_view> names_of(Additions additions) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < words<Addition>.size(); ++i)
    if ((additions >> i & 1) != 0) out.push_back(words<Addition>[i]);
  return out;
}

// A call in the gateway's own words. It cannot be moved, because the attempt refers to its other members.
class OwnCall {
 public:
  OwnCall(const Scope& scope, Trail& trail, Purpose purpose) : scope_(scope), trail_(trail), purpose_(purpose) {}

  /// Null: no answer came in time. What the model refuses of how the question is put is left out from then on.
  Async<Attempt*> run(std::string_view deployment, Api api, std::string_view body, milliseconds timeout) {
    const auto found = scope_.snapshot.deployments.find(deployment);
    if (found == scope_.snapshot.deployments.end()) co_return nullptr;
    const LiveDeployment& asked = found->second;
    const auto began = Trail::Clock::now();
    if (!asked.breaker->with([began](const Breaker& breaker) { return breaker.admits(began); })) co_return nullptr;
    for (AttemptCause cause = AttemptCause::first;; cause = AttemptCause::retry) {
      const auto gone = std::chrono::duration_cast<milliseconds>(Trail::Clock::now() - began);
      const auto time = std::min(timeout - gone, scope_.time_left());
      if (time <= milliseconds(0) || !prepare(asked, api, body, cause)) co_return nullptr;
      const CancellationHook when_gone(scope_.client.gone, [this] { attempt_->cancel(); });
      const TimeoutsSpec standard;
      co_await attempt_->open(timeouts_within(standard, time), false);
      if (!attempt_->failure()) co_await attempt_->begin();
      if (!attempt_->failure()) co_return &*attempt_;
      if (attempt_->failure()->other_key) continue;
      const Additions refused = attempt_->failure()->refused;
      if ((refused & ~asked.refused->fetch_or(refused)) == 0) co_return nullptr;
    }
  }

 private:
  bool prepare(const LiveDeployment& asked, Api api, std::string_view body, AttemptCause cause) {
    const Additions added = in_questions & ~asked.without();
    attempt_.reset();
    body_.clear();
    body_.append(body);
    if (added != in_questions) {
      const std::string rest = without_members(body_.view(), names_of(in_questions & ~added));
      body_.clear();
      body_.append(rest);
    }
    request_ = parse_request_body(api, body_.view(), scope_.snapshot.spec.limits.body_depth);
    if (!request_) return false;
    Target target;
    target.deployment = &asked;
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    attempt_.emplace(scope_, trail_, AttemptCall{*request_, target, cause, purpose_, true, all, added});
    return true;
  }

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

// Shared by the loop, which waits, and the thread that runs the model, which may finish too late.
struct Scoring {
  std::atomic<bool> given_up = false;
  bool over = false;  // only the loop uses this and what follows
  std::vector<float> values;
  Event done;
};

ScoreTask task_for(const ScoreQuestion& question, const std::shared_ptr<Scoring>& scoring, const Executor& loop) {
  ScoreTask task{question.model, question.input, {scoring, &scoring->given_up}};
  task.done = [scoring, loop](Result<std::vector<float>> values) {
    asio::post(loop, [scoring, values = std::move(values)]() mutable {
      scoring->over = true;
      if (values) scoring->values = std::move(*values);
      scoring->done.notify();
    });
  };
  return task;
}

Async<QuestionResult> ask_score(const Scope& scope, const ScoreQuestion& question) {
  const Services& services = scope.services;
  const auto time = std::min(question.timeout, scope.time_left());
  if (services.scores == nullptr || time <= milliseconds(0) || scope.client.gone.fired()) co_return QuestionResult();
  const auto scoring = std::make_shared<Scoring>();
  if (!services.scores->post(task_for(question, scoring, services.executor), scope.snapshot.spec.limits.scores)) {
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
