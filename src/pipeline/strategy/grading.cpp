// grade_answer() draws, runs the graders that are done at once, and starts a Grading for those that call a deployment
// or run a program.
#include "pipeline/strategy/grading.hpp"

#include "base/unix_time.hpp"
#include "judge/graders.hpp"
#include "judge/judging.hpp"
#include "pipeline/answer/hold.hpp"
#include "pipeline/attempt/ask.hpp"
#include "pipeline/live/grading.hpp"
#include "pipeline/strategy/own_request.hpp"
#include "pipeline/strategy/side_call.hpp"
#include "text/utf8.hpp"
#include "triage/price.hpp"

#include <algorithm>

namespace triage {
namespace {

using judge::Finding;
using judge::Judgement;
using std::chrono::milliseconds;

constexpr std::int64_t prompt_tokens = 700;         // of a judge's rubric and rules
constexpr std::int64_t usual_reply_tokens = 200;    // of its reply
constexpr std::int64_t usual_answer_tokens = 1000;  // of a baseline's answer, if the client sets no bound
constexpr milliseconds queue_patience{60'000};      // for a thread that runs a program

// What all grades of one request share. Outlives the request.
class GradeBook {
 public:
  GradeBook(const Scope& scope, const RequestOutcome& outcome)
      : ledger_(*scope.services.ledger),
        route_(scope.policy.route),
        id_(scope.client.id),
        quotes_(scope.policy.spec->record.content == RecordContent::redacted ||
                scope.policy.spec->record.content == RecordContent::full),
        content_(scope.policy.content.get()),
        assigned_(outcome.facts.assigned) {}

  /// `reason` quotes nothing; `said` may, and is kept only as the route records content.
  void keep(std::string_view grader, std::string_view version, std::string_view against, std::optional<double> score,
            std::string reason, std::string_view said, std::optional<std::int64_t> cost) const {
    constexpr std::size_t said_max = 500;
    if (quotes_ && content_ != nullptr && !said.empty())
      reason.append(reason.empty() ? "" : ": ").append(utf8_prefix(content_->kept(said), said_max));
    const RecordedAssignment assigned(assigned_);
    GradeEvent event;
    event.id = id_;
    event.time_unix_ms = now_unix_ms();
    event.route = route_;
    event.grader = grader;
    event.version = version;
    event.against = against;
    event.score = score;
    event.reason = reason;
    event.cost_nano_usd = cost;
    event.experiment = assigned.get();
    ledger_.keep(event);
  }

 private:
  Ledger& ledger_;
  const std::string_view route_;  // of the snapshot
  const std::string id_;
  const bool quotes_;
  const ContentPolicy* const content_;
  const Assignment assigned_;
};

void keep_judgement(const GradeBook& book, const LiveJudge& judge, const Judgement& judgement,
                    std::optional<std::int64_t> cost) {
  judge.grades[static_cast<std::size_t>(judgement.finding)]->add();
  judge.cost_nano_usd->add(cost.value_or(0));
  const std::string_view against = judge.baseline != nullptr ? std::string_view(judge.baseline->spec->name) : "";
  book.keep("judge", judge.version, against, judgement.score, judgement.reason, judgement.said, cost);
}

void keep_grade(const GradeBook& book, const LiveGrader& grader, judge::Grade grade) {
  (grade.score ? grader.graded : grader.not_enough)->add();
  book.keep(grader.name, grader.version, "", grade.score, std::move(grade.reason), grade.said, 0);
}

// A grader's work on a thread, made to look like a model's. The loop reads the grade when that is done.
class GraderRun final : public LocalModel {
 public:
  GraderRun(std::shared_ptr<const judge::Grader> grader, std::shared_ptr<const judge::Sample> sample)
      : grader_(std::move(grader)), sample_(std::move(sample)) {}
  Result<std::vector<std::vector<float>>> run(std::span<const ModelInput* const> /*inputs*/) const override {
    grade_ = grader_->grade(*sample_, &given_up_);
    return std::vector<std::vector<float>>{{1}};
  }
  [[nodiscard]] const judge::Grade& grade() const noexcept { return grade_; }
  void give_up() const noexcept { given_up_ = true; }

 private:
  const std::shared_ptr<const judge::Grader> grader_;
  const std::shared_ptr<const judge::Sample> sample_;
  mutable judge::Grade grade_;
  mutable std::atomic<bool> given_up_{false};
};

// What is left to do for a request once its client has the answer.
struct Work {
  const LiveJudge* judge = nullptr;  ///< null: it has not been drawn
  std::vector<const LiveGrader*> programs;
  std::optional<SetAside> budget;        ///< of the judge
  std::optional<Completion> baseline{};  ///< its answer, if it has given one already
  std::shared_ptr<ShadowAnswer> shadow;  ///< that brings the baseline's answer; null: none does

  [[nodiscard]] bool any() const noexcept { return judge != nullptr || !programs.empty(); }
  [[nodiscard]] milliseconds patience(const TimeoutsSpec& timeouts) const {
    milliseconds out{0};
    if (judge != nullptr) out += timeouts.total + 4 * judge->spec->timeout;
    for (const LiveGrader* grader : programs) out += grader->timeout + queue_patience;
    return out;
  }
};

class Grading final : public SideTask {
 public:
  Grading(const Scope& of, GradeBook book, std::shared_ptr<const judge::Sample> sample, Work work)
      : own_(of, work.patience(of.policy.spec->timeouts)),
        book_(std::move(book)),
        sample_(std::move(sample)),
        work_(std::move(work)),
        trail_(Trail::Clock::now()) {
    own_.scope().snapshot.held->add(static_cast<std::int64_t>(sample_->bytes()));
  }
  Grading(const Grading&) = delete;
  Grading& operator=(const Grading&) = delete;
  ~Grading() override { own_.scope().snapshot.held->add(-static_cast<std::int64_t>(sample_->bytes())); }

  Async<void> run() override {
    for (const LiveGrader* grader : work_.programs) co_await run_program(*grader);
    if (work_.judge != nullptr) co_await ask_judge(*work_.judge);
  }
  void cancel() override { own_.cancel(); }

 private:
  Async<void> run_program(const LiveGrader& grader);
  Async<void> ask_judge(const LiveJudge& judge);
  Async<const Completion*> baseline_of(const LiveJudge& judge);

  OwnRequest own_;
  const GradeBook book_;
  const std::shared_ptr<const judge::Sample> sample_;
  Work work_;
  Trail trail_;
  std::unique_ptr<SideCall> baseline_call_;
};

Async<void> Grading::run_program(const LiveGrader& grader) {
  const Scope& scope = own_.scope();
  const auto run = std::make_shared<GraderRun>(grader.grader, sample_);
  Services services = scope.services;
  services.scores = services.graders;
  const Scope on_graders{scope.snapshot, scope.policy, scope.request, scope.view, scope.client, services};
  Question question = ScoreQuestion{run, {}, grader.timeout + queue_patience};
  const CancellationHook when_gone(scope.client.gone, [&run] { run->give_up(); });
  const QuestionResult result = co_await ask(on_graders, trail_, question, Purpose::judge);
  run->give_up();
  const bool done = std::holds_alternative<Scores>(result);
  judge::Grade grade;
  if (done) grade = run->grade();
  if (!done) grade.reason = own_.cancelled() ? "the gateway stopped" : "no thread was free in time";
  keep_grade(book_, grader, std::move(grade));
}

// Null: it has not answered.
Async<const Completion*> Grading::baseline_of(const LiveJudge& judge) {
  if (work_.baseline) co_return &*work_.baseline;
  if (work_.shadow != nullptr) {
    if (!work_.shadow->over) co_await work_.shadow->done.wait();
    const bool its_own = work_.shadow->said && work_.shadow->deployment == judge.baseline;
    co_return its_own ? &*work_.shadow->said : nullptr;
  }
  Target target;
  target.route = own_.scope().policy.route;
  target.deployment = judge.baseline;
  baseline_call_ = std::make_unique<SideCall>(own_.scope(), trail_, std::vector<Target>{target});
  co_await baseline_call_->run();
  const Hold* const held = baseline_call_->answer();
  co_return held != nullptr ? &held->said() : nullptr;
}

Async<void> Grading::ask_judge(const LiveJudge& judge) {
  const Completion* other = nullptr;
  if (judge.baseline != nullptr) other = co_await baseline_of(judge);
  judge::Judging judging(*judge.spec, *sample_, other, judge::random_nonces);
  auto next = judging.next({});
  while (std::holds_alternative<Question>(next)) {
    const Question question = std::get<Question>(std::move(next));
    const QuestionResult result = co_await ask(own_.scope(), trail_, question, Purpose::judge);
    next = judging.next(result);
  }
  Judgement& judgement = std::get<Judgement>(next);
  if (own_.cancelled() && !judgement.score) judgement.reason = "the gateway stopped";
  const auto cost = trail_.cost();
  if (cost) work_.budget->spent(*cost);
  keep_judgement(book_, judge, judgement, cost);
}

// The estimated cost of a judgement; nullopt: a price is not known.
std::optional<std::int64_t> cost_of(const LiveJudge& judge, const Scope& scope, const judge::Sample& sample,
                                    bool ask_baseline) {
  const std::int64_t answer = scope.view.max_tokens.value_or(usual_answer_tokens);
  Usage question;
  question.input = prompt_tokens + static_cast<std::int64_t>(judge::shown_bytes(sample) / 3);
  question.output = usual_reply_tokens;
  if (judge.baseline != nullptr) question.input += answer;
  const auto once = cost_nano_usd(judge.deployment->spec->price, question);
  if (!once) return std::nullopt;
  if (judge.baseline == nullptr) return once;
  if (!ask_baseline) return 2 * *once;
  Usage repeated;
  repeated.input = scope.view.tokens_all();
  repeated.output = answer;
  const auto baseline = cost_nano_usd(judge.baseline->spec->price, repeated);
  return baseline ? std::optional(2 * *once + *baseline) : std::nullopt;
}

// The baseline's answer to the same request, if an ensemble has asked for it.
std::optional<Completion> said_already(const LiveJudge& judge, const RequestOutcome& outcome) {
  for (std::size_t i = 0; i < outcome.trail.size(); ++i) {
    const TrailRow& row = outcome.trail[i];
    if (&row != outcome.answered() && row.target.deployment == judge.baseline && row.target.own_model &&
        row.record.purpose == Purpose::ensemble && row.record.end == AttemptEnd::completed)
      return row.said;
  }
  return std::nullopt;
}

// What can be said without asking anybody, or nothing.
std::optional<Judgement> known_judgement(const LiveJudge& judge, const TrailRow& given, const judge::Sample& sample) {
  if (auto none = judge::without_asking(sample)) return none;
  if (judge.baseline == nullptr || given.target.deployment != judge.baseline) return std::nullopt;
  return Judgement{Finding::tie, 1, "it is the baseline's own answer", {}};
}

// Sets aside what the judge will cost. False: there is not enough left.
bool plan_judge(const Scope& scope, const RequestOutcome& outcome, const LiveJudge& judge, const judge::Sample& sample,
                std::shared_ptr<ShadowAnswer> shadow, Work& work) {
  if (judge.baseline != nullptr) work.baseline = said_already(judge, outcome);
  if (judge.baseline != nullptr && shadow != nullptr && shadow->deployment == judge.baseline)
    work.shadow = std::move(shadow);
  const auto estimate = cost_of(judge, scope, sample, !work.baseline && work.shadow == nullptr);
  if (!estimate || !judge.budget->take(*estimate, today())) {
    judge.over_budget->add();
    return false;
  }
  work.budget.emplace(*judge.budget, *estimate);
  work.judge = &judge;
  return true;
}

}  // namespace

void grade_answer(const Scope& scope, const RequestOutcome& outcome, std::shared_ptr<ShadowAnswer> shadow) {
  const LiveGrading* const grading = scope.policy.grading.get();
  if (grading == nullptr || scope.services.ledger == nullptr || scope.services.shadows == nullptr) return;
  const TrailRow* const given = outcome.answered();
  if (outcome.outcome() != Outcome::ok || given == nullptr || scope.said_max == 0 ||
      scope.request.api == Api::embeddings)
    return;
  const auto is_drawn = [&](std::string_view who, double share) {
    return judge::drawn(scope.client.id, scope.policy.route, who, share);
  };
  const LiveJudge* judge = grading->judge ? &*grading->judge : nullptr;
  if (judge != nullptr && !is_drawn("judge", judge->spec->share)) judge = nullptr;
  std::vector<const LiveGrader*> graders;
  for (const LiveGrader& grader : grading->graders)
    if (is_drawn(grader.name, grader.share)) graders.push_back(&grader);
  if (judge == nullptr && graders.empty()) return;

  const auto sample = std::make_shared<const judge::Sample>(judge::sample_of(scope.view, given->said));
  GradeBook book(scope, outcome);
  Work work;
  for (const LiveGrader* grader : graders)
    if (grader->blocks)
      work.programs.push_back(grader);
    else
      keep_grade(book, *grader, grader->grader->grade(*sample));
  std::optional<Judgement> known;
  if (judge != nullptr) known = known_judgement(*judge, *given, *sample);
  if (known) keep_judgement(book, *judge, *known, 0);
  const Snapshot& snapshot = scope.snapshot;
  if (known || judge == nullptr) judge = nullptr;
  if (judge == nullptr && work.programs.empty()) return;
  if (snapshot.shadows->load() >= static_cast<std::int64_t>(snapshot.spec.limits.shadows)) {
    snapshot.shadow_hits->add();
    return;
  }
  if (!room_to_hold(snapshot)) return;
  if (judge != nullptr) plan_judge(scope, outcome, *judge, *sample, std::move(shadow), work);
  if (!work.any()) return;
  auto task = std::make_unique<Grading>(scope, std::move(book), sample, std::move(work));
  scope.services.shadows->start(scope.services.executor, std::move(task));
}

}  // namespace triage
