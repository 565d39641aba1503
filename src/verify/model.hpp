#pragma once
// Options of the verifier `model`.

#include "triage/part_file.hpp"
#include "triage/units.hpp"
#include "verify/llm.hpp"

#include <string>

namespace triage {

/// Scores how likely an answer is right by a model in the gateway.
struct ModelVerifierSpec {
  PartFile file{"builtin:verifier", "", ""};
  double accept_at = 0.7;
  milliseconds timeout{100};
  std::string second;  ///< a deployment that answers too; empty: none. Whether both agree says much
  milliseconds second_timeout{30'000};
  OnError on_error = OnError::escalate;
};

}  // namespace triage
