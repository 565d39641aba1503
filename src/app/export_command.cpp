// triage export --labels: labelled questions from the ledger, for eval, sweep and training.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/ledger_folder.hpp"
#include "config/load.hpp"
#include "ledger/labels.hpp"

#include <algorithm>
#include <cstdio>

namespace triage {
namespace {

// The lowest tier of each route of the configuration.
std::map<std::string, std::string> lowest_tiers(const std::string& config) {
  std::map<std::string, std::string> out;
  const Loaded loaded = load_file(config);
  for (const RouteSpec& route : loaded.spec.routes)
    for (const std::string& tier : loaded.spec.tiers)
      if (std::ranges::find(route.tiers, tier, &decltype(route.tiers)::value_type::first) != route.tiers.end())
        out.try_emplace(route.name, tier);
  return out;
}

unsigned long long number(std::uint64_t value) {
  return value;
}

void report(const ledger::Labels& done, bool partial) {
  std::fprintf(stderr, "%llu labelled questions", number(done.rows));
  if (partial) std::fprintf(stderr, ", %llu of them with one outcome", number(done.partial));
  std::fputs("\n", stderr);
  if (done.without_outcome > 0)
    std::fprintf(stderr, "%llu pairs were not scored: a picker or a judge scores them\n", number(done.without_outcome));
  if (done.without_prompt > 0)
    std::fprintf(stderr,
                 "%llu are left out because their text was not recorded: set 'record: {content: redacted}' or 'full' "
                 "on the route\n",
                 number(done.without_prompt));
  if (done.cut > 0)
    std::fprintf(stderr, "%llu are left out because their text was cut off: raise 'record.text_max'\n",
                 number(done.cut));
  if (done.damaged > 0)
    std::fprintf(stderr, "%llu damaged lines were passed over; `triage ledger verify` tells where\n",
                 number(done.damaged));
  if (done.beside_gateway) std::fputs("a gateway writes there: its very last records may be missing\n", stderr);
}

int export_labels(const Arguments& arguments) {
  ledger::LabelOptions options;
  options.folder = ledger_folder(arguments);
  options.since_unix_ms = since_unix_ms(arguments, 0);
  options.route = arguments.value("route");
  options.partial = arguments.has("partial");
  if (arguments.has("config")) options.lowest_tier = lowest_tiers(arguments.value("config"));
  const ledger::Labels done = ledger::export_labels(options, [](std::string_view lines) {
    return std::fwrite(lines.data(), 1, lines.size(), stdout) == lines.size();
  });
  if (!done.written || std::fflush(stdout) != 0) throw std::runtime_error("stdout cannot be written");
  report(done, options.partial);
  return exit_done;
}

}  // namespace

Command export_command() {
  Option labels{"labels", "", "labelled questions (all records as they are: `triage ledger export`)"};
  labels.required = true;
  return {.name = "export",
          .summary = "labelled questions from the ledger",
          .about =
              "Prints what the ledger knows of how well the weak and the strong tier answer, one question a line, as "
              "`triage eval` and training read it: from the scored pairs of ensembles and shadows, on routes that "
              "record content.",
          .options = joined_options(
              joined_options({labels}, ledger_options()),
              {{"route", "NAME", "only that route's"},
               since_option("requests of that time or later; everything if not given"),
               {"partial", "", "also requests with one answer that was graded or rated; the other outcome is null"}}),
          .examples = {{"triage export --labels --route chat > rows.jsonl", "rows for `triage eval`"}},
          .run = export_labels};
}

}  // namespace triage
