#pragma once
// What a labelled row's calls cost: as the row says, else estimated from its tier's prices and the texts' tokens.

#include "offline/outcomes.hpp"
#include "offline/rows.hpp"
#include "pipeline/live/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triage {

/// The mean cost of a call to the tier, by the weights of its deployments, in USD. nullopt: a price is not known.
std::optional<double> call_cost_usd(const LiveTier& tier, const Usage& usage);

class RowCosts {
 public:
  /// Both tiers must outlive this object. `output_tokens`: of answers that a row does not have.
  RowCosts(const LiveTier& weak, const LiveTier& strong, std::int64_t output_tokens)
      : weak_(weak), strong_(strong), output_tokens_(output_tokens) {}

  /// `input_tokens`: of the whole request.
  void add(const offline::Row& row, std::int64_t input_tokens);

  /// Moves the costs of all rows into `outcomes`, or none if that of a row is not known, and notes how they were found.
  void finish(offline::Outcomes& outcomes, std::vector<std::string>& notes);

 private:
  struct Column {
    std::vector<double> usd;
    std::size_t estimated = 0;
    std::size_t assumed = 0;  // of these: the answer's length too
    std::size_t unknown = 0;
  };
  void add(Column& column, const LiveTier& tier, const std::optional<double>& own,
           const std::optional<std::string>& answer, std::int64_t input_tokens) const;
  [[nodiscard]] std::string how(const Column& column, const std::string& tier) const;

  const LiveTier& weak_;
  const LiveTier& strong_;
  std::int64_t output_tokens_;
  Column weak_costs_;
  Column strong_costs_;
};

}  // namespace triage
