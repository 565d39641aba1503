// triage evalset run: asks candidates and grades their answers.
#include "app/evalset_run.hpp"

#include "app/offline_gateway.hpp"
#include "app/progress.hpp"
#include "app/route_run.hpp"
#include "app/similarity_fit.hpp"
#include "base/file.hpp"
#include "config/load.hpp"
#include "judge/graders.hpp"
#include "judge/judging.hpp"
#include "openai/request_body.hpp"
#include "options/values.hpp"
#include "triage/price.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <set>

namespace triage {
namespace {

constexpr std::size_t at_once = 8;
constexpr std::int64_t answer_tokens = 1'000;  // of an answer, for the estimate of its cost
constexpr std::int64_t prompt_tokens = 700;    // of a judge's rubric and rules
constexpr std::int64_t reply_tokens = 200;

struct Candidate {
  std::string name;         ///< as on the command line
  std::string model;        ///< that it is asked as; empty: the references
  std::string fingerprint;  ///< changes when it may answer differently
};

// Who grades.
struct Graders {
  std::optional<JudgeSpec> judge;
  std::string judge_version;
  std::vector<GraderSpec> specs;
  std::vector<std::unique_ptr<judge::Grader>> mechanical;

  [[nodiscard]] bool none() const { return !judge && specs.empty(); }
  /// The versions that a result's grades must have to be used again.
  [[nodiscard]] std::map<std::string, std::string> versions() const {
    std::map<std::string, std::string> out;
    if (judge) out["judge"] = judge_version;
    for (const GraderSpec& spec : specs) out[judge::name_of(spec)] = judge::version_of(spec);
    return out;
  }
};

// Whose `quality` says who grades: --quality-of, else the first --route, else the first route that has one.
const QualitySpec* quality_of(const Arguments& arguments, const ConfigSpec& spec) {
  std::string name = arguments.value("quality-of");
  if (name.empty() && arguments.has("route")) name = arguments.values("route").front();
  for (const RouteSpec& route : spec.routes)
    if ((name.empty() || route.name == name) && route.quality) return &*route.quality;
  return nullptr;
}

Graders graders_of(const Arguments& arguments, const ConfigSpec& spec, const Snapshot& snapshot) {
  Graders out;
  const QualitySpec* const quality = quality_of(arguments, spec);
  if (quality != nullptr) out.judge = quality->judge;
  if (arguments.has("judge")) {
    out.judge.emplace();
    out.judge->deployment = arguments.value("judge");
    out.judge->mode = JudgeMode::pairwise;
  }
  if (out.judge) {
    const auto asked = snapshot.deployments.find(out.judge->deployment);
    if (asked == snapshot.deployments.end())
      throw UsageError("--judge: no deployment is called '" + out.judge->deployment + "'");
    out.judge_version = judge::version_of(*out.judge, asked->second.spec->model, "reference");
  }
  if (quality != nullptr && !arguments.has("grader")) out.specs = quality->graders;
  for (const std::string& kind : arguments.values("grader")) {
    if (judge::find_grader(kind) == nullptr) throw UsageError("--grader: no grader is called '" + kind + "'");
    out.specs.push_back({kind, {}});
  }
  for (const GraderSpec& grader : out.specs) out.mechanical.push_back(judge::make_grader(grader));
  if (out.none()) throw UsageError("nobody grades: give --judge DEPLOYMENT or --grader KIND");
  return out;
}

std::vector<Candidate> candidates_of(const Arguments& arguments, const Loaded& loaded, const Snapshot& snapshot) {
  std::vector<Candidate> out;
  for (const std::string& route : arguments.values("route")) {
    route_named(snapshot, route);
    out.push_back({"route " + route, "triage/" + route, loaded.version});
  }
  for (const std::string& name : arguments.values("deployment")) {
    const auto found = snapshot.deployments.find(name);
    if (found == snapshot.deployments.end()) throw UsageError("--deployment: no deployment is called '" + name + "'");
    out.push_back({name, name, found->second.spec->provider + "/" + found->second.spec->model});
  }
  if (out.empty()) throw UsageError("say who is to be judged: --route R or --deployment D");
  return out;
}

// What earlier runs have found, by candidate and row.
using Known = std::map<std::pair<std::string, std::string>, EvalResult>;

Known known_results(const std::string& file) {
  Known out;
  std::string reason;
  const auto bytes = read_file(file, part_bytes_max, reason);
  if (!bytes) return out;
  std::string_view text = *bytes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto result = result_in(text.substr(0, end)))  // a line that was cut off is none
      out.insert_or_assign({result->candidate, result->id}, std::move(*result));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

bool usable_again(const EvalResult& known, const Candidate& candidate, const EvalRow& row, const Graders& graders) {
  if (known.fingerprint != candidate.fingerprint || !known.problem.empty()) return false;
  if (candidate.model.empty() && known.answer != row.reference()) return false;
  for (const auto& [grader, version] : graders.versions()) {
    const auto found = known.grades.find(grader);
    if (found == known.grades.end() || found->second.version != version) return false;
  }
  return true;
}

class Run {
 public:
  Run(OfflineGateway& gateway, const Graders& graders, const std::vector<EvalRow>& rows, std::optional<double> budget,
      const std::string& file)
      : gateway_(gateway),
        graders_(graders),
        rows_(rows),
        bounded_(budget.has_value()),
        allowance_(budget.value_or(0)),
        known_(known_results(file)),
        file_(file, std::ios::binary | std::ios::app) {}

