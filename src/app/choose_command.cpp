#include "app/command.hpp"

#include <algorithm>
#include <set>

namespace triage {
namespace {

const Command* command_named(const std::vector<Command>& commands, const std::string& name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const std::vector<Command>& commands) {
  std::vector<std::string> out;
  for (const Command& command : commands) out.push_back(command.name);
  return out;
}

// The command that the first word names.
Chosen chosen_by(const std::vector<CommandGroup>& groups, const std::string& word) {
  std::vector<std::string> names{"help"};
  for (const CommandGroup& group : groups) {
    if (const Command* const found = command_named(group.commands, word)) return {found, "triage " + word, {}, {}};
    const auto more = names_of(group.commands);
    names.insert(names.end(), more.begin(), more.end());
  }
  const std::string problem = word.starts_with('-')
                                  ? "unknown option '" + word + "': a command comes first, as in `triage serve --demo`"
                                  : "unknown command '" + word + "'" + did_you_mean(word, names);
  return {nullptr, "triage", {}, problem};
}

// The place of the word that says which of its commands is meant: options may stand before it.
std::size_t place_of_name(const Command& command, const std::vector<std::string>& words) {
  std::set<std::string> valued;
  for (const Command& each : command.commands)
    for (const Option& option : each.options)
      if (!option.value.empty()) valued.insert(dashed(option));
  std::size_t place = 0;
  while (place < words.size() && words[place].starts_with('-')) place += valued.contains(words[place]) ? 2 : 1;
  return std::min(place, words.size());
}

}  // namespace

Chosen choose_command(const std::vector<CommandGroup>& groups, const std::vector<std::string>& words) {
  Chosen out = chosen_by(groups, words.at(0));
  if (out.command == nullptr) return out;
  out.words.assign(words.begin() + 1, words.end());
  if (out.command->commands.empty()) return out;
  const auto known = names_of(out.command->commands);
  const std::size_t place = place_of_name(*out.command, out.words);
  if (place == out.words.size()) {
    out.problem = "say what: " + one_of(known);
    return out;
  }
  const std::string name = out.words[place];
  const Command* const inner = command_named(out.command->commands, name);
  if (inner == nullptr) {
    out.problem = "'" + name + "': say " + one_of(known) + did_you_mean(name, known);
    return out;
  }
  out.command = inner;
  out.name += " " + name;
  out.words.erase(out.words.begin() + static_cast<std::ptrdiff_t>(place));
  return out;
}

Chosen choose_named(const std::vector<CommandGroup>& groups, const std::vector<std::string>& words) {
  Chosen out = chosen_by(groups, words.at(0));
  for (std::size_t i = 1; i < words.size() && out.command != nullptr; ++i)
    if (const Command* const inner = command_named(out.command->commands, words[i])) {
      out.command = inner;
      out.name += " " + words[i];
    }
  return out;
}

}  // namespace triage
