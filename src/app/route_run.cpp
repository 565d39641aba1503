#include "app/route_run.hpp"

#include "app/row_cost.hpp"
#include "app/row_request.hpp"
#include "base/text.hpp"
#include "options/nearest.hpp"
#include "pipeline/plan.hpp"
#include "verify/verification.hpp"
#include "verify/verifiers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace triage {
namespace {

constexpr double no_score = std::numeric_limits<double>::quiet_NaN();

// A router that has given its opinion already.
class AskedRouter final : public Router {
 public:
  explicit AskedRouter(const Router& router) : router_(router) {}
  [[nodiscard]] std::string_view kind() const noexcept override { return router_.kind(); }
  [[nodiscard]] Opinion pick(const RoutingInput& /*input*/) const override { return opinion_; }

  /// Asks the router about a request. False: only a deployment could have answered its question.
  bool ask(const RoutingInput& input) {
    const auto question = router_.question(input);
    QuestionResult result;
    bool here = !question || answer_here(*question, result);
    if (question)
      if (const auto next = router_.follow_up(input, result)) here = answer_here(*next, result) && here;
    opinion_ = question ? router_.answered(input, result) : router_.pick(input);
    return here;
  }
  [[nodiscard]] const Opinion& opinion() const noexcept { return opinion_; }

 private:
  const Router& router_;
  Opinion opinion_;
};

// What was seen of one router on all rows.
struct RouterSeen {
  std::vector<double> scores;
  std::size_t not_asked = 0;  // rows on which the chain came to it but only a deployment could have answered
};

class Runner {
 public:
  Runner(const Snapshot& snapshot, const LiveRoute& route, const offline::Rows& rows, const RunOptions& options);
  RouteRun run();

 private:
  void run_row(std::size_t row);
  std::string_view first_tier(const RoutingInput& input, std::size_t row);
  void cascade_row(const RoutingInput& input, std::size_t row, bool up);
  bool accepts(const RoutingInput& input, const std::string& response, double& score);
  void finish_routers();
  void finish_cascade();
  [[nodiscard]] std::string some(std::size_t count) const {
    return std::to_string(count) + " of " + std::to_string(rows_.size()) + " rows";
  }
  void note(std::string text) { out_.notes.push_back(std::move(text)); }

