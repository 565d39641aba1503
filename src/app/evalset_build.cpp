// triage evalset build: draws requests and gets reference answers.
#include "app/evalset_run.hpp"
#include "app/ledger_folder.hpp"
#include "app/offline_gateway.hpp"
#include "app/progress.hpp"
#include "app/route_run.hpp"
#include "app/similarity_fit.hpp"
#include "base/file.hpp"
#include "base/unix_time.hpp"
#include "config/load.hpp"
#include "judge/sample.hpp"
#include "ledger/folder.hpp"
#include "ledger/grades.hpp"
#include "text/text_shape.hpp"
#include "triage/price.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

namespace triage {
namespace {

constexpr std::int64_t month_ms = 30LL * 24 * 3600 * 1000;
constexpr std::size_t at_once = 8;
constexpr std::int64_t answer_tokens = 1'000;  // of an answer, for the estimate of its cost

// The route's requests in the ledger whose text is there, whole. An answer that feedback has corrected needs no other
// reference.
std::vector<EvalRow> rows_of_ledger(const ConfigSpec& spec, const std::string& route, std::int64_t since) {
  if (!spec.ledger || !ledger::is_ledger(spec.ledger->dir))
    throw std::runtime_error("the configuration has no ledger to take requests from; give a file: --from FILE");
  std::vector<EvalRow> out;
  std::size_t without_text = 0;
  const ledger::Grades grades = ledger::read_grades(spec.ledger->dir, since);
  ledger::each_answered(spec.ledger->dir, since, true, [&](const ledger::AnsweredRequest& request) {
    if (request.route != route) return true;
    auto prompt = request.whole ? nlohmann::ordered_json::parse(request.prompt, nullptr, false)
                                : nlohmann::ordered_json(nlohmann::ordered_json::value_t::discarded);
    if (prompt.is_discarded() || !(prompt.is_string() || (prompt.is_array() && !prompt.empty()))) {
      ++without_text;
      return true;
    }
    EvalRow row{request.id, {{"id", request.id}, {"route", route}, {"prompt", std::move(prompt)}}};
    if (!request.task_class.empty()) row.json["group"] = request.task_class;
    if (const auto right = grades.corrected.find(request.id); right != grades.corrected.end()) {
      row.json["reference"] = right->second;
      row.json["deployment"] = "feedback";
    }
    out.push_back(std::move(row));
    return true;
  });
  if (without_text > 0)
    std::fprintf(stderr,
                 "%zu requests are left out because their text was not recorded, or not all of it: set 'record: "
                 "{content: redacted}' or 'full' on the route\n",
                 without_text);
  return out;
}

// References that are known already, from the set itself or from a run that was interrupted.
std::map<std::string, EvalRow> known_rows(const std::string& file) {
  std::map<std::string, EvalRow> out;
  for (const std::string& name : {file, file + ".partial"}) {
    std::string reason;
    const auto bytes = read_file(name, part_bytes_max, reason);
    if (!bytes) continue;
    for (EvalRow& row : read_evalset(*bytes, name).rows)
      if (row.reference()) out.insert_or_assign(row.id, std::move(row));
  }
  return out;
}

std::optional<std::int64_t> estimate(const Price& price, const EvalRow& row) {
  TextShape shape;
  count_text(row.prompt().dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace), shape);
  Usage usage;
  usage.input = estimate_tokens(shape);
  usage.output = answer_tokens;
  return cost_nano_usd(price, usage);
}

class Builder {
 public:
  Builder(OfflineGateway& gateway, std::string deployment, std::vector<EvalRow>& rows, std::optional<double> budget,
          const std::string& partial)
      : gateway_(gateway),
        deployment_(std::move(deployment)),
        rows_(rows),
        bounded_(budget.has_value()),
        allowance_(budget.value_or(0)),
        price_(gateway.snapshot().deployments.at(deployment_).spec->price),
        partial_(partial, std::ios::binary | std::ios::app) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (!rows[i].reference()) open_.push_back(i);
  }

  /// The number of rows that are left without a reference.
  std::size_t run() {
    if (bounded_ && !open_.empty() && !estimate(price_, rows_[open_.front()]))
      throw std::runtime_error("the price of '" + deployment_ +
                               "' is not known, so that no budget can be kept: give it a price, or --budget-usd none");
    Progress progress("reference answers", open_.size());
    gateway_.run(open_.size(), at_once, [&](std::size_t index) { return work(rows_[open_[index]], progress); });
    if (over_budget_) std::fputs("the budget is used up\n", stderr);
    std::fprintf(stderr, "%zu of %zu reference answers came, for $%.4f\n", done_, open_.size(), allowance_.spent_usd());
    for (const auto& [problem, count] : problems_)
      std::fprintf(stderr, "%zu requests were not answered: %s\n", count, problem.c_str());
    return open_.size() - done_;
  }

