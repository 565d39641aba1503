#pragma once
// Options of the router `fixed`.

#include <string>

namespace triage {

struct FixedRouterSpec {
  std::string tier;
};

}  // namespace triage
