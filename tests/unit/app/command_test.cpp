// The command line: what all commands declare, and what is said of mistakes.
#include "app/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <sstream>

namespace triage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

// A command line as a shell reads it, up to a pipe or a redirection. Quotes hold words together.
Words words_of(const std::string& line) {
  Words out;
  std::istringstream in(line);
  for (std::string word; in >> word;) {
    if (word == "<" || word == ">" || word == "|" || word == "&&") break;
    if (word.starts_with('\''))
      for (std::string more; !word.ends_with('\'') && in >> more;) word += " " + more;
    std::erase(word, '\'');
    out.push_back(word);
  }
  return out;
}

void each_command(const std::function<void(const std::string&, const Command&)>& visit) {
  const std::function<void(const std::string&, const Command&)> down = [&](const std::string& name,
                                                                           const Command& command) {
    visit(name, command);
    for (const Command& each : command.commands) down(name + " " + each.name, each);
  };
  for (const CommandGroup& group : commands())
    for (const Command& command : group.commands) down("triage " + command.name, command);
}

const Command& take() {
  static const Command command = [] {
    Command out{.name = "take", .summary = "take it"};
    out.operands = {{"KIND", {"one", "two"}}, {.name = "FILE", .optional = true}};
    out.options = {{"config", "FILE"}, {"json"}, {"n", "N"}, {"by", "WHAT", "", {"route", "tier"}}, {"header", "H"}};
    out.options.back().repeats = true;
    return out;
  }();
  return command;
}

std::string refusal(const Words& words, const Command& command = take()) {
  try {
    parse_words(command, words);
  } catch (const UsageError& wrong) {
    return wrong.what();
  }
  return "it is taken";
}

TEST(Commands, DeclareWhatTheyTakeOnce) {
  std::set<std::string> names;
  each_command([&names](const std::string& name, const Command& command) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_FALSE(command.summary.empty()) << name;
    EXPECT_EQ(command.run == nullptr, !command.commands.empty()) << name;
    std::set<std::string> options;
    for (const Option& option : command.options) {
      EXPECT_TRUE(options.insert(option.name).second) << name << " --" << option.name;
      EXPECT_FALSE(option.about.empty()) << name << " --" << option.name;
    }
  });
  EXPECT_GE(names.size(), 25U);
}

TEST(Commands, HaveExamplesThatAreRightAndHelpThatFits) {
  each_command([](const std::string& name, const Command& command) {
    const std::string help = command_help(name, command, false);
    EXPECT_THAT(help, HasSubstr("Usage: " + name)) << help;
    for (const Option& option : command.options) EXPECT_THAT(help, HasSubstr(spelled(option))) << name;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);)
      EXPECT_TRUE(line.size() <= 80 || line.starts_with("  triage ")) << line;
    EXPECT_TRUE(std::count(name.begin(), name.end(), ' ') > 1 || !command.examples.empty()) << name;
    for (const Example& example : command.examples) {
      Words words = words_of(example.line);
      if (words.empty() || words[0] != "triage") continue;  // source <(...)
      words.erase(words.begin());
      try {
        const Chosen chosen = choose_command(commands(), words);
        ASSERT_EQ(chosen.problem, "") << example.line;
        parse_words(*chosen.command, chosen.words);
      } catch (const UsageError& wrong) {
        EXPECT_THAT(wrong.what(), HasSubstr("has no triage.yaml")) << example.line;
      }
    }
  });
}

TEST(Commands, AreFoundBehindTheirOptionsToo) {
  const Chosen chosen = choose_command(commands(), {"ledger", "--ledger", "verify", "verify"});
  EXPECT_EQ(chosen.name, "triage ledger verify");
  EXPECT_THAT(chosen.words, ElementsAre("--ledger", "verify"));
}

TEST(Words, AreReadInAnyOrderAndSpelling) {
  const Arguments got =
      parse_words(take(), {"--config", "-", "one", "--json", "--header=a: b", "--header", "[c,d]", "-n", "5", "file"});
  EXPECT_EQ(got.value("config"), "-");
  EXPECT_TRUE(got.has("json"));
  EXPECT_EQ(got.value("n"), "5");
  EXPECT_THAT(got.values("header"), ElementsAre("a: b", "[c,d]"));
  EXPECT_THAT(got.words(), ElementsAre("one", "file"));
  EXPECT_EQ(parse_words(take(), {"--config=", "one"}).value("config"), "");
  EXPECT_EQ(parse_words(take(), {"--n=-5", "one"}).value("n"), "-5");
  EXPECT_THAT(parse_words(take(), {"one", "--", "--json"}).words(), ElementsAre("one", "--json"));
  EXPECT_EQ(parse_words(take(), {"one", "--config=--json"}).value("config"), "--json");
}

TEST(Words, AreRefusedWithTheCure) {
  EXPECT_EQ(refusal({"one", "--jsno"}), "unknown option '--jsno'; did you mean --json?");
  EXPECT_EQ(refusal({"one", "-config", "f"}), "unknown option '-config'; did you mean --config?");
  EXPECT_EQ(refusal({"one", "--zzzzzz"}), "unknown option '--zzzzzz'");
  EXPECT_EQ(refusal({"one", "--config"}), "--config needs a value: --config FILE");
  EXPECT_THAT(refusal({"one", "--config", "--json"}), HasSubstr("--config needs a value: --config FILE (if '--json'"));
  EXPECT_EQ(refusal({"one", "--json=yes"}), "'--json=yes': --json takes no value");
  EXPECT_EQ(refusal({"one", "--by", "rout"}), "--by 'rout': write route or tier; did you mean 'route'?");
  EXPECT_EQ(refusal({"three"}), "KIND 'three': write one or two");
  EXPECT_EQ(refusal({}), "KIND is missing: write one or two");
  EXPECT_EQ(refusal({"one", "f", "json"}), "unexpected 'json'; did you mean --json?");
  EXPECT_EQ(parse_words(take(), {"one", "--config", "a", "--config=b"}).value("config"), "b") << "the last counts";
  EXPECT_EQ(refusal({"one", "--json", "--json"}), "it is taken");
}

TEST(Completion, KnowsEveryCommandAndOption) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(commands(), shell);
    each_command([&](const std::string&, const Command& command) {
      EXPECT_THAT(script, HasSubstr(command.name)) << shell;
      for (const Option& option : command.options) EXPECT_THAT(script, HasSubstr(option.name)) << shell;
    });
  }
}

TEST(ManPages, HaveEveryOptionAndNoLineThatIsARequestByChance) {
  each_command([](const std::string& name, const Command& command) {
    if (std::count(name.begin(), name.end(), ' ') != 1) return;
    const std::string page = command_page(command, "1.2.3");
    EXPECT_THAT(page, HasSubstr(".TH TRIAGE\\-")) << page;
    EXPECT_THAT(page, Not(HasSubstr("\n'")));
    for (const Option& option : command.options) {
      std::string dashes = dashed(option);
      for (std::size_t at = 0; (at = dashes.find('-', at)) != std::string::npos; at += 2) dashes.insert(at, "\\");
      EXPECT_THAT(page, HasSubstr("\\fB" + dashes + "\\fR"));
    }
  });
}

}  // namespace
}  // namespace triage