 private:
  Async<void> work(EvalRow& row, Progress& progress) {
    const std::int64_t cost = estimate(price_, row).value_or(0);
    if (bounded_ && !allowance_.take(cost)) {
      over_budget_ = true;
      gateway_.stop();
      co_return;
    }
    const OfflineAnswer answer = co_await gateway_.answer(request_body(row, deployment_));
    allowance_.settle(bounded_ ? cost : 0, answer.cost_nano_usd);
    const std::string_view text = judge::text_of(answer.said);
    const std::string_view lacks = answer.status == 200 ? judge::not_enough(answer.said) : std::string_view();
    if (answer.status != 200 || !lacks.empty()) {
      const std::string why = lacks.empty() ? answer.problem : "the answer: " + std::string(lacks);
      ++problems_[why.empty() ? "status " + std::to_string(answer.status) : why];
      co_return;
    }
    row.json["reference"] = std::string(text);
    row.json["deployment"] = deployment_;
    if (answer.cost_nano_usd) row.json["cost_usd"] = static_cast<double>(*answer.cost_nano_usd) * 1e-9;
    partial_ << line_of(row) << std::flush;
    if (!partial_) throw std::runtime_error("the file beside the set cannot be written");
    progress.at(++done_);
  }

  OfflineGateway& gateway_;
  const std::string deployment_;
  std::vector<EvalRow>& rows_;
  const bool bounded_;
  Allowance allowance_;
  const Price& price_;
  std::ofstream partial_;
  std::vector<std::size_t> open_;  // indexes of rows without a reference
  std::map<std::string, std::size_t> problems_;
  std::size_t done_ = 0;
  bool over_budget_ = false;
};

void write_set(const std::string& file, const std::vector<EvalRow>& rows) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  for (const EvalRow& row : rows)
    if (row.reference()) out << line_of(row);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(fresh, file, error);
  if (!out || error) throw std::runtime_error("cannot write '" + file + "'");
  std::filesystem::remove(file + ".partial", error);
}

std::string reference_deployment(const Arguments& arguments, const OfflineGateway& gateway) {
  const LiveRoute& route = route_named(gateway.snapshot(), value_of(arguments, "route"));
  if (!arguments.has("reference")) {
    if (route.policy.strongest == nullptr)
      throw UsageError("the route has no tier of the order; say who answers: --reference DEPLOYMENT");
    return route.policy.strongest->spec->name;
  }
  if (!gateway.snapshot().deployments.contains(arguments.value("reference")))
    throw UsageError("--reference: no deployment is called '" + arguments.value("reference") + "'");
  return arguments.value("reference");
}

}  // namespace

int evalset_build(const Arguments& arguments) {
  const std::string file = value_of(arguments, "out");
  const std::string route = value_of(arguments, "route");
  const std::size_t count = count_of(arguments, "n", 200, 100'000);
  const auto budget = budget_of(arguments);
  const Loaded loaded = load_file(value_of(arguments, "config"));
  if (!usable(loaded)) return exit_no;
  OfflineGateway gateway(loaded.spec, loaded.version);
  const std::string deployment = reference_deployment(arguments, gateway);
  std::vector<EvalRow> rows;
  if (arguments.has("from") && arguments.value("from") != "ledger") {
    auto read = rows_of_file(arguments.value("from"));
    if (!read) return exit_no;
    rows = std::move(*read);
  } else {
    rows = rows_of_ledger(loaded.spec, route, since_unix_ms(arguments, now_unix_ms() - month_ms));
  }
  rows = drawn_rows(std::move(rows), count);
  if (rows.empty()) {
    std::fputs("there are no requests to make a set of\n", stderr);
    return exit_no;
  }
  const auto known = known_rows(file);
  for (EvalRow& row : rows)
    if (const auto found = known.find(row.id); found != known.end()) row = found->second;
  const std::size_t left = Builder(gateway, deployment, rows, budget, file + ".partial").run();
  if (gateway.stopped()) {
    std::fputs("the same command goes on where this one ended\n", stderr);
    return exit_no;
  }
  write_set(file, rows);
  std::fprintf(stderr, "%zu requests with reference answers are in %s\n", rows.size() - left, file.c_str());
  return left < rows.size() ? exit_done : exit_no;
}

}  // namespace triage
