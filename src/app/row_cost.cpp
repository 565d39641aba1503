#include "app/row_cost.hpp"

#include "base/text.hpp"
#include "routing/tier_cost.hpp"
#include "text/text_shape.hpp"

#include <algorithm>

namespace triage {
namespace {

std::int64_t tokens_of(const std::string& text) {
  TextShape shape;
  count_text(text, shape);
  return std::max<std::int64_t>(estimate_tokens(shape), 1);
}

}  // namespace

std::optional<double> call_cost_usd(const LiveTier& tier, const Usage& usage) {
  routing::TierCost cost;
  for (std::size_t i = 0; i < tier.members.size(); ++i) cost.add(tier.members[i]->spec->price, tier.weights[i]);
  return cost.usd(usage);
}

void RowCosts::add(Column& column, const LiveTier& tier, const std::optional<double>& own,
                   const std::optional<std::string>& answer, std::int64_t input_tokens) const {
  if (own) {
    column.usd.push_back(*own);
    return;
  }
  Usage usage;
  usage.input = input_tokens;
  usage.output = answer ? tokens_of(*answer) : output_tokens_;
  const auto cost = call_cost_usd(tier, usage);
  column.usd.push_back(cost.value_or(0));
  ++column.estimated;
  if (!answer) ++column.assumed;
  if (!cost) ++column.unknown;
}

void RowCosts::add(const offline::Row& row, std::int64_t input_tokens) {
  add(weak_costs_, weak_, row.cost_weak_usd, row.weak_response, input_tokens);
  add(strong_costs_, strong_, row.cost_strong_usd, row.strong_response, input_tokens);
}

std::string RowCosts::how(const Column& column, const std::string& tier) const {
  if (column.estimated == 0) return "";
  const std::string rows = std::to_string(column.usd.size());
  std::string out = "costs of tier " + quoted_name(tier) + " are estimated from its prices for " +
                    std::to_string(column.estimated) + " of " + rows + " rows";
  if (column.assumed > 0)
    out += ", with " + std::to_string(output_tokens_) + " tokens for an answer that a row does not have (" +
           std::to_string(column.assumed) + ")";
  return out;
}

void RowCosts::finish(offline::Outcomes& outcomes, std::vector<std::string>& notes) {
  for (const auto& [column, tier] : {std::pair{&weak_costs_, &weak_}, std::pair{&strong_costs_, &strong_}}) {
    const std::string name(tier->name);
    if (column->unknown > 0) {
      notes.push_back(
          "costs are not known: a deployment of tier " + quoted_name(name) +
          " has no price, and rows have none; give it a 'price', or the rows 'cost_weak' and 'cost_strong'");
      return;
    }
    if (const std::string text = how(*column, name); !text.empty()) notes.push_back(text);
  }
  outcomes.cost_weak_usd = std::move(weak_costs_.usd);
  outcomes.cost_strong_usd = std::move(strong_costs_.usd);
}

}  // namespace triage
