#pragma once
// A request put through the routing code up to the point where it would be sent: what `triage explain` and the
// dashboard's router explorer say.

#include "pipeline/explain.hpp"
#include "pipeline/live/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace triage {

struct ExplainOrder {
  std::string path = "/v1/chat/completions";  ///< below /v1/, with its query
  std::vector<std::string> headers = {};      ///< each "name: value"
  std::optional<std::string> key = {};        ///< the name of the gateway key that calls
  std::optional<std::int64_t> output_tokens = {};
  std::string body = {};
  AnswerQuestion answer = {};  ///< for routers that call a model; without, they are not asked
};

struct ExplainedOrder {
  std::string text;
  bool refused = false;  ///< the request would not be sent
};

/// Throws UsageError for an order that is none. Of a body that is larger than limits.body one byte more will do.
ExplainedOrder explain_order(const Snapshot& snapshot, const ExplainOrder& order, bool json);

}  // namespace triage
