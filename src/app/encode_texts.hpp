#pragma once
// Asks an encoder for the vectors of many texts, as the gateway would for a request, but without serving.

#include "pipeline/live/snapshot.hpp"
#include "routing/encoder.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace triage {

struct Encoding {
  std::size_t done = 0;                           ///< texts that got a vector
  std::optional<std::int64_t> cost_nano_usd = 0;  ///< of all calls; absent: the price is unknown
  std::string problem;                            ///< why it ended early; empty: it did not
};

/// Asks for the vectors of `texts`, a few at a time, and calls took(index, vector) as they come. A text that gets none
/// is asked about again a few times, with pauses; after that, or once took() returns false, no more are asked for.
Encoding encode_texts(const Snapshot& snapshot, const routing::Encoder& encoder, const std::vector<std::string>& texts,
                      const std::function<bool(std::size_t index, std::vector<float> vector)>& took);

}  // namespace triage
