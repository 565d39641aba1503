// completion, man: what shells and man(1) read of the list of commands.
#include "app/commands.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace triage {
namespace {

int print_completion(const Arguments& arguments) {
  std::fputs(completion_script(commands(), arguments.words()[0]).c_str(), stdout);
  return exit_done;
}

void write_page(const std::filesystem::path& file, const std::string& page) {
  std::ofstream out(file, std::ios::binary);
  out << page;
  out.close();
  if (!out) throw std::runtime_error("cannot write '" + file.string() + "'");
}

int write_pages(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  write_page(folder / "triage.1", program_page(commands(), TRIAGE_VERSION));
  for (const CommandGroup& group : commands())
    for (const Command& command : group.commands)
      write_page(folder / ("triage-" + command.name + ".1"), command_page(command, TRIAGE_VERSION));
  return exit_done;
}

int print_page(const Arguments& arguments) {
  if (arguments.has("out")) {
    if (!arguments.words().empty())
      throw UsageError("--out writes all pages: leave '" + arguments.words()[0] + "' out");
    return write_pages(arguments.value("out"));
  }
  std::string page = program_page(commands(), TRIAGE_VERSION);
  if (!arguments.words().empty()) {
    const std::string& name = arguments.words()[0];
    const Command* found = nullptr;
    std::vector<std::string> names;
    for (const CommandGroup& group : commands())
      for (const Command& command : group.commands) {
        names.push_back(command.name);
        if (command.name == name) found = &command;
      }
    if (found == nullptr) throw UsageError("unknown command '" + name + "'" + did_you_mean(name, names));
    page = command_page(*found, TRIAGE_VERSION);
  }
  std::fwrite(page.data(), 1, page.size(), stdout);
  return exit_done;
}

}  // namespace

Command completion_command() {
  return {.name = "completion",
          .summary = "print a script that completes command lines",
          .about = "Prints a script by which the shell completes commands, options and their values.",
          .operands = {{"SHELL", {"bash", "zsh", "fish"}}},
          .examples = {{"source <(triage completion bash)", "in ~/.bashrc; likewise with zsh in ~/.zshrc"},
                       {"triage completion fish > ~/.config/fish/completions/triage.fish", "fish"}},
          .run = print_completion};
}

Command man_command() {
  return {.name = "man",
          .summary = "print the man pages",
          .about = "Prints a man page: of the program, or of one command.",
          .operands = {{"COMMAND", {}, true}},
          .options = {{"out", "DIR", "writes all pages into this directory instead: triage.1, triage-serve.1, ..."}},
          .examples = {{"triage man serve | man -l -", "read one"},
                       {"triage man --out /usr/local/share/man/man1", "install all"}},
          .run = print_page};
}

}  // namespace triage
