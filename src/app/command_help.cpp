// Help as text. Lines are at most `width` long, so that they fit a terminal.
#include "app/command.hpp"

#include <algorithm>

namespace triage {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t option_column = 24;
constexpr std::size_t command_column = 15;

std::string styled(const std::string& text, bool bold) {
  return bold ? "\x1b[1m" + text + "\x1b[0m" : text;
}

// Splits at blanks and line ends; an empty line stays one.
std::vector<std::string> lines_of(const std::vector<std::string>& words, std::size_t most) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    if (out.empty() || (out.back().size() + 1 + word.size() > most && !out.back().empty()))
      out.push_back(word);
    else
      out.back() += (out.back().empty() ? "" : " ") + word;
  }
  return out;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    if (end > begin) out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string paragraphs(const std::string& text) {
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find("\n\n", begin), text.size());
    for (const std::string& line : lines_of(words_of(text.substr(begin, end - begin)), width)) out += line + "\n";
    out += "\n";
    begin = end + 2;
  }
  return out;
}

// "  LEFT   right", wrapped under itself.
std::string row(const std::string& left, const std::string& right, std::size_t column) {
  std::string out = "  " + left;
  const bool beside = out.size() + 2 <= column;
  if (!beside) out += "\n";
  bool first = beside;
  for (const std::string& line : lines_of(words_of(right), width - column)) {
    out += std::string(first ? column - out.size() : column, ' ') + line + "\n";
    first = false;
  }
  if (right.empty()) out += beside ? "\n" : "";
  return out;
}

std::string about_of(const Option& option) {
  std::string out = option.about;
  if (option.choices.empty()) return out;
  out += out.empty() ? "" : ": ";
  for (std::size_t i = 0; i < option.choices.size(); ++i) out += (i > 0 ? ", " : "") + option.choices[i];
  return out;
}

std::vector<std::string> usage_words(const Command& command) {
  std::vector<std::string> out;
  for (const Operand& operand : command.operands)
    out.push_back(operand.optional ? "[" + operand.name + "]" : operand.name);
  for (const Option& option : command.options)
    out.push_back((option.required ? spelled(option) : "[" + spelled(option) + "]") + (option.repeats ? "..." : ""));
  return out;
}

std::string examples_text(const Command& command, bool bold) {
  if (command.examples.empty()) return "";
  std::string out = styled("Examples:", bold) + "\n";
  for (const Example& example : command.examples) out += "  # " + example.about + "\n  " + example.line + "\n";
  return out + "\n";
}

std::string options_text(const Command& command, bool bold) {
  std::string out = styled("Options:", bold) + "\n";
  for (const Option& option : command.options) out += row(spelled(option), about_of(option), option_column);
  return out + row("-h, --help", "shows this", option_column);
}

}  // namespace

std::string dashed(const Option& option) {
  return (option.name.size() == 1 ? "-" : "--") + option.name;
}

std::string spelled(const Option& option) {
  return dashed(option) + (option.value.empty() ? "" : " " + option.value);
}

std::vector<std::string> usage_lines(const std::string& name, const Command& command) {
  std::vector<std::string> out;
  for (const Command& each : command.commands) {
    const auto of_each = usage_lines(name + " " + each.name, each);
    out.insert(out.end(), of_each.begin(), of_each.end());
  }
  if (!out.empty()) return out;
  for (const std::string& line : command.usage) out.push_back(name + " " + line);
  if (!out.empty()) return out;
  const std::string indent(name.size() + 1, ' ');
  constexpr std::size_t before = 7;  // "Usage: "
  for (const std::string& line : lines_of(usage_words(command), width - before - indent.size()))
    out.push_back((out.empty() ? name + " " : indent) + line);
  if (out.empty()) out.push_back(name);
  return out;
}

std::string command_help(const std::string& name, const Command& command, bool bold) {
  std::string out;
  for (const std::string& line : usage_lines(name, command))
    out += (out.empty() ? styled("Usage:", bold) + " " : std::string(7, ' ')) + line + "\n";
  out += "\n" + paragraphs(command.about.empty() ? command.summary + "." : command.about);
  out += examples_text(command, bold);
  if (command.commands.empty()) {
    out += options_text(command, bold);
  } else {
    out += styled("Commands:", bold) + "\n";
    for (const Command& each : command.commands) out += row(each.name, each.summary, command_column);
    out += "\n`" + name + " COMMAND --help` tells more of each.\n";
  }
  if (!command.exits.empty()) out += "\n" + paragraphs("Exit: " + command.exits);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string program_help(const std::vector<CommandGroup>& groups, bool bold) {
  std::string out = styled("Usage:", bold) + " triage COMMAND [OPTION]...\n\n" +
                    paragraphs(
                        "A gateway between apps and providers of language models: it sends each request to the "
                        "cheapest model that can handle it, and keeps a ledger of what that cost.") +
                    styled("Examples:", bold) +
                    "\n  # try it with simulated providers\n  triage serve --demo\n"
                    "  # check a configuration, then run it\n  triage check triage.yaml && triage serve\n";
  for (const CommandGroup& group : groups) {
    out += "\n" + styled(group.title + ":", bold) + "\n";
    for (const Command& command : group.commands) out += row(command.name, command.summary, command_column);
  }
  return out + "\n`triage help COMMAND` tells more of each; `triage -V` prints the version.\n" +
         "Exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 could not run.\n";
}

}  // namespace triage
