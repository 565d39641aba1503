// triage spotcheck: answers for people to grade, and their grades as labels.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/judge_calibration.hpp"
#include "app/ledger_door.hpp"
#include "app/ledger_folder.hpp"
#include "app/spotcheck.hpp"
#include "base/file.hpp"
#include "base/unix_time.hpp"
#include "ledger/grades.hpp"
#include "options/values.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <unordered_map>

namespace triage {

namespace {

constexpr std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
constexpr std::size_t candidates_max = 2'000'000;

std::string range_of(const ledger::Grades& grades, const std::string& id) {
  const auto found = grades.judge.find(id);
  if (found == grades.judge.end() || !found->second.score) return "not judged";
  constexpr std::array<const char*, score_ranges> names{"low", "middle", "high"};
  return names[score_range(*found->second.score)];
}

std::size_t count_of(const Arguments& arguments) {
  if (!arguments.has("n")) return 100;
  const auto count = parse_integer(arguments.value("n"));
  if (!count || *count == 0 || *count > 100'000) throw UsageError("-n: give a number from 1 to 100000");
  return static_cast<std::size_t>(*count);
}

std::vector<SpotcheckCandidate> candidates(const std::string& folder, std::int64_t since, const std::string& route) {
  const ledger::Grades grades = ledger::read_grades(folder, since);
  std::vector<SpotcheckCandidate> out;
  ledger::each_answered(folder, since, false, [&](const ledger::AnsweredRequest& request) {
    if (!route.empty() && request.route != route) return true;
    const auto label = grades.labels.find(request.id);
    if (request.route.empty() || (label != grades.labels.end() && label->second.spotcheck)) return true;
    const std::string arm = request.experiment ? request.experiment->arm : "";
    out.push_back({request.route + "\n" + arm + "\n" + range_of(grades, request.id), request.id});
    return out.size() < candidates_max;
  });
  return out;
}

int draw(const Arguments& arguments) {
  const std::string folder = ledger_folder(arguments);
  const std::int64_t since = since_unix_ms(arguments, now_unix_ms() - week_ms);
  const auto all = candidates(folder, since, arguments.value("route"));
  const auto drawn = draw_strata(all, count_of(arguments), arguments.has("seed") ? arguments.value("seed") : "1");
  std::unordered_map<std::string, std::size_t> place;
  std::vector<SpotcheckRow> rows(drawn.size());
  for (std::size_t i = 0; i < drawn.size(); ++i) place.emplace(all[drawn[i]].id, i);
  std::size_t with_text = 0;
  ledger::each_answered(folder, since, true, [&](const ledger::AnsweredRequest& request) {
    const auto found = place.find(request.id);
    if (found == place.end()) return true;
    with_text += request.answer.empty() ? 0 : 1;
    rows[found->second] = {request.id, request.route, readable_prompt(request.prompt), request.answer, {}, {}};
    return true;
  });
  if (rows.empty()) {
    std::fputs("there is nothing to draw: no route has answered anything in that time that has no spot check\n",
               stderr);
    return exit_no;
  }
  const std::string file = arguments.value("out");
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << spotcheck_text(rows, file.ends_with(".csv"));
  out.close();
  if (!out) throw std::runtime_error("cannot write '" + file + "'");
  std::fprintf(stderr, "%zu of %zu answers are in %s\n", rows.size(), all.size(), file.c_str());
  if (with_text < rows.size())
    std::fprintf(stderr, "%zu of them have no text: set 'record: {content: redacted}' or 'full' on the route\n",
                 rows.size() - with_text);
  return exit_done;
}

// What has to be added: rows with a grade that the ledger does not have yet.
std::vector<SpotcheckRow> fresh(std::vector<SpotcheckRow> rows, const ledger::Grades& grades, const std::string& by) {
  std::erase_if(rows, [&](const SpotcheckRow& row) {
    const auto known = grades.labels.find(row.id);
    return !row.grade || (known != grades.labels.end() && known->second.spotcheck && known->second.version == by &&
                          known->second.value == *row.grade && known->second.reason == row.comment);
  });
  return rows;
}

// Returns how many were added; the others are of requests that the ledger does not know.
std::size_t keep(const Arguments& arguments, const std::vector<SpotcheckRow>& rows, const std::string& by) {
  std::unordered_map<std::string, const SpotcheckRow*> wanted;
  for (const SpotcheckRow& row : rows) wanted[row.id] = &row;
  const std::string folder = ledger_folder(arguments);
  LedgerDoor door(arguments);
  std::size_t added = 0;
  ledger::each_answered(folder, 0, false, [&](const ledger::AnsweredRequest& request) {
    const auto found = wanted.find(request.id);
    if (found == wanted.end()) return true;
    ExperimentRecord experiment;
    if (const auto& of = request.experiment) experiment = {of->name, of->version, of->arm, of->unit, of->share};
    GradeEvent event;
    event.id = request.id;
    event.time_unix_ms = now_unix_ms();
    event.route = request.route;
    event.grader = "spotcheck";
    event.version = by;
    event.score = found->second->grade;
    event.reason = found->second->comment;
    event.cost_nano_usd = 0;
    event.experiment = request.experiment ? &experiment : nullptr;
    door.keep(event);
    wanted.erase(found);
    return ++added < rows.size();
  });
  if (door.beside_gateway() && added > 0)
    std::fputs("a gateway writes to the ledger; it takes the grades in a moment\n", stderr);
  return added;
}

int read(const Arguments& arguments) {
  const std::string name = arguments.words()[0];
  std::string reason;
  const auto bytes = read_file(name, part_bytes_max, reason);
  if (!bytes) throw std::runtime_error("'" + name + "': " + reason);
  SpotcheckFile file = read_spotcheck(*bytes, name);
  for (const std::string& problem : file.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  if (!file.problems.empty()) return exit_no;
  const std::string by = arguments.value("by");
  const std::size_t all = file.rows.size();
  std::size_t graded = 0;
  for (const SpotcheckRow& row : file.rows) graded += row.grade ? 1 : 0;
  const auto rows = fresh(std::move(file.rows), ledger::read_grades(ledger_folder(arguments), 0), by);
  const std::size_t added = rows.empty() ? 0 : keep(arguments, rows, by);
  std::fprintf(stderr, "%zu of %zu rows are graded: %zu grades are new, %zu were there already\n", graded, all, added,
               graded - rows.size());
  if (added < rows.size())
    std::fprintf(stderr, "%zu are of requests that the ledger does not have\n", rows.size() - added);
  return exit_done;
}

}  // namespace

Command spotcheck_command() {
  Option out{"out", "FILE", "CSV if it ends in .csv, else JSON Lines"};
  out.required = true;
  return {
      .name = "spotcheck",
      .summary = "answers for people to grade",
      .examples = {{"triage spotcheck draw --out graded.csv -n 100", "draw"},
                   {"triage spotcheck read graded.csv --by kim", "put the grades into the ledger"}},
      .exits = "0 done, 1 the file has mistakes, or there is nothing to draw.",
      .commands = {
          {.name = "draw",
           .summary = "draw answers, and write them into a file",
           .about =
               "Draws answers for people to grade, as many of each route, arm and range of the judge's score as of "
               "any other, and writes them into a file. Fill in `grade`: a number from 0 to 1, good, or bad; and a "
               "`comment`, if you like. The texts are there if the route records content; else look them up by the "
               "id. Answers that have a spot check are not drawn again.",
           .options =
               joined_options(ledger_options(), {out,
                                                 {"n", "N", "how many; 50 to 200 a week tell a lot; 100 if not given"},
                                                 {"route", "NAME", "only that route's"},
                                                 since_option("answers of that time or later; 7d if not given"),
                                                 {"seed", "S", "other answers for another seed; 1 if not given"}}),
           .run = draw},
          {.name = "read",
           .summary = "add the grades to the ledger",
           .about =
               "Adds the grades to the ledger, where `triage judge calibrate` compares the judge with them. Reading "
               "the same file again adds only what has changed. A gateway may run meanwhile.",
           .operands = {{"FILE"}},
           .options = joined_options(ledger_options(), {{"by", "NAME", "who has graded, in the ledger"}}),
           .run = read}}};
}

}  // namespace triage
