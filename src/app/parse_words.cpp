// Command lines, read by CLI11: what it finds is checked and told here, so that an error names the word and its cure.
#include "app/command.hpp"
#include "options/nearest.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>
#include <algorithm>
#include <filesystem>

namespace triage {
namespace {

std::string plain_name(std::string_view word) {
  const std::size_t begin = std::min(word.find_first_not_of('-'), word.size());
  return std::string(word.substr(begin, word.find('=') - begin));
}

std::vector<std::string> option_names(const Command& command) {
  std::vector<std::string> out{"help"};
  for (const Option& option : command.options) out.push_back(option.name);
  return out;
}

const Option* option_named(const Command& command, std::string_view dashed_name) {
  const auto found = std::ranges::find(command.options, dashed_name, dashed);
  return found == command.options.end() ? nullptr : &*found;
}

[[noreturn]] void refuse_option(const Command& command, const std::string& word) {
  const std::string near = options::nearest(plain_name(word), option_names(command));
  const std::string dashes = near.size() == 1 ? "-" : "--";
  throw UsageError("unknown option '" + word + "'" + (near.empty() ? "" : "; did you mean " + dashes + near + "?"));
}

void check_choice(const std::string& what, const std::string& value, const std::vector<std::string>& choices) {
  if (choices.empty() || std::ranges::find(choices, value) != choices.end()) return;
  throw UsageError(what + " '" + value + "': write " + one_of(choices) + did_you_mean(value, choices));
}

// Before CLI11 reads them: it would take `--config --demo` for a file called --demo.
void check_spelling(const Command& command, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::size_t equals = words[i].find('=');
    const Option* const option = option_named(command, std::string_view(words[i]).substr(0, equals));
    if (option == nullptr) continue;
    if (option->value.empty()) {
      if (equals != std::string::npos) throw UsageError("'" + words[i] + "': " + dashed(*option) + " takes no value");
    } else if (equals == std::string::npos) {
      if (++i == words.size()) throw UsageError(dashed(*option) + " needs a value: " + spelled(*option));
      if (words[i].starts_with("--") && option_named(command, words[i]) != nullptr)
        throw UsageError(dashed(*option) + " needs a value: " + spelled(*option) + " (if '" + words[i] +
                         "' is meant to be it, write " + dashed(*option) + "=" + words[i] + ")");
    }
  }
}

std::string current_directory() {
  std::error_code failed;
  const auto here = std::filesystem::current_path(failed);
  return "the current directory" + (failed ? std::string() : " (" + here.string() + ")");
}

bool is_here() {
  return ::access(std::string(config_here).c_str(), F_OK) == 0;
}

void complete_operands(const Command& command, std::vector<std::string>& words) {
  if (words.size() > command.operands.size()) {
    const std::string& word = words[command.operands.size()];
    std::string meant;
    if (option_named(command, "--" + word) != nullptr) meant = word;
    if ((word.ends_with(".yaml") || word.ends_with(".yml")) && option_named(command, "--config") != nullptr)
      meant = "config " + word;
    throw UsageError("unexpected '" + word + "'" + (meant.empty() ? "" : "; did you mean --" + meant + "?"));
  }
  for (std::size_t i = 0; i < command.operands.size(); ++i) {
    const Operand& operand = command.operands[i];
    if (i < words.size()) {
      check_choice(operand.name, words[i], operand.choices);
    } else if (operand.found_here && is_here()) {
      words.emplace_back(config_here);
    } else if (operand.found_here) {
      throw UsageError(operand.name + " is missing, and " + current_directory() + " has no " +
                       std::string(config_here));
    } else if (!operand.optional) {
      throw UsageError(operand.name + " is missing" +
                       (operand.choices.empty() ? "" : ": write " + one_of(operand.choices)));
    }
  }
}

void complete_options(const Command& command, Arguments::Options& given) {
  for (const Option& option : command.options) {
    if (given.contains(option.name)) continue;
    if (option.required) throw UsageError(spelled(option) + " is missing");
    if (!option.found_here || given.contains(option.instead)) continue;
    if (is_here()) {
      given[option.name] = {std::string(config_here)};
      continue;
    }
    const Option* const instead = option_named(command, "--" + option.instead);
    throw UsageError(dashed(option) + " is missing, and " + current_directory() + " has no " +
                     std::string(config_here) + ": give " + (instead == nullptr ? "" : "either ") + spelled(option) +
                     (instead == nullptr ? "" : " or " + spelled(*instead)));
  }
}

}  // namespace

std::string one_of(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return out;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = options::nearest(word, known);
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

Arguments parse_words(const Command& command, const std::vector<std::string>& words) {
  check_spelling(command, words);
  CLI::App app;
  app.set_help_flag();  // main knows it, wherever it stands
  app.allow_extras();
  std::vector<CLI::Option*> known;
  for (const Option& option : command.options) {
    const std::string spelling = option.name.size() == 1 ? "-" + option.name + ",--" + option.name : dashed(option);
    known.push_back(option.value.empty() ? app.add_flag(spelling)->disable_flag_override()
                                         : app.add_option(spelling)->expected(1));
    known.back()->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  std::vector<std::string> reversed;  // as CLI11 wants them; to it, a value that is empty after '=' is the next word
  for (const std::string& word : words) {
    const bool empty = word.starts_with("--") && word.ends_with('=') && word.find('=') + 1 == word.size();
    reversed.push_back(empty ? word.substr(0, word.size() - 1) : word);
    if (empty) reversed.emplace_back();
  }
  std::ranges::reverse(reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& wrong) {
    throw UsageError(wrong.what());
  }
  std::vector<std::string> operands;  // to CLI11 what is no option is left over; so is the mark -- in front of the rest
  bool options_end = false;
  for (const std::string& extra : app.remaining()) {
    const bool option = !options_end && extra.size() > 1 && extra.starts_with('-');
    if (option && extra != "--") refuse_option(command, extra);
    options_end = options_end || option;
    if (!option) operands.push_back(extra);
  }
  Arguments::Options given;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i]->count() == 0) continue;
    const Option& option = command.options[i];
    std::vector<std::string>& values = given[option.name];
    values = option.value.empty() ? std::vector<std::string>(1) : known[i]->results();
    for (const std::string& value : values) check_choice(dashed(option), value, option.choices);
  }
  complete_operands(command, operands);
  complete_options(command, given);
  return Arguments(std::move(given), std::move(operands));
}

}  // namespace triage
