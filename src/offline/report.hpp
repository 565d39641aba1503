#pragma once
// An evaluation for people and for programs.

#include "offline/evaluation.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace triage::offline {

/// What was evaluated.
struct Subject {
  std::string route;
  std::string data;  ///< the file
  std::string weak_tier;
  std::vector<std::string> strong_tiers;
  std::vector<std::string> notes;  ///< for people
  std::size_t main = no_main;      ///< the score that the thresholds are chosen for, an index into Evaluation::scored
  double threshold = 0;            ///< in force for that score; NaN: none is known
  static constexpr std::size_t no_main = static_cast<std::size_t>(-1);
};

/// "router 'classifier'", "prompt length".
std::string title_of(const ScoredResult& scored);

/// What follows, each a sentence; first whether the route is worth having.
std::vector<std::string> verdict_words(const Subject& subject, const Evaluation& found);

std::string evaluation_text(const Subject& subject, const Evaluation& found);

/// Shares and qualities are 0..1, money is USD a request; "NAME_interval" beside an estimate; null: not defined.
nlohmann::ordered_json evaluation_json(const Subject& subject, const Evaluation& found);

}  // namespace triage::offline
