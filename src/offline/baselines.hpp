#pragma once
// Scores that any router has to beat, and one that none can.

#include "offline/outcomes.hpp"
#include "offline/rows.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace triage::offline {

/// The length of the question, in characters.
std::vector<double> length_scores(std::span<const Row> rows);

inline constexpr std::size_t group_folds = 10;

/// The mean gain of the strong model in the row's group, over the other nine tenths of the questions, so that no row
/// helps to predict itself; the mean over all groups where these have none of the group. Empty: no row has a group, or
/// all have the same.
std::vector<double> group_scores(std::span<const Row> rows, const Outcomes& outcomes, std::uint64_t seed);

/// The gain of the strong model itself: no score can rank better.
std::vector<double> oracle_scores(const Outcomes& outcomes);

}  // namespace triage::offline
