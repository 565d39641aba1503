// ledger, report: commands that read the ledger's directory, beside a running gateway or without one.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/drift_follower.hpp"
#include "app/ledger_folder.hpp"
#include "app/report_experiments.hpp"
#include "base/unix_time.hpp"
#include "config/load.hpp"
#include "ledger/audit.hpp"
#include "ledger/export.hpp"
#include "ledger/rebuild.hpp"
#include "ledger/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace triage {
namespace {

unsigned long long number(std::uint64_t value) {
  return value;
}

// Prints what is there, then what is wrong with the journal.
void print_journal(const ledger::Audit& found) {
  std::printf("%llu records (%llu..%llu), %llu of them in the spool; %llu segments, %llu bytes\n", number(found.lines),
              number(found.first_seq), number(found.last_seq), number(found.in_spool), number(found.segments),
              number(found.bytes));
  if (found.kinds.size() > 1)
    for (const auto& [kind, lines] : found.kinds) std::printf("  %s: %llu\n", kind.c_str(), number(lines));
  for (const auto& [kind, lines] : found.unknown)
    std::printf("%llu records are of kind '%s', which this version does not know: the database lacks them\n",
                number(lines), kind.c_str());
  if (found.torn > 0)
    std::printf("%llu segments end inside a line: their writer was cut off, which is no loss\n", number(found.torn));
  if (found.damaged > 0) std::printf("%llu damaged lines:\n", number(found.damaged));
  for (const std::string& place : found.places) std::printf("  %s\n", place.c_str());
  if (found.repeated > 0) std::printf("%llu lines are there twice\n", number(found.repeated));
  if (found.missing_files > 0)
    std::printf("%llu files of the journal were moved away or removed, not by the ledger: %s\n",
                number(found.missing_files), found.missing_names.c_str());
  if (found.missing > 0)
    std::printf(
        "%llu sequence numbers without a record: damaged lines, records that were dropped, or in files that were "
        "moved, removed or cut\n",
        number(found.missing));
}

int verify(const std::string& folder) {
  const ledger::Audit found = ledger::audit(folder);
  print_journal(found);
  if (!found.database_problem.empty())
    std::printf("database: %s\n", found.database_problem.c_str());
  else if (found.database_seq > 0)
    std::printf("database: up to %llu; %llu records missing, %llu that the journal does not have\n",
                number(found.database_seq), number(found.rows_missing), number(found.rows_unknown));
  if (found.beside_gateway) std::printf("a gateway writes there: its last records, in the spool, were not looked at\n");
  std::printf("%s\n", found.ok() ? "ok" : "not ok");
  return found.ok() ? exit_done : exit_no;
}

int rebuild(const std::string& folder) {
  const ledger::Rebuilt done = ledger::rebuild(folder);
  std::printf("%llu records written to a new database, %llu damaged lines passed over\n", number(done.lines),
              number(done.damaged));
  if (done.unknown > 0)
    std::printf("%llu records are of kinds that this version does not know: they are left out\n", number(done.unknown));
  if (done.dropped_rows > 0)
    std::printf("dropped: %llu records that the journal does not have any more\n", number(done.dropped_rows));
  if (done.dropped_requests > 0)
    std::printf("dropped: the sums of %llu requests whose records were gone before\n", number(done.dropped_requests));
  if (!done.before_problem.empty())
    std::printf("the database before could not be read, so it is not known what it had: %s\n",
                done.before_problem.c_str());
  if (!done.kept_as.empty()) std::printf("the database before is now %s\n", done.kept_as.c_str());
  return exit_done;
}

int export_all(const Arguments& arguments) {
  const std::string format = arguments.has("format") ? arguments.value("format") : "jsonl";
  if (format != "jsonl" && format != "csv") throw UsageError("--format '" + format + "': write jsonl or csv");
  const std::string kind = arguments.value("kind");
  if (arguments.has("kind") && !ledger::is_kind(kind))
    throw UsageError("--kind '" + kind + "': write one of " + ledger::kind_names());
  const std::int64_t since = since_unix_ms(arguments, 0);
  const ledger::ExportOptions options{ledger_folder(arguments), since, format == "csv", kind};
  const ledger::Exported done = ledger::export_records(options, [](std::string_view lines) {
    return std::fwrite(lines.data(), 1, lines.size(), stdout) == lines.size();
  });
  if (!done.written || std::fflush(stdout) != 0) throw std::runtime_error("stdout cannot be written");
  std::fprintf(stderr, "%llu records, %llu of them from the spool\n", number(done.lines), number(done.from_spool));
  if (done.damaged > 0)
    std::fprintf(stderr, "%llu damaged lines were passed over; `triage ledger verify` tells where\n",
                 number(done.damaged));
  if (done.unknown > 0)
    std::fprintf(stderr, "%llu of them are of kinds that this version does not know\n", number(done.unknown));
  if (done.beside_gateway) std::fprintf(stderr, "a gateway writes there: its very last records may be missing\n");
  return exit_done;
}

ledger::GroupBy group_of(const Arguments& arguments) {
  if (!arguments.has("by")) return ledger::GroupBy::nothing;
  const auto found = std::ranges::find(ledger::group_names, arguments.value("by"));
  if (found == ledger::group_names.end() || found->empty())
    throw UsageError("--by '" + arguments.value("by") + "': write route, tier, deployment, key, model or day");
  return static_cast<ledger::GroupBy>(found - ledger::group_names.begin());
}

int report(const Arguments& arguments) {
  constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
  const std::int64_t now_ms = now_unix_ms();
  const std::int64_t since_ms = arguments.value("since") == "all" ? 0 : since_unix_ms(arguments, now_ms - day_ms);
  const ledger::GroupBy by = group_of(arguments);
  const std::string folder = ledger_folder(arguments);
  ledger::Report report = ledger::make_report({folder, since_ms / 1000, now_ms / 1000, by});
  if (arguments.has("config"))
    report.slo = ledger::read_standings(folder, load_file(arguments.value("config")).spec.routes, now_ms);
  const auto experiments = experiments_report(folder);
  const drift::Watch watch = read_drift(folder);
  std::string text = report_table(report) + experiments_report_text(experiments);
  if (!watch.routes().empty()) text += "\ndrift, as of the gateway's last look:\n" + watch_text(watch);
  if (arguments.has("json")) {
    auto json = nlohmann::ordered_json::parse(report_json(report));
    json["experiments"] = experiments;
    json["drift"] = watch.routes().empty() ? nlohmann::ordered_json() : drift::watch_json(watch);
    text = json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!report.database_problem.empty())
    std::fprintf(stderr, "all was read from the journal: %s\n", report.database_problem.c_str());
  else if (report.from_journal > 0)
    std::fprintf(stderr, "the database is %llu records behind: those were read from the journal\n",
                 number(report.from_journal));
  return exit_done;
}

int verify_it(const Arguments& arguments) {
  return verify(ledger_folder(arguments));
}

int rebuild_it(const Arguments& arguments) {
  return rebuild(ledger_folder(arguments));
}

}  // namespace

