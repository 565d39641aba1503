// triage top: the routes, keys and deployments that cost most.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/ledger_folder.hpp"
#include "base/unix_time.hpp"
#include "ledger/top.hpp"

#include <charconv>
#include <cstdio>

namespace triage {
namespace {

std::vector<ledger::GroupBy> groups_of(const Arguments& arguments) {
  using ledger::GroupBy;
  const std::string by = arguments.value("by");
  if (!arguments.has("by")) return {GroupBy::route, GroupBy::key};
  if (by == "route") return {GroupBy::route};
  if (by == "key") return {GroupBy::key};
  if (by == "deployment") return {GroupBy::deployment};
  throw UsageError("--by '" + by + "': write route, key or deployment");
}

std::size_t rows_of(const Arguments& arguments) {
  if (!arguments.has("rows")) return 10;
  const std::string text = arguments.value("rows");
  std::size_t rows = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (error != std::errc() || end != text.data() + text.size() || rows == 0)
    throw UsageError("--rows '" + text + "': write a number from 1 on");
  return rows;
}

int top(const Arguments& arguments) {
  constexpr std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
  ledger::TopOptions options;
  options.by = groups_of(arguments);
  options.rows_max = rows_of(arguments);
  options.since_unix_ms = arguments.value("since") == "all" ? 0 : since_unix_ms(arguments, now_unix_ms() - week_ms);
  options.folder = ledger_folder(arguments);
  const ledger::Top found = ledger::make_top(options);
  const std::string text = arguments.has("json") ? top_json(found) : top_table(found);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (found.damaged > 0)
    std::fprintf(stderr, "%llu damaged lines were passed over; `triage ledger verify` tells where\n",
                 static_cast<unsigned long long>(found.damaged));
  return exit_done;
}

}  // namespace

Command top_command() {
  return {
      .name = "top",
      .summary = "who costs most, and how good the answers are",
      .about =
          "The routes and keys that cost most: their requests, what they cost, their share of all costs, what "
          "the same would have cost at the top tier, and how good the answers were. docs/quality.md explains "
          "the signals.",
      .options = joined_options(
          ledger_options(),
          {since_option("requests of that time or later, `all` for everything; 7d if not given"),
           {"by", "WHAT", "only these; routes and keys if not given", {"route", "key", "deployment"}},
           {"rows", "N", "at most so many of each; 10 if not given"},
           {"json", "", "prints JSON, for programs, with all signals; a sum that has an unknown cost in it is null"}}),
      .examples = {{"triage top --since 30d", "the last month"}},
      .run = top};
}

}  // namespace triage
