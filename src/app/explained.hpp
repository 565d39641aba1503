#pragma once
// What `triage explain` found, as text and as JSON.

#include "pipeline/explain.hpp"
#include "text/text_signs.hpp"
#include "triage/router.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triage {

struct Explained {
  const Snapshot& snapshot;
  const RoutingInput& input;
  std::optional<Api> api;        ///< nullopt: the call passes through
  Usage assumed;                 ///< the usage that costs are computed for
  std::string_view output_from;  ///< where its output tokens come from
  bool any_key = false;          ///< keys are configured but none was named, so nothing was forbidden
  TextSigns signs = {};          ///< of the last user turn
  Explanation found = {};
};

/// The signs as rules see them.
TextSigns signs_of(const RoutingInput& input);

/// The average cost of a tier's requests, by the weights of its deployments that can take them.
struct TierCost {
  std::string_view tier;
  bool able = false;                          ///< at least one of them can
  std::optional<std::int64_t> cost_nano_usd;  ///< absent: a price is unknown
};
std::vector<TierCost> tier_costs(const Explanation& found);

std::string_view words_of(Mismatch mismatch) noexcept;

std::string explained_text(const Explained& explained);
std::string explained_json(const Explained& explained);

}  // namespace triage
