#pragma once
// What a route's decisions and scores are worth, beside what must be beaten (always-weak, always-strong, random,
// length, group mean) and what cannot be (the oracle).

#include "offline/bootstrap.hpp"
#include "offline/outcomes.hpp"
#include "offline/ranking.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triage::offline {

/// What a route did with each row.
struct Decisions {
  std::vector<std::uint8_t> up;     ///< 1: the strong model's answer was given; one a row, as the next
  std::vector<std::uint8_t> tried;  ///< 1: the weak model had been asked before, and is paid for too
};

/// A score of the rows, and where it comes from.
struct Scored {
  enum class Role : std::uint8_t {
    router,   ///< of a router of the chain
    cascade,  ///< 1 - the verifier's score of the weak answer
    given,    ///< `score` of the rows
    length,   ///< a baseline, like the rest
    group,
    oracle
  };
  Role role = Role::router;
  std::string name;  ///< for people: "router classifier"
  std::vector<double> scores;
};

struct ScoredResult {
  Scored::Role role = Scored::Role::router;
  std::string name;
  bool constant = false;  ///< all its scores are equal
  Estimate apgr;          ///< NaN values: not defined (ranking.hpp)
  std::array<Estimate, 3> cpt;
  Estimate apgr_exact;
  std::array<Estimate, 3> cpt_exact;
  Estimate apgr_cost;
  double quality_at_share = 0;    ///< at the route's own share of strong answers
  double quality_at_cost = 0;     ///< at the route's own cost; NaN without costs, or if even always-weak costs more
  std::vector<CurvePoint> curve;  ///< exact
};

/// What the route gave, per request.
struct RouteResult {
  Estimate share;  ///< of strong answers
  Estimate quality;
  Estimate cost_usd;          ///< NaN without costs
  Estimate accuracy;          ///< share of rows that went up exactly if the strong answer was better
  std::size_t easy = 0;       ///< rows whose weak answer is at least as good
  std::size_t easy_up = 0;    ///< of them went up: cost inflation
  std::size_t hard = 0;       ///< rows whose strong answer is better
  std::size_t hard_down = 0;  ///< of them stayed down: quality loss
  double inflation_usd = 0;   ///< paid for easy rows that went up, beyond what the weak answer costs; NaN without costs
  double lost_quality = 0;    ///< by hard rows that stayed down
  // What it has over others, in quality.
  Estimate over_random;             ///< over drawing the same share
  Estimate over_random_cost;        ///< over drawing at the same cost; NaN without costs
  Estimate over_constant;           ///< over the best constant model that costs no more
  bool constant_is_strong = false;  ///< that model
};

struct Evaluation {
  std::size_t rows = 0;
  std::size_t questions = 0;
  Resampling resampling;
  Estimate weak;  ///< quality of always-weak
  Estimate strong;
  Estimate cost_weak_usd;  ///< NaN without costs, like the next
  Estimate cost_strong_usd;
  double oracle_quality = 0;  ///< of the better answer of each row
  RouteResult route;
  std::vector<ScoredResult> scored;  ///< in the order given
};

/// A lower bound above 0: better, with 97.5 % confidence.
bool surely_better(const Estimate& difference) noexcept;
/// Whether the route beats random at the same share and the best constant model at the same cost.
bool worth_having(const Evaluation& evaluation) noexcept;

Evaluation evaluate(const Outcomes& rows, const Decisions& decisions, std::vector<Scored> scored,
                    const Resampling& resampling);

}  // namespace triage::offline
