// Whole experiments whose treatment is no worse: users who come again, feedback that comes late, a share that rises,
// a day on which everything gets worse in both arms, five guardrails without a margin.
#include "unit/experiment/journal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>

namespace triage::experiment {
namespace {

constexpr int runs = 250;
constexpr int requests = 2500;
constexpr double alpha = 0.05;

bool rolled_back(std::uint64_t seed, double harm) {
  Chance chance(seed);
  Journal journal;
  Plan plan = plan_with({{QualitySignal::feedback, 0},
                         {QualitySignal::refusal, 0},
                         {QualitySignal::error, 0},
                         {QualitySignal::escalation, 0},
                         {QualitySignal::latency, 0}},
                        {{0.1, milliseconds(10'000), 1}, {0.5, milliseconds(10'000'000), 1}, {1}}, 2000);
  plan.alpha = alpha;
  journal.configure("v1", plan);
  std::deque<Sighting> later;
  for (int i = 0; i < requests; ++i) {
    const std::int64_t clock_ms = i * 20;
    const double worse = i > requests * 3 / 4 ? 0.2 : 0;  // for all
    journal.request(seed * 1000 + chance.whole() % 300, [&](Sighting& seen) {
      const double user = 0.2 * place_of(seen.unit * 7 + 1);
      const double bad = user + worse + (seen.treated ? harm : 0);
      seen[QualitySignal::refusal] = chance.with(bad) ? 1 : 0;
      seen[QualitySignal::escalation] = chance.with(0.1 + bad) ? 1 : 0;
      seen[QualitySignal::error] = chance.with(bad / 10) ? 1 : 0;
      seen[QualitySignal::latency] = 100 * (1 + bad) * std::exp(chance.share());
      Sighting said = seen;
      said.request = false;
      said.values = {};
      said[QualitySignal::feedback] = chance.with(0.9 - bad) ? 1 : 0;
      if (chance.with(0.3)) later.push_back(said);
    });
    if (later.size() > 200) {
      journal.add(later.front());
      later.pop_front();
    }
    if (i % 5 != 0) continue;
    const auto actions = journal.decide(clock_ms);
    if (std::ranges::find(actions, "rollback") != actions.end()) return true;
  }
  return false;
}

TEST(FalseAlarm, IsAsRareAsAlphaSays) {
  int count = 0;
  for (std::uint64_t run = 1; run <= runs; ++run) count += rolled_back(run, 0) ? 1 : 0;
  EXPECT_LE(count, runs * (alpha + 2 * std::sqrt(alpha * (1 - alpha) / runs)));
  std::printf("%d of %d equal treatments rolled back\n", count, runs);
}

TEST(FalseAlarm, AndAWorseTreatmentIsFound) {
  int count = 0;
  for (std::uint64_t run = 1; run <= 20; ++run) count += rolled_back(run, 0.4) ? 1 : 0;
  EXPECT_EQ(count, 20);
}

}  // namespace
}  // namespace triage::experiment
