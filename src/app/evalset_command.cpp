// triage evalset: reference answers, and candidates against them.
#include "app/commands.hpp"
#include "app/evalset_run.hpp"
#include "base/file.hpp"
#include "options/values.hpp"

#include <cstdio>
#include <stdexcept>

namespace triage {

const char* const evalset_help =
    "Usage: triage evalset build --config F --route R --out SET.jsonl [-n 200] [--from ledger | FILE] [--reference D]\n"
    "                            [--since 30d] [--budget-usd 10]\n"
    "       triage evalset run --config F SET.jsonl (--route R | --deployment D)... [--judge D] [--grader KIND]...\n"
    "                          [--margin 0.05] [--confidence 0.95] [--budget-usd 10] [--json]\n\n"
    "build: draws requests of a route, from the ledger where the route records content or from a file of prompts\n"
    "({\"prompt\": ...} a line), and asks the route's strongest deployment for reference answers.\n"
    "run: asks routes (with their routers, cascade and all) or single deployments, grades their answers beside the\n"
    "references, and says which pass: not worse than the reference by --margin or more.\n"
    "Both go on where they were interrupted, and stop before they spend more than their budget.\n\n"
    "  -n N            how many requests\n"
    "  --reference D   asks this deployment instead\n"
    "  --route R       may be given again, as --deployment may\n"
    "  --judge D       that deployment compares each answer with the reference, in both orders; if not given, the "
    "judge\n"
    "                  of the route's `quality`, as that says\n"
    "  --grader KIND   exact, numeric, regex, json_schema or command, with default options; if not given, the graders "
    "of\n"
    "                  the route's `quality`\n"
    "  --quality-of R  whose judge and graders; if not given, those of the first --route\n"
    "  --budget-usd B  for this run, `none` for no bound\n"
    "  --json          for programs\n\n"
    "Exit: 0 done, 1 no candidate passes, the budget is used up, or the configuration or the file is bad.\n";

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

int evalset_command(const Words& words) {
  if (words.empty()) throw UsageError("say what: build or run");
  Words rest(words.begin() + 1, words.end());
  for (std::string& word : rest)
    if (word == "-n") word = "--n";
  if (words[0] == "build")
    return evalset_build(
        Arguments(rest, {"config", "route", "out", "n", "from", "reference", "since", "budget-usd"}, {}));
  if (words[0] == "run")
    return evalset_run(Arguments(
        rest, {"config", "route", "deployment", "judge", "grader", "quality-of", "margin", "confidence", "budget-usd"},
        {"json"}));
  throw UsageError("'" + words[0] + "': say build or run");
}

}  // namespace triage
