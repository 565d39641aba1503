// triage check: what is wrong with a configuration, and what is known not to work.
#include "app/arguments.hpp"
#include "app/check_diff.hpp"
#include "app/commands.hpp"
#include "app/terminal.hpp"
#include "config/load.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using Json = nlohmann::ordered_json;

Json diagnostics_json(const std::vector<Diagnostic>& diagnostics) {
  Json out = Json::array();
  for (const Diagnostic& diagnostic : diagnostics)
    out.push_back({{"file", diagnostic.file},
                   {"line", diagnostic.line},
                   {"column", diagnostic.column},
                   {"severity", diagnostic.severity == Diagnostic::error ? "error" : "warning"},
                   {"message", diagnostic.message},
                   {"fix", diagnostic.fix}});
  return out;
}

void print(const Json& json) {
  std::printf("%s\n", json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

// "-" is standard input.
Loaded load_named(const std::string& file, Environment environment = Environment::needed) {
  if (file != "-") return load_file(file, options::DerivedFiles::required, environment);
  note_waiting("the configuration");
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  return load_text(text, "<stdin>", environment);
}

int check_one(const std::string& file, bool json, bool strict, Environment environment) {
  const Loaded loaded = load_named(file, environment);
  const bool good = loaded.ok() && (!strict || loaded.diagnostics.empty());
  if (json) {
    print({{"ok", good},
           {"file", file},
           {"version", loaded.version},
           {"diagnostics", diagnostics_json(loaded.diagnostics)}});
    return good ? exit_done : exit_no;
  }
  tell(loaded.diagnostics);
  if (!good) return exit_no;
  std::printf("%s: ok, version %s: %zu routes, %zu deployments, %zu keys\n", file.c_str(), loaded.version.c_str(),
              loaded.spec.routes.size(), loaded.spec.deployments.size(), loaded.spec.keys.size());
  return exit_done;
}

void print_text(const std::vector<Change>& changes) {
  for (const bool traffic : {true, false}) {
    const auto of_this = [traffic](const Change& change) { return change.traffic == traffic; };
    const auto count = std::ranges::count_if(changes, of_this);
    if (count == 0 && !traffic) continue;
    const char* const heading = !traffic    ? "besides:"
                                : count > 0 ? "what changes for traffic:"
                                            : "nothing changes for traffic";
    std::printf("%s\n", heading);
    for (const Change& change : changes)
      if (of_this(change)) std::printf("  %s\n", change.text.c_str());
  }
}

Json changes_json(const std::vector<Change>& changes) {
  Json out = Json::array();
  for (const Change& change : changes)
    out.push_back({{"change", change_kind_names[change.kind]},
                   {"path", change.path},
                   {"before", change.before.empty() ? Json() : Json(change.before)},
                   {"after", change.after.empty() ? Json() : Json(change.after)},
                   {"text", change.text},
                   {"traffic", change.traffic}});
  return out;
}

int check_two(const std::string& before, const std::string& after, bool json) {
  const std::array<Loaded, 2> loaded{load_named(before), load_named(after)};
  std::vector<Diagnostic> errors;
  for (const Loaded& each : loaded)
    std::ranges::copy_if(each.diagnostics, std::back_inserter(errors),
                         [](const Diagnostic& found) { return found.severity == Diagnostic::error; });
  if (!errors.empty()) {
    if (json)
      print({{"ok", false}, {"diagnostics", diagnostics_json(errors)}});
    else
      tell(errors);
    return exit_no;
  }
  const std::vector<Change> changes = traffic_changes(loaded[0].spec, loaded[1].spec);
  if (json)
    print({{"ok", true},
           {"before", {{"file", before}, {"version", loaded[0].version}}},
           {"after", {{"file", after}, {"version", loaded[1].version}}},
           {"same_for_traffic", std::ranges::none_of(changes, &Change::traffic)},
           {"changes", changes_json(changes)}});
  else
    print_text(changes);
  return changes.empty() ? exit_done : exit_changed;
}

int check(const Arguments& arguments) {
  const auto& files = arguments.words();
  const bool json = arguments.has("json");
  if (!arguments.has("diff")) {
    if (files.size() != 1) throw UsageError("unexpected '" + files[1] + "': give one FILE, or --diff OLD NEW");
    const auto environment = arguments.has("no-env") ? Environment::absent : Environment::needed;
    return check_one(files[0], json, arguments.has("strict"), environment);
  }
  if (files.size() != 2) throw UsageError("give two files, OLD and NEW");
  if (arguments.has("strict")) throw UsageError("--strict is not for --diff, which tells no warnings");
  return check_two(files[0], files[1], json);
}

}  // namespace

Command check_command() {
  return {.name = "check",
          .summary = "check a configuration",
          .about =
              "Reads a configuration and names every mistake as FILE:LINE:COL, with the fix, and warns of what is "
              "known not to work. With --diff it says what changes for traffic between two files. A file called - "
              "is standard input; without FILE it is triage.yaml in the current directory.",
          .operands = {{.name = "FILE", .optional = true, .found_here = true}, {.name = "NEW", .optional = true}},
          .options = {{"diff", "", "says what changes from OLD to NEW"},
                      {"strict", "", "warnings count as mistakes"},
                      {"json", "", "prints what it found as JSON on stdout"},
                      {"no-env", "",
                       "variables and files that ${...} names may be missing; what depends on them is not checked"}},
          .examples = {{"triage check triage.yaml", "before it is served"},
                       {"triage check --no-env --strict triage.yaml", "in CI, where no secret is set"},
                       {"triage check --diff triage.yaml new.yaml", "what would a change do?"}},
          .exits =
              "0 it can be served, 1 it cannot. With --diff: 0 nothing changes, 1 one of the two cannot be served, "
              "4 something changes.",
          .usage = {"[FILE] [--strict] [--json] [--no-env]", "--diff OLD NEW [--json]"},
          .run = check};
}

}  // namespace triage
