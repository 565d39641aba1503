// triage plan: what patterns of routing would cost and lose, from a few numbers or from the ledger.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/ledger_folder.hpp"
#include "base/text.hpp"
#include "base/unix_time.hpp"
#include "ledger/workload.hpp"
#include "offline/plan_report.hpp"
#include "offline/table.hpp"
#include "options/key.hpp"
#include "options/values.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using offline::PlanSubject;
using offline::Workload;

constexpr double day_ms = 24.0 * 3600 * 1000;

// A number that an option sets.
struct Figure {
  const char* option;
  double Workload::*member;
  double least;
  double most;
  const char* value;
  const char* about;
};
constexpr Figure figures[] = {
    {"requests", &Workload::requests_a_day, 1, 1e12, "N", "a day; 100000 if not given"},
    {"cost-weak", &Workload::cost_weak_usd, 0, 1e6, "USD", "of one call of the weak model"},
    {"cost-strong", &Workload::cost_strong_usd, 0, 1e6, "USD", "of one call of the strong model"},
    {"cost-router", &Workload::cost_router_usd, 0, 1e6, "USD", "of the router, for each request; 0 if not given"},
    {"cost-verifier", &Workload::cost_verifier_usd, 0, 1e6, "USD", "of the verifier; 0 if not given"},
    {"cost-picker", &Workload::cost_picker_usd, 0, 1e6, "USD", "of the picker; 0 if not given"},
    {"quality-weak", &Workload::quality_weak, 0, 1, "Q", "share of requests that the weak model gets right"},
    {"quality-strong", &Workload::quality_strong, 0, 1, "Q", "share of requests that the strong model gets right"},
    {"both-right", &Workload::both_right, 0, 1, "Q",
     "share that both get right; the lower of the two if not given: the strong model fails nowhere alone"},
    {"router-accuracy", &Workload::router_accuracy, 0.5, 0.9999, "A",
     "of hard requests found, and of easy ones left, where these are equal; 0.7 if not given"},
    {"verifier-accuracy", &Workload::verifier_accuracy, 0.5, 0.9999, "A",
     "the same of wrong and right answers; 0.7 if not given"},
    {"picker-accuracy", &Workload::picker_accuracy, 0.5, 0.9999, "A",
     "share of right picks where just one answer is right; 0.7 if not given"},
    {"loss", &Workload::loss_max, 0, 1, "Q",
     "the quality budget: what may be lost against always-strong; 0.02 if not given"},
};

double number(const Arguments& arguments, const char* name, double least, double most) {
  const auto value = parse_number(arguments.value(name));
  if (value && *value >= least && *value <= most) return *value;
  std::string message = "--" + std::string(name) + " '" + arguments.value(name) + "': give a number from ";
  message += options::Scalar<double>::format(least) + " to " + options::Scalar<double>::format(most);
  throw UsageError(message);
}

// What the ledger knows. The options count before it.
void read_ledger(const Arguments& arguments, PlanSubject& subject, Workload& work, bool& has_costs) {
  const std::int64_t now_ms = now_unix_ms();
  const auto seen = ledger::read_workload(ledger_folder(arguments), arguments.value("route"),
                                          since_unix_ms(arguments, now_ms - 7 * static_cast<std::int64_t>(day_ms)));
  if (seen.requests == 0) throw std::runtime_error("the ledger has no such requests that were answered");
  const double days = std::max(static_cast<double>(now_ms - seen.first_unix_ms) / day_ms, 1.0);
  work.requests_a_day = static_cast<double>(seen.requests) / days;
  subject.notes.push_back(
      offline::grouped(seen.requests) + " requests in " + offline::fixed(days, 1) + " days; " +
      offline::percent(static_cast<double>(seen.strong_requests) / static_cast<double>(seen.requests)) +
      " of them were not answered by the cheap tier");
  if (seen.cost_usd.count > 0)
    subject.notes.push_back("they cost " + offline::usd(seen.cost_usd.mean()) + " each; from the top tier alone " +
                            offline::usd(seen.frontier_cost_usd.mean()));
  if (seen.pair_cost_weak_usd.count > 0) {
    work.cost_weak_usd = seen.pair_cost_weak_usd.mean();
    work.cost_strong_usd = seen.pair_cost_strong_usd.mean();
    has_costs = true;
    subject.notes.push_back("costs of a call are the means of " + offline::grouped(seen.pair_cost_weak_usd.count) +
                            " pairs");
  }
  if (seen.quality_weak.count > 0) {
    work.quality_weak = seen.quality_weak.mean();
    work.quality_strong = seen.quality_strong.mean();
    work.both_right = seen.both_right.mean();
    subject.has_quality = true;
    subject.notes.push_back("qualities are the mean scores of " + offline::grouped(seen.quality_weak.count) + " pairs");
  } else {
    subject.notes.push_back("no pairs were scored: a 'shadow' with a picker measures the quality of both tiers");
  }
}

