// How often guardrails roll back an equal treatment, and how soon a bad one: the tables of docs/statistics.md. Every
// draw has a seed, so that the tables are the same everywhere.
//
//   bench_guardrails [RUNS] [equal | circumstances | bad | disaster | time]...        2,000 runs and everything by
//   default
#include "statistics/confidence.hpp"
#include "statistics/guardrail.hpp"
#include "statistics/multinomial.hpp"
#include "unit/statistics/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace triage::statistics {
namespace {

constexpr double alpha = 0.05;
constexpr int units = 20'000;

// The share of the treatment and the state of the world when `unit` of `units` comes.
struct Moment {
  double share;
  double shift;  // of both arms' rate
};
using Course = Moment (*)(int unit);

Moment half(int /*unit*/) {
  return {0.5, 0};
}
Moment tenth(int /*unit*/) {
  return {0.1, 0};
}
Moment drift(int unit) {
  return {0.5, 0.15 * std::sin(unit / 2'000.0)};
}
Moment ramp(int unit) {
  return {unit < 4'000 ? 0.01 : unit < 10'000 ? 0.1 : 0.5, unit < 12'000 ? 0.0 : -0.2};
}

// The classical test of two shares on all units so far, at every look.
class PooledTest {
 public:
  bool add(bool treated, double value) {
    count_[treated] += 1;
    sum_[treated] += value;
    if (count_[0] < 30 || count_[1] < 30) return false;
    const double pooled = (sum_[0] + sum_[1]) / (count_[0] + count_[1]);
    const double error = std::sqrt(pooled * (1 - pooled) * (1 / count_[0] + 1 / count_[1]));
    return error > 0 && (sum_[0] / count_[0] - sum_[1] / count_[1]) / error > 1.645;
  }

 private:
  double count_[2]{};
  double sum_[2]{};
};

struct Rate {
  int runs = 0;
  int rolled_back = 0;
  void add(bool yes) {
    ++runs;
    rolled_back += yes ? 1 : 0;
  }
  [[nodiscard]] double share() const { return static_cast<double>(rolled_back) / runs; }
};

void print(std::string_view what, Rate ours, double bound, const char* other = "", double rate = -1) {
  std::printf("| %.*s | %.2f %% | %.2f %% |", static_cast<int>(what.size()), what.data(), 100 * ours.share(),
              100 * bound);
  if (rate >= 0) std::printf(" %s: %.1f %% |", other, 100 * rate);
  std::printf("%s\n", rate < 0 ? " |" : "");
  std::fflush(stdout);
}

void equal(int runs) {
  for (const Metric& metric : metrics())
    for (const Course course : {half, tenth}) {
      Rate rate;
      for (int run = 0; run < runs; ++run) {
        Draws draws(1'000'000 + static_cast<std::uint64_t>(run));
        BettingTest test(0, metric.larger_is_better);
        Measuring measuring(metric.measure);
        bool reached = false;
        for (int i = 0; i < units && !reached; ++i) {
          const double share = course(i).share;
          const bool treated = draws.chance(share);
          const auto outcome = measuring.outcome(metric.draw(draws, false), treated);
          if (outcome) test.add({treated, share, *outcome});
          reached = test.log_wealth() >= log_threshold(alpha);
        }
        rate.add(reached);
      }
      char name[80];
      std::snprintf(name, sizeof name, "%.*s, share %.0f %%", static_cast<int>(metric.name.find(' ')),
                    metric.name.data(), 100 * course(0).share);
      print(name, rate, at_most(alpha, runs));
    }
}

// Both arms' rate of thumbs-up moves.
void moving(std::string_view name, Course course, int runs) {
  Rate ours;
  Rate pooled;
  for (int run = 0; run < runs; ++run) {
    Draws draws(2'000'000 + static_cast<std::uint64_t>(run));
    BettingTest test(0, true);
    PooledTest classical;
    bool reached = false;
    bool classical_reached = false;
    for (int i = 0; i < units; ++i) {
      const auto [share, shift] = course(i);
      const bool treated = draws.chance(share);
      const double value = coin(draws, 0.8 + shift);
      test.add({treated, share, value});
      reached = reached || test.log_wealth() >= log_threshold(alpha);
      classical_reached = classical.add(treated, value) || classical_reached;
    }
    ours.add(reached);
    pooled.add(classical_reached);
  }
  print(name, ours, at_most(alpha, runs), "pooled z-test", pooled.share());
}

struct Arrival {
  double time;
  UnitWindow window;
  Observation seen;
  double requests;  // in the window
};

// A user's week: requests come at random, for some users far more often; the share grows twice. In each stage
// windows last 10 minutes, 20, 40, ...
void add_week(Draws& draws, std::vector<Arrival>& arrivals) {
  constexpr double minutes = 7 * 24 * 60;
  const auto stage_at = [](double time) { return time < 1'440 ? 1U : time < 4'320 ? 2U : 3U; };
  const double position = draws.uniform();  // the user is treated where the share is above it
  const double rate = draws.chance(0.5) ? 0.55 + 0.45 * draws.uniform() : draws.uniform();
  const double mean_gap = 200 * std::exp(1.2 * draws.normal());
  double begin = -1;
  double sum = 0;
  double count = 0;
  UnitWindow window{true, 0, 0};
  const auto close = [&](double time) {
    const double share = window.stage == 1 ? 0.01 : window.stage == 2 ? 0.1 : 0.5;
    if (begin >= 0) arrivals.push_back({time, window, {position < share, share, sum / count}, count});
    begin = -1;
  };
  for (double time = mean_gap * draws.exponential(); time < minutes; time += mean_gap * draws.exponential()) {
    const double end = begin + 10 * std::exp2(window.number - 1.0);
    if (begin >= 0 && (time > end || stage_at(time) != window.stage)) close(std::min(time, end));
    if (begin < 0) {
      begin = time;
      sum = count = 0;
      const bool same = stage_at(time) == window.stage;
      window = {window.stage == 0, stage_at(time), same ? window.number + 1 : 1};
    }
    sum += coin(draws, rate);
    count += 1;
  }
  close(minutes);
}

void sticky(int runs) {
  Rate ours;
  Rate by_request;
  for (int run = 0; run < runs; ++run) {
    Draws draws(3'000'000 + static_cast<std::uint64_t>(run));
    std::vector<Arrival> arrivals;
    while (arrivals.size() < units) add_week(draws, arrivals);
    std::ranges::sort(arrivals, {}, &Arrival::time);
    GuardrailTest test(0, true);
    BettingTest requests(0, true);
    bool reached = false;
    bool requests_reached = false;
    for (const Arrival& arrival : arrivals) {
      test.add(arrival.window, arrival.seen);
      for (int i = 0; i < arrival.requests; ++i) requests.add(arrival.seen);
      reached = reached || test.log_evidence() >= log_threshold(alpha);
      requests_reached = requests_reached || requests.log_wealth() >= log_threshold(alpha);
    }
    ours.add(reached);
    by_request.add(requests_reached);
  }
  print("users who come again, share 1 -> 10 -> 50 %", ours, at_most(alpha, runs), "a request a unit",
        by_request.share());
}

// Three in ten say something, days later, the unhappy ones sooner; the share in force has changed since.
void late_feedback(int runs) {
  Rate ours;
  for (int run = 0; run < runs; ++run) {
    Draws draws(4'000'000 + static_cast<std::uint64_t>(run));
    std::vector<Arrival> arrivals;
    for (int i = 0; i < units; ++i) {
      const auto [share, shift] = ramp(i);
      const bool treated = draws.chance(share);
      const double value = coin(draws, 0.8 + shift);
      if (draws.chance(value == 0 ? 0.5 : 0.25))
        arrivals.push_back({i + (value == 0 ? 500 : 4'000) * draws.exponential(), {}, {treated, share, value}, 1});
    }
    std::ranges::sort(arrivals, {}, &Arrival::time);
    BettingTest test(0, true);
    bool reached = false;
    for (const Arrival& arrival : arrivals) {
      test.add(arrival.seen);
      reached = reached || test.log_wealth() >= log_threshold(alpha);
    }
    ours.add(reached);
  }
  print("feedback that comes late, with ramp and drop", ours, at_most(alpha, runs));
}

// Thumbs, error, refusal, latency and cost of each unit, and the rule for disasters. Units until one speaks.
int five_guardrails(Draws& draws, double share, std::string_view bad) {
  const std::vector<Metric> all = metrics();
  std::vector<GuardrailTest> tests;
  std::vector<Measuring> measuring;
  for (const Metric& metric : all) {
    tests.emplace_back(bad.empty() ? 0 : metric.margin, metric.larger_is_better);
    measuring.emplace_back(metric.measure);
  }
  DisasterTest disaster;
  const double threshold = guardrail_threshold(alpha, 1, 5);
  for (int i = 1; i <= units; ++i) {
    const bool treated = draws.chance(share);
    for (const std::size_t m : {0UL, 1UL, 2UL, 5UL, 6UL}) {
      const double value = all[m].draw(draws, treated && all[m].name == bad);
      const auto outcome = measuring[m].outcome(value, treated);
      if (outcome) tests[m].add({}, {treated, share, *outcome});
      if (tests[m].log_evidence() >= threshold) return i;
      if (m == 1) disaster.add({treated, share, value});
    }
    if (disaster.log_evidence() >= disaster_threshold(alpha)) return i;
  }
  return units + 1;
}

void circumstances(int runs) {
  moving("rate drifts in both arms", drift, runs);
  moving("share 1 -> 10 -> 50 %, late drop in both arms", ramp, runs);
  sticky(runs);
  late_feedback(runs);
  Rate five;
  for (int run = 0; run < runs; ++run) {
    Draws draws(5'000'000 + static_cast<std::uint64_t>(run));
    five.add(five_guardrails(draws, 0.5, "") <= units);
  }
  print("five guardrails and the rule for disasters", five, at_most(alpha, runs));
  Rate srm;
  for (int run = 0; run < runs; ++run) {
    Draws draws(6'000'000 + static_cast<std::uint64_t>(run));
    MultinomialTest test;
    bool reached = false;
    for (int i = 0; i < units && !reached; ++i) {
      test.add(draws.chance(ramp(i).share), ramp(i).share);
      reached = test.log_evidence() >= log_threshold(0.001);
    }
    srm.add(reached);
  }
  print("sample ratio mismatch, alpha 0.001", srm, at_most(0.001, runs));
}

int median(std::vector<int> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

int units_until(const Metric& metric, double margin, double share, double threshold, Draws& draws) {
  BettingTest test(margin, metric.larger_is_better);
  Measuring measuring(metric.measure);
  for (int i = 1; i <= units; ++i) {
    const bool treated = draws.chance(share);
    const auto outcome = measuring.outcome(metric.draw(draws, treated), treated);
    if (outcome) test.add({treated, share, *outcome});
    if (test.log_wealth() >= threshold) return i;
  }
  return units + 1;
}

void bad(int runs) {
  for (const Metric& metric : metrics())
    for (const auto& [share, bound] : {std::pair{0.5, metric.median_half}, {0.1, metric.median_tenth}}) {
      std::vector<int> none;
      std::vector<int> small;
      std::vector<int> in_experiment;
      std::vector<int> five;
      const bool in_five = metric.name[0] != 'j' && metric.name.substr(0, 3) != "esc";
      for (int run = 0; run < runs; ++run) {
        Draws draws(7'000'000 + static_cast<std::uint64_t>(run));
        none.push_back(units_until(metric, 0, share, log_threshold(alpha), draws));
        small.push_back(units_until(metric, metric.margin, share, log_threshold(alpha), draws));
        in_experiment.push_back(
            units_until(metric, metric.margin, share, guardrail_threshold(alpha, 1, 1) - std::log(first_part), draws));
        if (in_five && run < runs / 4) five.push_back(five_guardrails(draws, share, metric.name));
      }
      std::printf("| %.*s, share %.0f %% | %d | %g | %d | %d | %d | ", static_cast<int>(metric.name.size()),
                  metric.name.data(), 100 * share, bound, metric.margin, median(none), median(small),
                  median(in_experiment));
      std::printf(in_five ? "%d |\n" : "|\n", in_five ? median(five) : 0);
      std::fflush(stdout);
    }
}

void disaster(int runs) {
  for (const int epoch : {1, 24, 168}) {
    std::vector<int> treated_units;
    for (int run = 0; run < runs; ++run) {
      Draws draws(8'000'000 + static_cast<std::uint64_t>(run));
      DisasterTest test;
      for (int i = 1; i < epoch; ++i) test.next_epoch();
      int count = 0;
      while (test.log_evidence() < disaster_threshold(alpha)) {
        const bool treated = draws.chance(0.1);
        count += treated ? 1 : 0;
        test.add({treated, 0.1, coin(draws, treated ? 0.5 : 0.01)});
      }
      treated_units.push_back(count);
    }
    std::ranges::sort(treated_units);
    std::printf("| %d | %d | %d | %d |\n", epoch, treated_units[treated_units.size() / 2],
                treated_units[treated_units.size() * 99 / 100], treated_units.back());
  }
}

void time() {
  Draws draws(9'000'000);
  std::vector<Observation> seen;
  for (int i = 0; i < 4'096; ++i) seen.push_back({draws.chance(0.1), 0.1, draws.uniform()});
  const auto print_time = [&](const char* what, auto update) {
    constexpr std::size_t updates = 1'000'000;
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < updates; ++i) update(seen[i % seen.size()]);
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
    std::printf("| %s | %.0f ns |\n", what, taken.count() / updates);
  };
  GuardrailTest guardrail(0, true);
  MultinomialTest mismatch;
  DifferenceSequence difference;
  LatencyOutcome latency;
  print_time("guardrail, of a first window", [&](const Observation& each) { guardrail.add({}, each); });
  print_time("wrong shares", [&](const Observation& each) { mismatch.add(each.treated, each.share); });
  print_time("interval of the effect", [&](const Observation& each) { difference.add(each); });
  print_time("latency as an outcome", [&](const Observation& each) {
    latency.learn(1e4 * each.value);
    if (latency.outcome(1e4 * each.value) == 0.5) std::abort();  // it never is
  });
}

}  // namespace
}  // namespace triage::statistics

int main(int argc, char** argv) {
  using namespace triage::statistics;
  const int runs = argc > 1 ? std::atoi(argv[1]) : 2'000;
  const auto asked = [&](std::string_view part) {
    return argc < 3 || std::find(argv + 2, argv + argc, part) != argv + argc;
  };
  if (runs < 4) return 2;
  if (asked("equal") || asked("circumstances"))
    std::printf("\n| an equal treatment | rolled back | at most | another test |\n| --- | --- | --- | --- |\n");
  if (asked("equal")) equal(runs);
  if (asked("circumstances")) circumstances(runs);
  if (asked("bad")) {
    std::printf("\n| a bad treatment | required | margin | no margin | margin | in an experiment | of five |\n");
    std::printf("| --- | --- | --- | --- | --- | --- | --- |\n");
    bad(runs);
  }
  if (asked("disaster")) {
    std::printf("\n| epoch | treated requests, median | 99 %% | worst |\n| --- | --- | --- | --- |\n");
    disaster(runs);
  }
  if (asked("time")) {
    std::printf("\n| an update | |\n| --- | --- |\n");
    time();
  }
}
