// Completion scripts: for each place on a command line the words that may stand there, and what each option takes.
#include "app/command.hpp"

#include <algorithm>

namespace triage {
namespace {

struct Word {
  std::string word;
  std::string about;
};

enum class Takes { nothing, files, folders, choices, text };

struct Value {
  std::string option;  // "--config"
  Takes takes = Takes::nothing;
  std::vector<std::string> choices;
};

// Where a command line may be, by the commands on it so far: "", " ledger", " ledger verify".
struct Place {
  std::string path;
  std::vector<Word> words;
  std::vector<Value> values;
  bool files = false;  // may stand there, too
};

Takes taken(const std::string& value, const std::vector<std::string>& choices) {
  if (!choices.empty()) return Takes::choices;
  if (value == "FILE" || value == "OLD" || value == "NEW") return Takes::files;
  return value == "DIR" ? Takes::folders : value.empty() ? Takes::nothing : Takes::text;
}

void add_places(const std::string& before, const Command& command, std::vector<Place>& out) {
  Place place{before + " " + command.name, {}, {}};
  for (const Command& each : command.commands) place.words.push_back({each.name, each.summary});
  for (const Operand& operand : command.operands) {
    for (const std::string& choice : operand.choices) place.words.push_back({choice, ""});
    place.files = place.files || taken(operand.name, operand.choices) == Takes::files;
  }
  for (const Option& option : command.options) {
    place.words.push_back({dashed(option), option.about});
    if (!option.value.empty())
      place.values.push_back({dashed(option), taken(option.value, option.choices), option.choices});
  }
  place.words.push_back({"--help", "shows help"});
  const std::string path = place.path;
  out.push_back(std::move(place));
  for (const Command& each : command.commands) add_places(path, each, out);
}

std::vector<Place> places_of(const std::vector<CommandGroup>& groups) {
  std::vector<Place> out(1);
  for (const CommandGroup& group : groups)
    for (const Command& command : group.commands) out[0].words.push_back({command.name, command.summary});
  out[0].words.push_back({"help", "shows help"});
  out[0].words.push_back({"--help", "shows help"});
  out[0].words.push_back({"--version", "prints the version"});
  for (const CommandGroup& group : groups)
    for (const Command& command : group.commands) add_places("", command, out);
  return out;
}

// In single quotes. fish, alone of the three, reads backslashes there.
std::string in_quotes(std::string_view text, bool fish = false) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += fish ? "\\'" : "'\\''";
    else if (c == '\\' && fish)
      out += "\\\\";
    else
      out += c;
  }
  return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// "' serve'|' ledger'|...": the paths that there are.
std::string paths_of(const std::vector<Place>& places, const char* between) {
  std::string out;
  for (const Place& place : places)
    if (!place.path.empty()) out += (out.empty() ? "" : between) + in_quotes(place.path);
  return out;
}

std::string bash(const std::vector<Place>& places) {
  std::string values;
  std::string words;
  for (const Place& place : places) {
    std::string known;
    for (const Word& each : place.words) known += (known.empty() ? "" : " ") + each.word;
    words += "    " + in_quotes(place.path) + ") words=" + in_quotes(known) + (place.files ? " files=1" : "") + " ;;\n";
    for (const Value& value : place.values) {
      values += "    " + in_quotes(place.path + ";" + value.option) + ") ";
      if (value.takes == Takes::files) values += "COMPREPLY=($(compgen -f -- \"$cur\")); ";
      if (value.takes == Takes::folders) values += "COMPREPLY=($(compgen -d -- \"$cur\")); ";
      if (value.takes == Takes::choices)
        values += "COMPREPLY=($(compgen -W " + in_quotes(joined(value.choices)) + " -- \"$cur\")); ";
      values += "return ;;\n";
    }
  }
  return R"(# Completion for bash: source <(triage completion bash)
_triage() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' word words='' files=''
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  local IFS=$' \t\n'
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      )" +
         paths_of(places, "|") +
         R"() at="$at $word" ;;
    esac
  done
  case "$at;$prev" in
)" + values +
         R"(  esac
  case "$at" in
)" + words +
         R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n $files && $cur != -* ]]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _triage triage
)";
}

std::string zsh(const std::vector<Place>& places) {
  std::string values;
  std::string words;
  for (const Place& place : places) {
    words += "    (" + in_quotes(place.path) + ")\n      known=(";
    for (const Word& each : place.words) words += "\n        " + in_quotes(each.word + ":" + each.about);
    words += ")" + std::string(place.files ? "\n      files=1" : "") + " ;;\n";
    for (const Value& value : place.values) {
      values += "    (" + in_quotes(place.path + ";" + value.option) + ") ";
      if (value.takes == Takes::files) values += "_files; ";
      if (value.takes == Takes::folders) values += "_files -/; ";
      if (value.takes == Takes::choices) values += "compadd -- " + joined(value.choices) + "; ";
      values += "return ;;\n";
    }
  }
  return R"(#compdef triage
# Completion for zsh: source <(triage completion zsh), or as _triage in a folder of $fpath
_triage() {
  local at='' word files=''
  local -a known
  for word in ${words[2,CURRENT-1]}; do
    case "$at $word" in
      ()" +
         paths_of(places, "|") +
         R"() at="$at $word" ;;
    esac
  done
  case "$at;${words[CURRENT-1]}" in
)" + values +
         R"(  esac
  case "$at" in
)" + words +
         R"(  esac
  if [[ $PREFIX == -* ]]; then _describe -o option known; else _describe word known; fi
  if [[ -n $files && $PREFIX != -* ]]; then _files; fi
}
if [[ $funcstack[1] == _triage ]]; then _triage "$@"; else compdef _triage triage; fi
)";
}

std::string fish(const std::vector<Place>& places) {
  std::string out = R"(# Completion for fish: triage completion fish | source
function __triage_at
  set -l words (commandline -opc)
  set -e words[1]
  set -l at ''
  for word in $words
    switch "$at $word"
      case )" + paths_of(places, " ") +
                    R"(
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c triage -f
)";
  for (const Place& place : places) {
    const std::string here = "complete -c triage -n " + in_quotes("__triage_at " + in_quotes(place.path), true);
    if (place.files) out += here + " -F\n";
    for (const Word& each : place.words) {
      const auto value = std::ranges::find(place.values, each.word, &Value::option);
      const std::string name = each.word.substr(each.word.find_first_not_of('-'));
      out += here + (each.word.starts_with("--") ? " -l " : each.word.starts_with("-") ? " -s " : " -a ") + name;
      if (value != place.values.end()) {
        out += value->takes == Takes::files || value->takes == Takes::folders ? " -r -F" : " -x";
        if (value->takes == Takes::choices) out += " -a " + in_quotes(joined(value->choices), true);
      }
      out += (each.about.empty() ? "" : " -d " + in_quotes(each.about, true)) + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const std::vector<CommandGroup>& groups, const std::string& shell) {
  const auto places = places_of(groups);
  return shell == "bash" ? bash(places) : shell == "zsh" ? zsh(places) : fish(places);
}

}  // namespace triage
