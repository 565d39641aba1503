// triage evalset: reference answers, and candidates against them.
#include "app/commands.hpp"
#include "app/evalset_run.hpp"
#include "base/file.hpp"
#include "options/values.hpp"

#include <cstdio>
#include <stdexcept>

namespace triage {

std::optional<std::vector<EvalRow>> rows_of_file(const std::string& name) {
  std::string reason;
  const auto bytes = read_file(name, part_bytes_max, reason);
  if (!bytes) throw std::runtime_error("'" + name + "': " + reason);
  EvalRows read = read_evalset(*bytes, name);
  for (const std::string& problem : read.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  if (!read.problems.empty()) return std::nullopt;
  return std::move(read.rows);
}

std::optional<double> budget_of(const Arguments& arguments) {
  constexpr double usual = 10;
  if (!arguments.has("budget-usd")) return usual;
  if (arguments.value("budget-usd") == "none") return std::nullopt;
  const auto usd = parse_number(arguments.value("budget-usd"));
  if (!usd || !(*usd >= 0 && *usd <= 1e6)) throw UsageError("--budget-usd: give an amount of USD, or none");
  return *usd;
}

std::size_t count_of(const Arguments& arguments, const char* name, std::size_t otherwise, std::size_t most) {
  if (!arguments.has(name)) return otherwise;
  const auto count = parse_integer(arguments.value(name));
  if (!count || *count == 0 || *count > most)
    throw UsageError("-" + std::string(name) + ": give a number from 1 to " + std::to_string(most));
  return static_cast<std::size_t>(*count);
}

namespace {

Command build_command() {
  Option out{"out", "FILE", "the set, in JSON Lines"};
  out.required = true;
  Option route{"route", "NAME", "whose requests"};
  route.required = true;
  return {.name = "build",
          .summary = "draw requests of a route, and ask for reference answers",
          .about =
              "Draws requests of a route, from the ledger where the route records content or from a file of prompts "
              "({\"prompt\": ...} a line), and asks the route's strongest deployment for reference answers. It goes "
              "on where it was interrupted, and stops before it spends more than its budget.",
          .options = {config_option(),
                      route,
                      out,
                      {"n", "N", "how many requests; 200 if not given"},
                      {"from", "FILE", "the prompts; `ledger`, which is the default, for the ledger's"},
                      {"reference", "NAME", "asks this deployment instead of the strongest"},
                      since_option("requests of the ledger of that time or later; 30d if not given"),
                      {"budget-usd", "USD", "for this run, `none` for no bound; 10 if not given"}},
          .run = evalset_build};
}

Command run_command() {
  Option route{"route", "NAME", "asks this route, with its routers, cascade and all; may be given again"};
  route.repeats = true;
  Option deployment{"deployment", "NAME", "asks this deployment; may be given again"};
  deployment.repeats = true;
  Option grader{
      "grader", "KIND",
      "exact, numeric, regex, json_schema or command, with default options; may be given again; if not given, "
      "the graders of the route's `quality`"};
  grader.repeats = true;
  return {
      .name = "run",
      .summary = "ask candidates, and grade their answers beside the references",
      .about =
          "Asks routes or single deployments, grades their answers beside the references, and says which pass: "
          "not worse than the reference by --margin or more. It goes on where it was interrupted, and stops "
          "before it spends more than its budget.",
      .operands = {{"FILE"}},
      .options = {config_option(),
                  route,
                  deployment,
                  {"judge", "NAME",
                   "this deployment compares each answer with the reference, in both orders; if not given, the judge "
                   "of the route's `quality`, as that says"},
                  grader,
                  {"quality-of", "ROUTE", "whose judge and graders; if not given, those of the first --route"},
                  {"margin", "M", "how much worse still passes; 0.05 if not given"},
                  {"confidence", "C", "with which it is said; 0.95 if not given"},
                  {"budget-usd", "USD", "for this run, `none` for no bound; 10 if not given"},
                  json_option()},
      .run = evalset_run};
}

}  // namespace

Command evalset_command() {
  return {.name = "evalset",
          .summary = "reference answers, and candidates against them",
          .about =
              "A set of requests of your own traffic with reference answers, by which other models and other "
              "routes can be compared.",
          .examples = {{"triage evalset build --route chat --out set.jsonl -n 200", "make a set"},
                       {"triage evalset run set.jsonl --route chat --deployment mini", "does the cheap model pass?"}},
          .exits = "0 done, 1 no candidate passes, the budget is used up, or the configuration or the file is bad.",
          .commands = {build_command(), run_command()}};
}

}  // namespace triage
