#pragma once
// Options of the verifier `self`.

#include <string>

namespace triage {

/// A verifier that asks the model itself, in the same call, how sure it is.
struct SelfSpec {
  std::string instruction;  ///< empty: the built-in one
  std::string pattern;      ///< RE2 with one group, the confidence as 0..1, 0..100 or n%; empty: the built-in one
  double at_least = 0.7;
};

}  // namespace triage
