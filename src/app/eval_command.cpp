// triage eval: what a route is worth on labelled rows.
#include "app/labelled.hpp"
#include "app/progress.hpp"
#include "offline/baselines.hpp"
#include "offline/explorer.hpp"

#include <cstdio>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

namespace triage {
namespace {

using offline::Scored;

std::vector<Scored> all_scores(Labelled& labelled) {
  RouteRun& run = labelled.run();
  std::vector<Scored> out = run.scored;
  out.push_back({Scored::Role::length, "length", offline::length_scores(labelled.rows().rows)});
  auto groups = offline::group_scores(labelled.rows().rows, run.outcomes, labelled.resampling().seed);
  if (!groups.empty()) out.push_back({Scored::Role::group, "group", std::move(groups)});
  out.push_back({Scored::Role::oracle, "oracle", offline::oracle_scores(run.outcomes)});
  return out;
}

void write_page(const std::string& file, const offline::Subject& subject, const offline::Evaluation& found,
                Labelled& labelled) {
  std::ofstream out(file, std::ios::binary);
  out << offline::explorer_page(subject, found, labelled.rows().rows, labelled.run().outcomes, labelled.run().scored);
  out.close();
  if (!out) throw std::runtime_error("cannot write '" + file + "'");
}

std::string steps_text(const offline::Subject& subject, const offline::Evaluation& found, Labelled& labelled) {
  return offline::explorer_json(subject, found, labelled.rows().rows, labelled.run().outcomes, labelled.run().scored)
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int evaluate(const Arguments& arguments) {
  Labelled labelled(arguments);
  if (!labelled.ok()) return exit_no;
  offline::Subject subject = labelled.subject();
  subject.threshold = std::numeric_limits<double>::quiet_NaN();
  if (const auto main = labelled.main_score()) {
    subject.main = *main;
    const auto thresholds = labelled.thresholds(labelled.run().scored[*main]);
    if (!thresholds.empty()) subject.threshold = thresholds.front().effective();
  }
  Progress progress("resamples", labelled.resampling().resamples);
  offline::Resampling resampling = labelled.resampling();
  resampling.progress = [&progress](std::size_t done) { progress.at(done); };
  const offline::Evaluation found =
      offline::evaluate(labelled.run().outcomes, labelled.run().decisions, all_scores(labelled), resampling);
  if (arguments.has("steps"))
    std::printf("%s\n", steps_text(subject, found, labelled).c_str());
  else if (arguments.has("json"))
    std::printf("%s\n", offline::evaluation_json(subject, found).dump(2).c_str());
  else
    std::fputs(offline::evaluation_text(subject, found).c_str(), stdout);
  if (arguments.has("html")) write_page(arguments.value("html"), subject, found, labelled);
  return arguments.has("require-better-than-random") && !offline::worth_having(found) ? exit_no : exit_done;
}

}  // namespace

Command eval_command() {
  return {.name = "eval",
          .summary = "say what a route is worth on labelled questions",
          .about =
              "Runs a route's own routers and cascade over labelled questions, without asking any deployment, and "
              "says whether they are worth having: beside always-weak, always-strong, random choice, prompt length "
              "and the oracle.",
          .options = Labelled::options(
              {json_option(),
               {"steps", "", "prints the data of --html's page, for programs"},
               {"html", "FILE", "writes a page with the curves and a slider for the threshold; it works from a file"},
               {"require-better-than-random", "",
                "exit 1 unless the route beats random choice at the same share and the best constant model at the same "
                "cost, both with confidence"}}),
          .examples = {{"triage eval --config triage.yaml --route chat --data rows.jsonl --html eval.html",
                        "with a page to look at"},
                       {"triage eval --data rows.jsonl --require-better-than-random", "in CI"}},
          .exits = "0 done, 1 the configuration or the rows are bad, or the requirement is not met.",
          .run = evaluate};
}

}  // namespace triage
