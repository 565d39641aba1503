// Man pages in roff, as groff's man macros have it (man(7)).
#include "app/command.hpp"

#include <cctype>

namespace triage {
namespace {

// Text of a line: dashes that are copied as dashes, no escapes, `code` in bold.
std::string roff(std::string_view text) {
  std::string out;
  bool code = false;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";  // it would be a request
    line_begins = c == '\n';
    if (c == '`')
      out += (code = !code) ? "\\fB" : "\\fR";
    else if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string paragraphs(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", begin), text.size());
    out += (begin > 0 ? ".PP\n" : "") + roff(text.substr(begin, end - begin)) + "\n";
    begin = end + 2;
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string head(const std::string& name, const std::string& summary, const std::string& version) {
  return ".TH " + upper(roff(name)) + " 1 \"\" \"triage " + version + "\" \"Triage\"\n.SH NAME\n" + roff(name) +
         " \\- " + roff(summary) + "\n";
}

std::string synopsis(const std::string& name, const Command& command) {
  std::string out = ".SH SYNOPSIS\n.nf\n";
  for (const std::string& line : usage_lines(name, command)) out += roff(line) + "\n";
  return out + ".fi\n";
}

std::string options(const Command& command) {
  std::string out;
  for (const Option& option : command.options) {
    out += ".TP\n\\fB" + roff(dashed(option)) + "\\fR";
    if (!option.value.empty()) out += " \\fI" + roff(option.value) + "\\fR";
    std::string choices;
    for (const std::string& choice : option.choices) choices += (choices.empty() ? " (" : ", ") + choice;
    out += "\n" + roff(option.about + (choices.empty() ? "" : choices + ")")) + "\n";
  }
  return out;
}

std::string examples(const Command& command) {
  if (command.examples.empty()) return "";
  std::string out = ".SH EXAMPLES\n";
  for (const Example& example : command.examples)
    out += ".PP\n" + roff(example.about) + "\n.PP\n.RS 4\n.nf\n" + roff(example.line) + "\n.fi\n.RE\n";
  return out;
}

}  // namespace

std::string command_page(const Command& command, const std::string& version) {
  const std::string name = "triage " + command.name;
  std::string out = head("triage-" + command.name, command.summary, version) + synopsis(name, command) +
                    ".SH DESCRIPTION\n" + paragraphs(command.about.empty() ? command.summary + "." : command.about);
  std::string more = examples(command);
  if (!command.options.empty()) out += ".SH OPTIONS\n" + options(command);
  for (const Command& each : command.commands) {
    out += ".SH \"" + upper(roff(name + " " + each.name)) + "\"\n" +
           paragraphs(each.about.empty() ? each.summary + "." : each.about) + options(each);
    if (const std::string own = examples(each); !own.empty())
      more += more.empty() ? own : own.substr(own.find('\n') + 1);  // one heading for all
    if (!each.exits.empty()) out += ".PP\nExit: " + paragraphs(each.exits);
  }
  out +=
      ".SH \"EXIT STATUS\"\n" +
      paragraphs(command.exits.empty() ? "0 done, 1 the answer is no, 2 wrong use, 3 could not run." : command.exits);
  return out + more + ".SH \"SEE ALSO\"\n.BR triage (1)\n";
}

std::string program_page(const std::vector<CommandGroup>& groups, const std::string& version) {
  std::string out = head("triage", "a gateway between apps and providers of language models", version) +
                    ".SH SYNOPSIS\n\\fBtriage\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n.SH DESCRIPTION\n" +
                    roff(
                        "Sends each request to the cheapest model that can handle it, and keeps a ledger of what that "
                        "cost. `triage help COMMAND` and the page of each command tell more.") +
                    "\n.SH COMMANDS\n";
  std::string also;
  for (const CommandGroup& group : groups) {
    out += ".SS \"" + roff(group.title) + "\"\n";
    for (const Command& command : group.commands) {
      out += ".TP\n\\fB" + roff(command.name) + "\\fR\n" + roff(command.summary) + "\n";
      also += (also.empty() ? "" : " ,\n") + (".BR " + roff("triage-" + command.name)) + " (1)";
    }
  }
  return out + ".SH FILES\n.TP\n\\fItriage.yaml\\fR\n" +
         roff("in the current directory: the configuration where --config is not given") +
         "\n.SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\n" + roff("if it is set and not empty, nothing is coloured") +
         "\n.TP\n\\fBTRIAGE_ADMIN_KEY\\fR\n" + roff("the admin key, for `triage experiment`") +
         "\n.SH \"EXIT STATUS\"\n0 done, 1 the answer is no, 2 wrong use, 3 could not run.\n.SH \"SEE ALSO\"\n" + also +
         "\n";
}

}  // namespace triage