Command ledger_command() {
  return {
      .name = "ledger",
      .summary = "verify, rebuild or export the ledger",
      .examples = {{"triage ledger verify --ledger /var/lib/triage", "is it whole?"},
                   {"triage ledger export --since 24h > records.jsonl", "the last day's records"}},
      .commands = {{.name = "verify",
                    .summary = "say whether it is whole",
                    .about = "Reads everything and changes nothing.",
                    .options = ledger_options(),
                    .exits = "0 it is whole, 1 a record is damaged, missing, unknown or there twice.",
                    .run = verify_it},
                   {.name = "rebuild",
                    .summary = "make the database anew",
                    .about = "Makes the database anew from the journal, while no gateway runs, and says what it drops.",
                    .options = ledger_options(),
                    .run = rebuild_it},
                   {.name = "export",
                    .summary = "print the records",
                    .about = "Prints the records, oldest first, each once; also beside a running gateway.",
                    .options = joined_options(
                        ledger_options(),
                        {since_option("records of that time or later; everything if not given"),
                         {"format", "FORMAT", "jsonl if not given", {"jsonl", "csv"}},
                         {"kind", "KIND",
                          "only such records: request, feedback, grade or experiment; if not given all of them, as CSV "
                          "requests"}}),
                    .run = export_all}}};
}

Command report_command() {
  return {
      .name = "report",
      .summary = "what requests cost and how they went",
      .about =
          "Says what requests cost and how they went, also beside a running gateway, and what the treatments of "
          "experiments save since they began. docs/ledger.md explains the columns.",
      .options = joined_options(
          ledger_options(), {since_option("requests of that time or later, `all` for everything; 24h if not given"),
                             {"by", "WHAT", "a line for each", {"route", "tier", "deployment", "key", "model", "day"}},
                             {"json", "", "prints JSON, for programs; a sum that has an unknown cost in it is null"}}),
      .examples = {{"triage report", "the last day"}, {"triage report --since 30d --by key", "who spent what?"}},
      .run = report};
}

}  // namespace triage
