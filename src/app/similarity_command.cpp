// triage similarity embed: makes the vectors of a router's examples. triage similarity fit: chooses its threshold.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/kept_vectors.hpp"
#include "app/similarity_fit.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace triage {

const char* const similarity_help =
    "Usage: triage similarity embed --config FILE --route NAME\n"
    "       triage similarity fit --config FILE --route NAME --data FILE [--precision P] [--confidence C]\n"
    "                             [--write] [--json]\n\n"
    "embed: asks the encoder of the route's router `similarity` for the vectors of its examples and keeps them beside\n"
    "the file of examples, as FILE.vectors. What is there already is not asked for again.\n"
    "fit: chooses the router's `at_least`, so that of what it sends up a share P is hard (the strong model is right "
    "and\n"
    "the weak one wrong), with confidence C. Rows whose prompt is among the examples do not count. Their vectors are\n"
    "asked for and kept like those of the examples, unless they bring them.\n\n"
    "  --config FILE    the configuration\n"
    "  --route NAME     the route that has the router\n"
    "  --data FILE      rows, one a line: {\"prompt\": \"...\", \"weak\": 0, \"strong\": 1, \"vector\": [...]}\n"
    "  --precision P    0.9 if not given\n"
    "  --confidence C   0.9 if not given\n"
    "  --write          writes at_least into the configuration\n"
    "  --json           for programs\n\n"
    "Exit: 0 done, 1 the configuration is bad or no threshold is good enough, 3 the encoder could not be asked.\n";

namespace {

int embed(const Arguments& arguments) {
  const Loaded loaded = load_file(value_of(arguments, "config"), options::DerivedFiles::to_be_made);
  if (!usable(loaded)) return exit_no;
  for (const SimilarityRouter& router : similarity_routers(loaded.spec, value_of(arguments, "route"))) {
    const ExampleSet& set = *router.spec->loaded;
    std::vector<const similarity::Row*> rows;
    for (const similarity::Example& each : set.examples) rows.push_back(&each);
    complete_vectors(loaded, *router.spec, set.file, rows);
    std::printf("%s: all %zu examples have their vectors\n", set.file.c_str(), rows.size());
  }
  return exit_done;
}

}  // namespace

std::string value_of(const Arguments& arguments, const char* name) {
  if (!arguments.has(name)) throw UsageError("--" + std::string(name) + " is missing");
  return arguments.value(name);
}

bool usable(const Loaded& loaded) {
  for (const Diagnostic& each : loaded.diagnostics)
    if (each.severity == Diagnostic::error) std::fprintf(stderr, "%s\n", to_string(each).c_str());
  return loaded.ok();
}

int similarity_command(const Words& words) {
  if (words.empty()) throw UsageError("say what: embed or fit");
  const bool fits = words[0] == "fit";
  if (!fits && words[0] != "embed") throw UsageError("'" + words[0] + "': say embed or fit");
  const Words rest(words.begin() + 1, words.end());
  const Arguments arguments =
      fits ? Arguments(rest, {"config", "route", "data", "precision", "confidence"}, {"write", "json"})
           : Arguments(rest, {"config", "route"}, {});
  if (!arguments.words().empty()) throw UsageError("unexpected '" + arguments.words()[0] + "'");
  return fits ? fit_similarity(arguments) : embed(arguments);
}

}  // namespace triage