  /// Row by row, so that whoever stops half-way has compared all candidates on the same rows.
  std::vector<EvalResult> run(const std::vector<Candidate>& candidates) {
    for (const EvalRow& row : rows_)
      for (const Candidate& candidate : candidates) {
        const auto known = known_.find({candidate.name, row.id});
        if (known != known_.end() && usable_again(known->second, candidate, row, graders_))
          found_.emplace(known->first, std::move(known->second));
        else
          open_.emplace_back(&candidate, &row);
      }
    Progress progress("answers", open_.size());
    gateway_.run(open_.size(), at_once,
                 [&](std::size_t index) { return work(*open_[index].first, *open_[index].second, progress); });
    if (over_budget_) std::fputs("the budget is used up; the same command goes on where this one ended\n", stderr);
    std::fprintf(stderr, "%zu answers were graded, for $%.4f\n", done_, allowance_.spent_usd());
    std::vector<EvalResult> out;  // in the order of the command line, whoever was faster
    for (const Candidate& candidate : candidates)
      for (const EvalRow& row : rows_)
        if (const auto found = found_.find({candidate.name, row.id}); found != found_.end())
          out.push_back(std::move(found->second));
    return out;
  }
  [[nodiscard]] bool over_budget() const noexcept { return over_budget_; }

 private:
  Async<void> work(const Candidate& candidate, const EvalRow& row, Progress& progress);
  Async<void> grade(const Candidate& candidate, const EvalRow& row, EvalResult& result, Completion answer);
  Async<EvalGrade> judge_grade(const judge::Sample& sample, EvalResult& result, bool is_reference);
  [[nodiscard]] std::optional<std::int64_t> estimate(const Candidate& candidate, const EvalRow& row) const;

