#include "offline/baselines.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace triage::offline {
namespace {

struct Mean {
  double sum = 0;
  double count = 0;
};
using Folds = std::array<Mean, group_folds>;

// The mean over all folds but one.
Mean without(const Folds& folds, std::size_t left_out) {
  Mean out;
  for (std::size_t fold = 0; fold < group_folds; ++fold) {
    if (fold == left_out) continue;
    out.sum += folds[fold].sum;
    out.count += folds[fold].count;
  }
  return out;
}

}  // namespace

std::vector<double> length_scores(std::span<const Row> rows) {
  std::vector<double> out;
  out.reserve(rows.size());
  for (const Row& row : rows)
    out.push_back(static_cast<double>(
        std::ranges::count_if(row.question, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; })));
  return out;
}

std::vector<double> group_scores(std::span<const Row> rows, const Outcomes& outcomes, std::uint64_t seed) {
  std::map<std::string_view, Folds> groups;
  Folds all;
  Draws draws(seed);
  std::vector<std::size_t> fold(outcomes.units);
  for (std::size_t& each : fold) each = draws.below(group_folds);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t in = fold[outcomes.unit[i]];
    for (Mean* mean : {&groups[rows[i].group][in], &all[in]}) {
      mean->sum += outcomes.strong[i] - outcomes.weak[i];
      ++mean->count;
    }
  }
  if (groups.size() < 2) return {};
  std::vector<double> out;
  out.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t in = fold[outcomes.unit[i]];
    Mean mean = without(groups[rows[i].group], in);
    if (mean.count == 0) mean = without(all, in);
    out.push_back(mean.count > 0 ? mean.sum / mean.count : 0);
  }
  return out;
}

std::vector<double> oracle_scores(const Outcomes& outcomes) {
  std::vector<double> out;
  out.reserve(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) out.push_back(outcomes.strong[i] - outcomes.weak[i]);
  return out;
}

}  // namespace triage::offline
