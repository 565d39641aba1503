#pragma once
// Options of the router `onnx-text`.

#include "routing/thresholds.hpp"
#include "triage/part_file.hpp"
#include "triage/units.hpp"

#include <cstdint>
#include <optional>

namespace triage {

/// Scores a request by a transformer that classifies texts: one of other people, with its own tokenizer.
struct OnnxTextSpec {
  PartFile model;
  PartFile tokenizer;
  bool lowercase = true;
  std::uint32_t tokens_max = 256;
  std::optional<std::uint32_t> label;  ///< of the model's outputs, from 0; absent: the last
  ThresholdsSpec thresholds;
  milliseconds timeout{100};
};

}  // namespace triage
