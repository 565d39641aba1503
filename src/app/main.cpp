// triage COMMAND ...   Exit: 0 done, 1 the answer is no, 2 wrong use, 3 could not run.
#include "app/commands.hpp"
#include "app/terminal.hpp"

#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

namespace {

using Words = std::vector<std::string>;

bool asks_for_help(const Words& words) {
  const auto end = std::ranges::find(words, "--");
  return std::any_of(words.begin(), end, [](const std::string& word) { return word == "--help" || word == "-h"; });
}

void complain(const std::string& who, const char* what) {
  const bool colour = triage::has_colour(STDERR_FILENO);
  std::fprintf(stderr, "%s%s:%s %s\n", colour ? "\x1b[1;31m" : "", who.c_str(), colour ? "\x1b[0m" : "", what);
}

// What is wrong, how the command is used, where more is told.
int complain_of_use(const triage::Chosen& chosen, const char* what) {
  complain(chosen.name, what);
  std::string usage;
  if (chosen.command != nullptr)
    for (const std::string& line : triage::usage_lines(chosen.name, *chosen.command))
      usage += (usage.empty() ? "Usage: " : "       ") + line + "\n";
  std::fprintf(stderr, "%s`%s --help` tells more.\n", usage.c_str(), chosen.name.c_str());
  return triage::exit_usage;
}

int print_help(const std::vector<triage::CommandGroup>& groups, Words words) {
  const bool bold = triage::has_colour(STDOUT_FILENO);
  std::erase_if(words, [](const std::string& word) { return word == "help" || word.starts_with('-'); });
  if (words.empty()) {
    std::fputs(triage::program_help(groups, bold).c_str(), stdout);
    return triage::exit_done;
  }
  const triage::Chosen chosen = triage::choose_named(groups, words);
  if (!chosen.problem.empty()) return complain_of_use(chosen, chosen.problem.c_str());
  std::fputs(triage::command_help(chosen.name, *chosen.command, bold).c_str(), stdout);
  return triage::exit_done;
}

// An option that is given twice counts as it was given last, so that a script may add to a command line.
void note_repeated(const triage::Command& command, const triage::Arguments& arguments) {
  for (const triage::Option& option : command.options)
    if (const auto values = arguments.values(option.name); values.size() > 1 && !option.repeats)
      std::fprintf(stderr, "note: %s is given more than once: '%s' counts\n", triage::dashed(option).c_str(),
                   values.back().c_str());
}

int run(const triage::Chosen& chosen) {
  if (!chosen.problem.empty()) return complain_of_use(chosen, chosen.problem.c_str());
  try {
    const triage::Arguments arguments = triage::parse_words(*chosen.command, chosen.words);
    note_repeated(*chosen.command, arguments);
    return chosen.command->run(arguments);
  } catch (const triage::UsageError& wrong) {
    return complain_of_use(chosen, wrong.what());
  } catch (const std::exception& failure) {
    complain(chosen.name, failure.what());
    return triage::exit_could_not_run;
  }
}

int run(Words words) {
  const auto& groups = triage::commands();
  if (words.empty()) {
    std::fputs(triage::program_help(groups, triage::has_colour(STDERR_FILENO)).c_str(), stderr);
    return triage::exit_usage;
  }
  if (words[0] == "help" || asks_for_help(words)) return print_help(groups, std::move(words));
  if (words[0] == "--version" || words[0] == "-V") words[0] = "version";
  return run(triage::choose_command(groups, words));
}

}  // namespace

int main(int argc, char** argv) {
  triage::open_standard_streams();
  const int code = run(Words(argv + 1, argv + argc));
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  complain("triage", (std::string("standard output cannot be written: ") + std::strerror(errno)).c_str());
  return code == triage::exit_done ? triage::exit_could_not_run : code;
}
