#pragma once
// Options of the verifier `self`.

#include <string>

namespace triage {

/// The model itself is asked how sure it is, in the same call.
struct SelfSpec {
  std::string instruction;  ///< empty: the built-in one
  std::string pattern;      ///< RE2 with one group, the confidence as 0..1, 0..100 or n%; empty: the built-in one
  double at_least = 0.7;
};

}  // namespace triage
