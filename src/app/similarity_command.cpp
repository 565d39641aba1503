// triage similarity embed: makes the vectors of a router's examples. triage similarity fit: chooses its threshold.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/kept_vectors.hpp"
#include "app/similarity_fit.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace triage {

namespace {

int embed(const Arguments& arguments) {
  const Loaded loaded = load_file(arguments.value("config"), options::DerivedFiles::to_be_made);
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

Command similarity_command() {
  Option route{"route", "NAME", "the route that has the router"};
  route.required = true;
  Option rows{"data", "FILE", "rows, one a line: {\"prompt\": \"...\", \"weak\": 0, \"strong\": 1, \"vector\": [...]}"};
  rows.required = true;
  return {
      .name = "similarity",
      .summary = "vectors and threshold of the router similarity",
      .examples = {{"triage similarity embed --route chat", "after the examples have changed"},
                   {"triage similarity fit --route chat --data rows.jsonl --write", "choose at_least"}},
      .exits = "0 done, 1 the configuration is bad or no threshold is good enough, 3 the encoder could not be asked.",
      .commands = {
          {.name = "embed",
           .summary = "make the vectors of the examples",
           .about =
               "Asks the encoder of the route's router `similarity` for the vectors of its examples and keeps them "
               "beside the file of examples, as FILE.vectors. What is there already is not asked for again.",
           .options = {config_option(), route},
           .run = embed},
          {.name = "fit",
           .summary = "choose the threshold",
           .about =
               "Chooses the router's `at_least`, so that of what it sends up a share P is hard (the strong model is "
               "right and the weak one wrong), with confidence C. Rows whose prompt is among the examples do not "
               "count. Their vectors are asked for and kept like those of the examples, unless they bring them.",
           .options = {config_option(),
                       route,
                       rows,
                       {"precision", "P", "0.9 if not given"},
                       {"confidence", "C", "0.9 if not given"},
                       {"write", "", "writes at_least into the configuration"},
                       json_option()},
           .run = fit_similarity}}};
}

}  // namespace triage
