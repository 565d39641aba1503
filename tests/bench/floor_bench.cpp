// How often thresholds break the floor of quality that they were chosen for: the certified ones, and plug-in ones,
// which just keep it on the rows at hand. The rows on standard input are the whole population; each run draws questions
// from it with replacement, chooses, and looks at the population.
//
//   bench_floor [RUNS] [GROUP] < rows.jsonl          tests/bench/floors.py runs it on the public data
#include "offline/baselines.hpp"
#include "offline/floor.hpp"
#include "triage/body_padding.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>

namespace triage::offline {
namespace {

constexpr double delta = 0.1;

// Scores as shares of the rows that have a lower one.
std::vector<double> ranks(const std::vector<double>& scores) {
  std::vector<double> sorted = scores;
  std::ranges::sort(sorted);
  std::vector<double> out;
  for (const double score : scores)
    out.push_back(static_cast<double>(std::ranges::lower_bound(sorted, score) - sorted.begin()) /
                  static_cast<double>(scores.size()));
  return out;
}

// The quality of the whole population at each step of the grid, as a share of always-strong's.
std::vector<double> kept_by_step(const Outcomes& rows, const std::vector<double>& scores) {
  std::vector<double> out;
  double strong = 0;
  for (const double each : rows.strong) strong += each;
  for (std::size_t step = 0; step <= threshold_steps; ++step) {
    double quality = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
      quality += scores[i] >= static_cast<double>(step) / threshold_steps ? rows.strong[i] : rows.weak[i];
    out.push_back(quality / strong);
  }
  return out;
}

struct Draw {
  Outcomes rows;
  std::vector<double> scores;
};

Draw draw(const Outcomes& population, const std::vector<double>& scores, std::size_t count, Draws& draws) {
  Draw out;
  out.rows.units = count;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = draws.below(population.size());
    out.rows.weak.push_back(population.weak[row]);
    out.rows.strong.push_back(population.strong[row]);
    out.rows.unit.push_back(i);
    out.scores.push_back(scores[row]);
  }
  return out;
}

void run(const char* name, const Outcomes& population, const std::vector<double>& scores, int runs) {
  const std::vector<double> kept = kept_by_step(population, scores);
  const auto broken = [&](const ThresholdEffect& chosen, double rho) {
    return kept[static_cast<std::size_t>(std::lround(chosen.threshold * threshold_steps))] < rho ? 1.0 : 0.0;
  };
  for (const std::size_t questions : {300U, 1000U, 3000U})
    for (const double rho : {0.9, 0.95, 0.98}) {
      Draws draws(1);
      double certified = 0;
      double plug_in = 0;
      double share = 0;
      double plug_in_share = 0;
      for (int i = 0; i < runs; ++i) {
        const Draw sample = draw(population, scores, questions, draws);
        const FloorResult found = certify(sample.rows, sample.scores, {rho, 1 - delta});
        certified += broken(found.certified, rho) / runs;
        plug_in += broken(found.plug_in, rho) / runs;
        share += found.certified.share / runs;
        plug_in_share += found.plug_in.share / runs;
      }
      std::printf("%-8s %9zu  %.2f %10.3f %10.3f %12.1f %% %8.1f %%\n", name, questions, rho, certified, plug_in,
                  100 * share, 100 * plug_in_share);
    }
}

}  // namespace
}  // namespace triage::offline

int main(int argc, char** argv) {
  using namespace triage::offline;
  const int runs = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1000;
  const std::string group = argc > 2 ? argv[2] : "group";
  std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const std::size_t size = text.size();
  text.append(triage::body_padding, '\0');
  const Rows rows = read_rows(std::string_view(text).substr(0, size), "standard input", group);
  for (const std::string& problem : rows.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  if (rows.bad_rows > 0 || rows.rows.empty()) return 1;
  Outcomes population;
  population.unit = rows.units;
  population.units = rows.questions;
  for (const Row& row : rows.rows) {
    population.weak.push_back(row.weak);
    population.strong.push_back(row.strong);
  }
  std::printf("%d runs, delta %.1f\n%-8s %9s  %4s %10s %10s %14s %10s\n", runs, delta, "score", "questions", "rho",
              "broken", "plug-in", "strong answers", "plug-in");
  run("length", population, ranks(length_scores(rows.rows)), runs);
  const std::vector<double> groups = group_scores(rows.rows, population, 1);
  if (!groups.empty()) run("group", population, ranks(groups), runs);
  return 0;
}
