// triage judge calibrate: how far the judge can be trusted.
#include "app/arguments.hpp"
#include "app/commands.hpp"
#include "app/judge_calibration.hpp"
#include "app/ledger_folder.hpp"
#include "app/spotcheck.hpp"
#include "base/file.hpp"
#include "base/unix_time.hpp"
#include "ledger/grades.hpp"
#include "options/values.hpp"

#include <cstdio>
#include <map>

namespace triage {

namespace {

constexpr std::int64_t month_ms = 30LL * 24 * 3600 * 1000;

// Grades of different judges cannot be mixed: of each route those of the judge that has graded last count.
std::map<std::string, std::string> newest_versions(const ledger::Grades& grades) {
  std::map<std::string, std::pair<std::int64_t, std::string>> newest;
  for (const auto& [id, grade] : grades.judge) {
    auto& known = newest[grade.route];
    if (known.second.empty() || grade.time_unix_ms > known.first) known = {grade.time_unix_ms, grade.version};
  }
  std::map<std::string, std::string> out;
  for (const auto& [route, known] : newest) out.emplace(route, known.second);
  return out;
}

bool add_labels(const std::string& name, ledger::Grades& grades) {
  std::string reason;
  const auto bytes = read_file(name, part_bytes_max, reason);
  if (!bytes) throw std::runtime_error("'" + name + "': " + reason);
  const SpotcheckFile file = read_spotcheck(*bytes, name);
  for (const std::string& problem : file.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  for (const SpotcheckRow& row : file.rows)
    if (row.grade) grades.labels[row.id].value = *row.grade;
  return file.problems.empty();
}

std::vector<JudgedAnswer> answers_of(const ledger::Grades& grades, const std::string& route) {
  const auto versions = newest_versions(grades);
  std::vector<JudgedAnswer> out;
  std::size_t other_judges = 0;
  std::size_t not_enough = 0;
  for (const auto& [id, grade] : grades.judge) {
    if (!route.empty() && grade.route != route) continue;
    if (grade.version != versions.at(grade.route)) {
      ++other_judges;
    } else if (!grade.score) {
      ++not_enough;
    } else {
      JudgedAnswer answer{grade.route, grade.arm, *grade.score};
      if (const auto label = grades.labels.find(id); label != grades.labels.end()) answer.person = label->second.value;
      out.push_back(std::move(answer));
    }
  }
  if (other_judges > 0) std::fprintf(stderr, "%zu grades of earlier judges or rubrics are left out\n", other_judges);
  if (not_enough > 0) std::fprintf(stderr, "%zu answers were not enough for the judge to tell\n", not_enough);
  return out;
}

int calibrate(const Arguments& arguments) {
  double confidence = 0.95;
  if (arguments.has("confidence")) {
    const auto given = parse_number(arguments.value("confidence"));
    if (!given || !(*given > 0 && *given < 1)) throw UsageError("--confidence: give a number between 0 and 1");
    confidence = *given;
  }
  ledger::Grades grades =
      ledger::read_grades(ledger_folder(arguments), since_unix_ms(arguments, now_unix_ms() - month_ms));
  if (arguments.has("labels") && !add_labels(arguments.value("labels"), grades)) return exit_no;
  if (grades.damaged > 0)
    std::fprintf(stderr, "%llu damaged lines were passed over; `triage ledger verify` tells where\n",
                 static_cast<unsigned long long>(grades.damaged));
  const auto found = calibrate_judge(answers_of(grades, arguments.value("route")), confidence);
  if (arguments.has("json")) std::fputs(calibration_json(found, confidence).c_str(), stdout);
  if (found.empty()) {
    std::fputs("the judge has graded nothing in that time; see `quality: {judge: ...}` of a route\n", stderr);
    return exit_no;
  }
  if (!arguments.has("json")) std::fputs(calibration_text(found, confidence).c_str(), stdout);
  return exit_done;
}

}  // namespace

Command judge_command() {
  return {
      .name = "judge",
      .summary = "how far the judge can be trusted",
      .examples = {{"triage judge calibrate --labels graded.csv", "with grades that people have put into a file"}},
      .exits = "0 done, 1 the judge has graded nothing.",
      .commands = {
          {.name = "calibrate",
           .summary = "compare the judge's grades with people's",
           .about = "Compares the judge's grades with people's of the same answers, from spot checks and feedback, for "
                    "each route and arm, and corrects the judge's mean by them (prediction-powered inference): the "
                    "interval stays right however bad the judge is. Without enough labels it says so.\n\n"
                    "Feedback comes from those who care to give it, so it may stand for others badly; spot checks are "
                    "drawn at random (docs/quality.md).",
           .options = joined_options(
               ledger_options(),
               {{"labels", "FILE", "grades in a file of `triage spotcheck`, besides those in the ledger"},
                {"route", "NAME", "only that route's"},
                since_option("grades of that time or later; 30d if not given"),
                {"confidence", "C", "of the intervals; 0.95 if not given"},
                json_option()}),
           .run = calibrate}}};
}

}  // namespace triage