  OfflineGateway& gateway_;
  const Graders& graders_;
  const std::vector<EvalRow>& rows_;
  const bool bounded_;
  Allowance allowance_;
  Known known_;
  std::ofstream file_;
  std::vector<std::pair<const Candidate*, const EvalRow*>> open_;
  Known found_;
  std::size_t done_ = 0;
  bool over_budget_ = false;
};

// Of the dearest deployment that may answer, and of the judge.
std::optional<std::int64_t> Run::estimate(const Candidate& candidate, const EvalRow& row) const {
  const Snapshot& snapshot = gateway_.snapshot();
  const auto tokens = static_cast<std::int64_t>(row.json.dump().size() / 3);
  std::int64_t answer = 0;
  const auto add = [&](const LiveDeployment& deployment) {
    Usage usage;
    usage.input = tokens;
    usage.output = answer_tokens;
    const auto cost = cost_nano_usd(deployment.spec->price, usage);
    if (cost) answer = std::max(answer, *cost);
    return cost.has_value();
  };
  bool priced = true;
  if (const auto one = snapshot.deployments.find(candidate.model); one != snapshot.deployments.end())
    priced = add(one->second);
  else if (!candidate.model.empty())
    for (const LiveTier& tier :
         route_named(snapshot, candidate.model.substr(candidate.model.find('/') + 1)).policy.tiers)
      for (const LiveDeployment* member : tier.members) priced = add(*member) && priced;
  if (!graders_.judge) return priced ? std::optional(answer) : std::nullopt;
  Usage usage;
  usage.input = prompt_tokens + tokens + answer_tokens;
  usage.output = reply_tokens;
  const auto once = cost_nano_usd(snapshot.deployments.at(graders_.judge->deployment).spec->price, usage);
  const int times = graders_.judge->mode == JudgeMode::pairwise ? 2 : 1;
  return priced && once ? std::optional(answer + times * *once) : std::nullopt;
}

Async<void> Run::work(const Candidate& candidate, const EvalRow& row, Progress& progress) {
  const auto cost = estimate(candidate, row);
  if (bounded_ && !cost)
    throw std::runtime_error("a price of '" + candidate.name +
                             "' or of the judge is not known, so that no budget can be kept: give it one, or "
                             "--budget-usd none");
  if (bounded_ && !allowance_.take(*cost)) {
    over_budget_ = true;
    gateway_.stop();
    co_return;
  }
  EvalResult result;
  result.candidate = candidate.name;
  result.fingerprint = candidate.fingerprint;
  result.id = row.id;
  OfflineAnswer answer;
  if (candidate.model.empty()) {
    answer.status = 200;
    answer.said.text = row.reference().value_or("");
    answer.said.finish_reason = "stop";
    answer.cost_nano_usd = 0;
  } else {
    answer = co_await gateway_.answer(request_body(row, candidate.model));
  }
  result.deployment = answer.deployment;
  result.cost_nano_usd = answer.cost_nano_usd;
  result.grading_nano_usd = 0;
  if (answer.status != 200)
    result.problem = answer.problem.empty() ? "status " + std::to_string(answer.status) : answer.problem;
  else
    co_await grade(candidate, row, result, std::move(answer.said));
  std::optional<std::int64_t> spent = result.grading_nano_usd;
  if (result.problem.empty())
    spent = spent && result.cost_nano_usd ? std::optional(*spent + *result.cost_nano_usd) : std::nullopt;
  allowance_.settle(bounded_ ? *cost : 0, spent);
  file_ << line_of(result) << std::flush;
  if (!file_) throw std::runtime_error("the file of results cannot be written");
  found_.insert_or_assign({result.candidate, result.id}, std::move(result));
  progress.at(++done_);
}

Async<void> Run::grade(const Candidate& candidate, const EvalRow& row, EvalResult& result, Completion answer) {
  result.answer = judge::text_of(answer);
  std::string body = request_body(row, "candidate");
  const std::size_t size = body.size();
  body.append(body_padding, '\0');
  const auto parsed =
      parse_request_body(Api::chat, std::string_view(body).substr(0, size), gateway_.snapshot().spec.limits.body_depth);
  if (!parsed) {
    result.problem = "the prompt makes no request: " + parsed.error().message;
    co_return;
  }
  const ChatView view(*parsed);
  judge::Sample sample = judge::sample_of(view, answer);
  sample.reference = row.reference();
  for (std::size_t i = 0; i < graders_.specs.size(); ++i) {
    const judge::Grade grade = graders_.mechanical[i]->grade(sample);
    result.grades[judge::name_of(graders_.specs[i])] = {judge::version_of(graders_.specs[i]), grade.score, std::nullopt,
                                                        grade.said.empty() ? grade.reason : grade.said};
  }
  if (!graders_.judge) co_return;
  EvalGrade judged = co_await judge_grade(sample, result, candidate.model.empty());
  result.grades["judge"] = std::move(judged);
}

Async<EvalGrade> Run::judge_grade(const judge::Sample& sample, EvalResult& result, bool is_reference) {
  EvalGrade out;
  out.version = graders_.judge_version;
  const bool pairwise = graders_.judge->mode == JudgeMode::pairwise;
  if (pairwise && is_reference) {
    out.score = 1;
    out.against_reference = 0;
    co_return out;
  }
  Completion reference;
  reference.text = sample.reference.value_or("");
  reference.finish_reason = "stop";
  judge::Judging judging(*graders_.judge, sample, pairwise ? &reference : nullptr, judge::random_nonces);
  auto next = judging.next({});
  while (std::holds_alternative<Question>(next)) {
    const Question question = std::get<Question>(std::move(next));
    const OfflineReply reply = co_await gateway_.ask(question);
    if (result.grading_nano_usd)
      result.grading_nano_usd =
          reply.cost_nano_usd ? std::optional(*result.grading_nano_usd + *reply.cost_nano_usd) : std::nullopt;
    next = judging.next(reply.result);
  }
  const judge::Judgement& judgement = std::get<judge::Judgement>(next);
  out.score = judgement.score;
  out.reason = judgement.reason + (judgement.said.empty() ? "" : ": " + judgement.said);
  if (pairwise && judgement.score)
    out.against_reference = judgement.finding == judge::Finding::win    ? 1
                            : judgement.finding == judge::Finding::loss ? -1
                                                                        : 0;
  co_return out;
}

double share_of(const Arguments& arguments, const char* name, double otherwise) {
  if (!arguments.has(name)) return otherwise;
  const auto value = parse_number(arguments.value(name));
  if (!value || !(*value > 0 && *value < 1))
    throw UsageError("--" + std::string(name) + ": give a number between 0 and 1");
  return *value;
}

}  // namespace

int evalset_run(const Arguments& arguments) {
  const std::string file = arguments.words()[0];
  const double margin = share_of(arguments, "margin", 0.05);
  const double confidence = share_of(arguments, "confidence", 0.95);
  const auto budget = budget_of(arguments);
  const Loaded loaded = load_file(value_of(arguments, "config"));
  if (!usable(loaded)) return exit_no;
  std::signal(SIGPIPE, SIG_IGN);  // of graders' programs
  OfflineGateway gateway(loaded.spec, loaded.version);
  const Graders graders = graders_of(arguments, loaded.spec, gateway.snapshot());
  std::vector<Candidate> candidates = candidates_of(arguments, loaded, gateway.snapshot());
  candidates.insert(candidates.begin(), {std::string(reference_name), "", ""});
  auto rows = rows_of_file(file);
  if (!rows) return exit_no;
  const std::size_t all = rows->size();
  std::erase_if(*rows, [](const EvalRow& row) { return !row.reference(); });
  if (rows->size() < all) std::fprintf(stderr, "%zu rows have no reference and are left out\n", all - rows->size());
  if (rows->empty()) {
    std::fputs("no row has a reference: `triage evalset build` asks for them\n", stderr);
    return exit_no;
  }
  Run run(gateway, graders, *rows, budget, file + ".results");
  const EvalReport report = evaluate(run.run(candidates), margin, confidence);
  std::fputs((arguments.has("json") ? eval_json(report) : eval_text(report)).c_str(), stdout);
  const bool some_pass = std::ranges::any_of(
      report.candidates, [](const EvaluatedCandidate& each) { return each.verdict == EvalVerdict::passes; });
  return some_pass && !run.over_budget() ? exit_done : exit_no;
}

}  // namespace triage
