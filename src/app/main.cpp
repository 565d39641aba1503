// triage COMMAND ...   Exit: 0 done, 1 the answer is no, 2 wrong use, 3 could not run.
#include "app/arguments.hpp"
#include "app/commands.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>

namespace {

struct Command {
  const char* name;
  const char* summary;
  int (*run)(const triage::Words& words);
  const char* const* help;
};

constexpr Command commands[] = {
    {"serve", "run the gateway", triage::serve_command, &triage::serve_help},
    {"simulate", "run simulated providers", triage::simulate_command, &triage::simulate_help},
    {"check", "check a configuration", triage::check_command, &triage::check_help},
    {"explain", "say what would become of a request", triage::explain_command, &triage::explain_help},
    {"experiment", "show, steer and forecast experiments", triage::experiment_command, &triage::experiment_help},
    {"eval", "say what a route is worth on labelled questions", triage::eval_command, &triage::eval_help},
    {"evalset", "reference answers, and candidates against them", triage::evalset_command, &triage::evalset_help},
    {"judge", "how far the judge can be trusted", triage::judge_command, &triage::judge_help},
    {"spotcheck", "answers for people to grade", triage::spotcheck_command, &triage::spotcheck_help},
    {"sweep", "choose a threshold, with a guarantee", triage::sweep_command, &triage::sweep_help},
    {"plan", "say what patterns of routing would cost and lose", triage::plan_command, &triage::plan_help},
    {"export", "labelled questions from the ledger", triage::export_command, &triage::export_help},
    {"ledger", "verify, rebuild or export the ledger", triage::ledger_command, &triage::ledger_help},
    {"report", "what requests cost and how they went", triage::report_command, &triage::report_help},
    {"replay", "say what a change of configuration would have cost", triage::replay_command, &triage::replay_help},
    {"top", "who costs most, and how good the answers are", triage::top_command, &triage::top_help},
    {"health", "ask a running gateway whether it takes requests", triage::health_command, &triage::health_help},
    {"import", "read another gateway's configuration", triage::import_command, &triage::import_help},
    {"key", "make a gateway key", triage::key_command, &triage::key_help},
    {"prices", "show prices, import LiteLLM's", triage::prices_command, &triage::prices_help},
    {"calibrate", "learn what log-probabilities mean", triage::calibrate_command, &triage::calibrate_help},
    {"features", "print what models read of prompts and answers", triage::features_command, &triage::features_help},
    {"similarity", "vectors and threshold of the router similarity", triage::similarity_command,
     &triage::similarity_help},
    {"schema", "print the configuration's JSON Schema", triage::schema_command, &triage::schema_help},
    {"version", "print the version", triage::version_command, &triage::version_help},
};

void print_usage(std::FILE* out) {
  std::fputs("Usage: triage COMMAND [OPTION]...\n\n", out);
  for (const Command& command : commands) std::fprintf(out, "  %-10s %s\n", command.name, command.summary);
  std::fputs("\n`triage COMMAND --help` tells more.\n", out);
}

int run(const Command& command, const triage::Words& words) {
  if (std::ranges::find(words, "--help") != words.end()) {
    std::fputs(*command.help, stdout);
    return triage::exit_done;
  }
  try {
    return command.run(words);
  } catch (const triage::UsageError& wrong) {
    std::fprintf(stderr, "triage %s: %s\n\n%s", command.name, wrong.what(), *command.help);
    return triage::exit_usage;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "triage %s: %s\n", command.name, failure.what());
    return triage::exit_could_not_run;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const triage::Words words(argv + 1, argv + argc);
  if (words.empty()) {
    print_usage(stderr);
    return triage::exit_usage;
  }
  if (words[0] == "--help" || words[0] == "help") {
    print_usage(stdout);
    return triage::exit_done;
  }
  const triage::Words rest(words.begin() + 1, words.end());
  const std::string name = words[0] == "--version" ? "version" : words[0];
  for (const Command& command : commands)
    if (name == command.name) return run(command, rest);
  std::fprintf(stderr, "triage: unknown command '%s'\n\n", words[0].c_str());
  print_usage(stderr);
  return triage::exit_usage;
}
