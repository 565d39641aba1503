#pragma once
// What a command of the program takes. Parsing, help, completion and man pages all come from this description.

#include "app/arguments.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace triage {

/// An option. A name of one letter is written with one dash.
struct Option {
  std::string name;                       ///< without dashes
  std::string value = {};                 ///< what it takes, in upper case; FILE and DIR are completed; empty: a switch
  std::string about = {};                 ///< one sentence, without its full stop
  std::vector<std::string> choices = {};  ///< the values there are; empty: any
  bool required = false;
  bool repeats = false;      ///< may be given more than once
  bool found_here = false;   ///< if it is not given, triage.yaml in the current directory is its value
  std::string instead = {};  ///< with `found_here`: an option that may stand in its place
};

/// A word that is no option.
struct Operand {
  std::string name;                       ///< in upper case; FILE, OLD and NEW are completed as files
  std::vector<std::string> choices = {};  ///< as an option's
  bool optional = false;
  bool found_here = false;  ///< with `optional`: as an option's
};

struct Example {
  std::string line;
  std::string about;
};

struct Command {
  std::string name;
  std::string summary;     ///< what it does, in half a line
  std::string about = {};  ///< paragraphs, with an empty line between them; `code` in backticks
  std::vector<Operand> operands = {};
  std::vector<Option> options = {};
  std::vector<Example> examples = {};
  std::string exits = {};               ///< what its exit codes mean, if they need to be said
  std::vector<std::string> usage = {};  ///< where one line of all options would mislead: the lines instead
  /// Returns the exit code. Throws UsageError for wrong use, other exceptions when it could not run.
  int (*run)(const Arguments& arguments) = nullptr;
  std::vector<Command> commands = {};  ///< if there are any, one of them must follow, and it runs
};

struct CommandGroup {
  std::string title;
  std::vector<Command> commands;
};

/// The file that `found_here` means.
inline constexpr std::string_view config_here = "triage.yaml";

/// "--config", "-n"
std::string dashed(const Option& option);
/// "--config FILE", "--json"
std::string spelled(const Option& option);
/// "triage ledger verify [--config FILE] [--ledger DIR]", a line each. `name` begins with "triage".
std::vector<std::string> usage_lines(const std::string& name, const Command& command);

/// What `triage help`, `triage help COMMAND` print. `bold`: headings stand out on a terminal.
std::string program_help(const std::vector<CommandGroup>& groups, bool bold);
std::string command_help(const std::string& name, const Command& command, bool bold);

/// "a, b or c"
std::string one_of(const std::vector<std::string>& words);
/// Of a word that is none of the known ones: "; did you mean 'x'?", or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// Reads the words after a command's name. Throws UsageError that names the word, and what to write instead.
Arguments parse_words(const Command& command, const std::vector<std::string>& words);

/// A command, its name from "triage" on, and the words after it.
struct Chosen {
  const Command* command = nullptr;  ///< null: the first word is none
  std::string name;
  std::vector<std::string> words;
  std::string problem;  ///< why it cannot run, and what to write instead; empty: it can
};

/// Finds the command that `words` begin with; there must be one. Options may stand before a command's command.
Chosen choose_command(const std::vector<CommandGroup>& groups, const std::vector<std::string>& words);

/// Finds the command that help is asked for: what follows and is no command's name does not matter.
Chosen choose_named(const std::vector<CommandGroup>& groups, const std::vector<std::string>& words);

/// A script for `shell`, which is bash, zsh or fish.
std::string completion_script(const std::vector<CommandGroup>& groups, const std::string& shell);

/// A page in roff, as `man` reads it: of the program, or of a command with all of its commands.
std::string program_page(const std::vector<CommandGroup>& groups, const std::string& version);
std::string command_page(const Command& command, const std::string& version);

}  // namespace triage
