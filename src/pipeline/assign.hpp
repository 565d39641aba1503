#pragma once

#include "pipeline/live/snapshot.hpp"

#include <string_view>

namespace triage {

/// Which policy serves a request. `unit` is what an experiment randomises, such as a user; the same unit always gets
/// the same policy. For now a route has one policy. Pure.
inline const Policy& assign(const LiveRoute& route, std::string_view /*unit*/) noexcept {
  return route.policy;
}

}  // namespace triage