  const Snapshot& snapshot_;
  const Policy& policy_;
  const std::vector<offline::Row>& rows_;
  const RunOptions& options_;
  std::vector<const LiveTier*> tiers_;  // the order's, cheapest first; specialists after them
  bool cascades_ = false;
  std::optional<RowCosts> costs_;
  std::vector<std::unique_ptr<Router>> asked_;  // AskedRouter each
  std::vector<RouterSeen> seen_;
  std::vector<double> rejection_;  // 1 - the verifier's score of the weak answer
  std::size_t without_response_ = 0;
  std::size_t not_judged_ = 0;  // rows for which only a deployment could have answered a verifier's question
  std::size_t moved_ = 0;       // rows that start at another tier than the chain picked
  std::size_t refused_ = 0;
  RouteRun out_;
};

Runner::Runner(const Snapshot& snapshot, const LiveRoute& route, const offline::Rows& rows, const RunOptions& options)
    : snapshot_(snapshot), policy_(route.policy), rows_(rows.rows), options_(options) {
  for (const std::string& name : snapshot.spec.tiers)
    if (const LiveTier* tier = policy_.tier(name)) tiers_.push_back(tier);
  const std::size_t ordered = tiers_.size();
  for (const LiveTier& tier : policy_.tiers)
    if (std::ranges::find(tiers_, &tier) == tiers_.end()) tiers_.push_back(&tier);
  out_.weak_tier = tiers_.front()->name;
  for (std::size_t i = 1; i < tiers_.size(); ++i) out_.strong_tiers.emplace_back(tiers_[i]->name);
  costs_.emplace(*tiers_.front(), *tiers_[ordered > 0 ? ordered - 1 : 0], options.output_tokens);
  cascades_ = policy_.verifiers && ordered > 1 && policy_.spec->cascade->escalations_max > 0;
  seen_.resize(policy_.routers.size());
  for (const auto& router : policy_.routers) asked_.push_back(std::make_unique<AskedRouter>(*router));
  out_.outcomes.unit = rows.units;
  out_.outcomes.units = rows.questions;
}

RouteRun Runner::run() {
  for (std::size_t i = 0; i < rows_.size() && out_.problems.size() < offline::Rows::problems_max; ++i) {
    run_row(i);
    if (options_.progress) options_.progress(i + 1);
  }
  if (!out_.problems.empty()) return std::move(out_);
  if (tiers_.size() < 2)
    note("the route has one tier, " + quoted_name(out_.weak_tier) + ": there is nothing to choose");
  if (moved_ > 0) note(some(moved_) + " start at another tier than was picked, because that one cannot take them");
  if (refused_ > 0) note(some(refused_) + " would be refused: no deployment of the route can take them");
  finish_routers();
  if (policy_.verifiers) finish_cascade();
  costs_->finish(out_.outcomes, out_.notes);
  return std::move(out_);
}

void Runner::run_row(std::size_t row) {
  const RowRequest request(rows_[row].prompt, "triage/" + policy_.spec->name, snapshot_.spec.limits.body_depth);
  if (request.error()) {
    out_.problems.push_back(options_.data + ":" + std::to_string(rows_[row].line) +
                            ": 'prompt' makes no request: " + request.error()->message);
    return;
  }
  out_.outcomes.weak.push_back(rows_[row].weak);
  out_.outcomes.strong.push_back(rows_[row].strong);
  const bool up = first_tier(request.input(), row) != tiers_.front()->name;
  out_.decisions.up.push_back(up ? 1 : 0);
  out_.decisions.tried.push_back(0);
  if (cascades_) cascade_row(request.input(), row, up);
  costs_->add(rows_[row], request.input().view().tokens_all());
}

// The tier that would be asked first.
std::string_view Runner::first_tier(const RoutingInput& input, std::size_t row) {
  std::vector<bool> asked_here;
  for (const auto& router : asked_) {
    auto& answered = static_cast<AskedRouter&>(*router);
    asked_here.push_back(answered.ask(input));
    seen_[asked_here.size() - 1].scores.push_back(answered.opinion().score.value_or(no_score));
  }
  const Decision decision = decide({asked_, policy_.chain.order, policy_.chain.last_resort}, input);
  for (std::size_t i = 0; i < decision.opinions.size(); ++i)
    if (!asked_here[i]) ++seen_[i].not_asked;
  const Needs needs = needs_of(input.request(), input.view(), policy_.window_least, policy_.translates);
  const auto planned = plan(snapshot_, policy_, decision, needs, std::nullopt, row);
  if (!planned) ++refused_;
  const std::string_view first = planned ? planned->targets.front().tier : decision.tier;
  if (first != decision.tier) ++moved_;
  return first;
}

// The weak answer of every row is judged, for the curve; it decides where the weak tier is asked.
void Runner::cascade_row(const RoutingInput& input, std::size_t row, bool up) {
  const auto& response = rows_[row].weak_response;
  if (!response) {
    ++without_response_;
    rejection_.push_back(no_score);
    return;
  }
  double score = 0;
  const bool accepted = accepts(input, *response, score);
  rejection_.push_back(1 - score);
  if (up || accepted) return;
  out_.decisions.up[row] = 1;
  out_.decisions.tried[row] = 1;
}

bool Runner::accepts(const RoutingInput& input, const std::string& response, double& score) {
  Completion answer;
  answer.text = response;
  answer.finish_reason = "stop";
  const Answered answered{input.view(), answer};
  const auto walk = policy_.verifiers->start(answered);
  QuestionResult result;
  bool judged = true;
  for (;;) {
    auto next = walk->next(result);
    if (const auto* const verdict = std::get_if<Verdict>(&next)) {
      score = std::clamp(verify::score_of(*verdict), 0.0, 1.0);
      if (!judged) ++not_judged_;
      return verdict->accept;
    }
    judged = answer_here(std::get<Question>(next), result) && judged;
  }
}

void Runner::finish_routers() {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const std::string kind(asked_[i]->kind());
    if (seen_[i].not_asked > 0)
      note("router " + quoted_name(kind) + " asks a deployment, which is not done here: it passed on " +
           some(seen_[i].not_asked));
    std::vector<double>& scores = seen_[i].scores;
    const auto without =
        static_cast<std::size_t>(std::ranges::count_if(scores, [](double s) { return std::isnan(s); }));
    if (without == scores.size()) continue;
    if (without > 0) {
      note("router " + quoted_name(kind) + " gave no score for " + some(without) + ": they count as 1, the hardest");
      std::ranges::replace_if(
          scores, [](double s) { return std::isnan(s); }, 1.0);
    }
    out_.scored.push_back({offline::Scored::Role::router, kind, std::move(scores)});
  }
}

void Runner::finish_cascade() {
  const std::string& kind = policy_.spec->cascade->verify.kind;
  if (!cascades_) return note("the cascade has no higher tier to go to, or may not: it is not run");
  if (without_response_ == rows_.size())
    return note("the rows have no 'weak_response': the cascade is not run, and the cheap answer always stands");
  if (without_response_ > 0) {
    note(some(without_response_) + " have no 'weak_response': their cheap answer stands, with a score of 1/2");
    std::ranges::replace_if(
        rejection_, [](double s) { return std::isnan(s); }, 0.5);
  }
  if (not_judged_ > 0)
    note("a verifier of the cascade asks a deployment, which is not done here: " + some(not_judged_) +
         " were judged as if no answer had come");
  if (verify::changes_the_call(policy_.spec->cascade->verify))
    note("verifier " + quoted_name(kind) + " changes the call to the model, which recorded answers do not show");
  out_.scored.push_back({offline::Scored::Role::cascade, kind, std::move(rejection_)});
}

}  // namespace

bool answer_here(const Question& question, QuestionResult& result) {
  result = std::monostate();
  const auto* const asked = std::get_if<ScoreQuestion>(&question);
  if (asked == nullptr) return false;
  const ModelInput* const only = &asked->input;
  if (auto values = asked->model->run({&only, 1})) result = Scores{std::move(values->front())};
  return true;
}

const LiveRoute& route_named(const Snapshot& snapshot, const std::string& name) {
  std::vector<std::string> known;
  for (const LiveRoute& route : snapshot.routes) {
    if (route.spec->name == name) return route;
    known.push_back(route.spec->name);
  }
  if (known.empty()) throw std::runtime_error("the configuration has no routes");
  throw std::runtime_error("no route is called " + quoted_name(name) + "; " +
                           options::suggest(name, known, "routes", ""));
}

RouteRun run_route(const Snapshot& snapshot, const LiveRoute& route, const offline::Rows& rows,
                   const RunOptions& options) {
  return Runner(snapshot, route, rows, options).run();
}

}  // namespace triage