void read_options(const Arguments& arguments, PlanSubject& subject, Workload& work, bool has_costs) {
  for (const Figure& figure : figures)
    if (arguments.has(figure.option)) work.*figure.member = number(arguments, figure.option, figure.least, figure.most);
  if (!has_costs && (!arguments.has("cost-weak") || !arguments.has("cost-strong")))
    throw UsageError("--cost-weak and --cost-strong are needed: the price of one call in USD");
  if (arguments.has("quality-weak") != arguments.has("quality-strong") && !subject.has_quality)
    throw UsageError("give both --quality-weak and --quality-strong");
  if (arguments.has("quality-weak") || arguments.has("quality-strong")) {
    subject.has_quality = true;
    if (!arguments.has("both-right")) work.both_right = std::min(work.quality_weak, work.quality_strong);
  }
  if (arguments.has("share-weak")) subject.share_weak = number(arguments, "share-weak", 0, 1);
  if (!subject.has_quality) return;
  const double least = std::max(0.0, work.quality_weak + work.quality_strong - 1);
  const double most = std::min(work.quality_weak, work.quality_strong);
  if (work.both_right < least - 1e-9 || work.both_right > most + 1e-9)
    throw UsageError("--both-right: with these qualities it lies from " + offline::fixed(least, 4) + " to " +
                     offline::fixed(most, 4));
}

int plan(const Arguments& arguments) {
  PlanSubject subject;
  Workload work;
  bool has_costs = false;
  if (arguments.has("config") || arguments.has("ledger")) read_ledger(arguments, subject, work, has_costs);
  read_options(arguments, subject, work, has_costs);
  if (arguments.has("html") && !subject.has_quality) throw UsageError("--html needs the qualities");
  if (arguments.has("json"))
    std::printf("%s\n", offline::plan_json(subject, work).dump(2).c_str());
  else
    std::fputs(offline::plan_text(subject, work).c_str(), stdout);
  if (!arguments.has("html")) return exit_done;
  std::ofstream out(arguments.value("html"), std::ios::binary);
  out << offline::plan_page(subject, work);
  out.close();
  if (!out) throw std::runtime_error("cannot write '" + arguments.value("html") + "'");
  return exit_done;
}

}  // namespace

Command plan_command() {
  std::vector<Option> options{{"config", "FILE", "the configuration whose ledger is read"},
                              {"ledger", "DIR", "a ledger's directory, instead of --config"},
                              {"route", "NAME", "only that route's requests"},
                              since_option("requests of that time or later; 7d if not given")};
  for (const Figure& figure : figures) options.push_back({figure.option, figure.value, figure.about});
  return {
      .name = "plan",
      .summary = "say what patterns of routing would cost and lose",
      .about =
          "Says what pre-routing, a cascade and an ensemble would cost and lose, which one to take, and at which "
          "accuracy a cascade beats pre-routing. From a ledger come the number of requests, and costs and "
          "qualities from its pairs; without one, --cost-weak and --cost-strong are needed.",
      .options = joined_options(std::move(options),
                                {{"share-weak", "S", "share of requests that the weak model keeps, if that is settled"},
                                 {"html", "FILE", "writes a page with a chart"},
                                 json_option()}),
      .examples = {{"triage plan --cost-weak 0.0002 --cost-strong 0.003 --quality-weak 0.7 --quality-strong 0.9",
                    "from a few numbers"},
                   {"triage plan --config triage.yaml --route chat", "from the ledger"}},
      .run = plan};
}

}  // namespace triage
